package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"pcapmill/cmd/baselines"
	"pcapmill/model/windows"
	"pcapmill/outputs/text"
)

// baselineBuildCmd are the arguments of baseline build.
type baselineBuildCmd struct {
	Tables    []string `arg:"" help:"Datasets, folders of hosts tables or files of these."`
	Out       string   `short:"o" required:"" placeholder:"FILE" help:"The baseline."`
	Append    bool     `help:"Add to the baseline that is there, if one is."`
	Force     bool     `help:"Replace the baseline that is there."`
	MaxAge    ageDays  `placeholder:"30d" help:"Keep so many days, the newest one in the baseline included, and drop older ones."`
	Hosts     *int     `placeholder:"N" help:"Keep N hosts by themselves, those of private addresses first; the others are summed up. ${baseline_hosts} by default."`
	Keys      int      `placeholder:"N" default:"-1" help:"Keep N keys of services, peers and endpoints for a host and day; 0: none. ${baseline_keys} by default."`
	Labels    string   `placeholder:"FILE" help:"Labels of hosts, each of which is a segment: lines of an address or prefix, a comma, and the label."`
	Protocols bool     `help:"Make a segment of each IP protocol too. Hosts that speak several take a multiple of the room."`
	Covered   float64  `placeholder:"SHARE" default:"${baseline_covered}" help:"Leave out windows of which captures cover a smaller share."`
	Quiet     bool     `short:"q" help:"Say nothing but what is wrong."`
}

// ageDays is a number of days on the command line, as 30d.
type ageDays int

// UnmarshalText reads days with a d behind them or not.
func (a *ageDays) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(strings.TrimSuffix(string(text), "d"))
	if err != nil || n < 1 || n > 1e6 {
		return fmt.Errorf("age %q: want days, as 30d", text)
	}
	*a = ageDays(n)
	return nil
}

// Run implements the command.
func (c *baselineBuildCmd) Run(ctx context.Context, s streams) error {
	build := baselines.Build{
		Out: c.Out, Tables: c.Tables, Append: c.Append, Force: c.Force, Days: int(c.MaxAge), Keys: c.Keys,
		Labels: c.Labels, Protocols: c.Protocols, Covered: c.Covered,
	}
	if c.Hosts != nil {
		if build.Hosts = *c.Hosts; build.Hosts == 0 { // which stands for none given
			build.Hosts = -1
		}
	}
	done, err := build.Run(ctx)
	if err != nil {
		return unlearned(ctx, err)
	}
	if !c.Quiet {
		c.report(s.err, done)
	}
	return nil
}

// report says what came of it.
func (c *baselineBuildCmd) report(w io.Writer, done *baselines.Built) {
	for _, path := range done.Skipped {
		fmt.Fprintf(w, "%s is in the baseline already: left out\n", text.Escape(path))
	}
	for i := range done.Added {
		q := &done.Added[i]
		fmt.Fprintf(w, "%s: %s in %s\n", text.Escape(q.Path), text.Plural(q.Rows, "row"), text.Plural(q.Windows, "window"))
		for _, note := range doubts(q) {
			fmt.Fprintf(w, "  %s\n", note)
		}
	}
	if done.TooOld > 0 {
		fmt.Fprintf(w, "%s of days that were dropped before: left out\n", text.Plural(int64(done.TooOld), "row"))
	}
	if done.Forgot {
		fmt.Fprintf(w, "days before %s are dropped\n", done.Dropped)
	}
	if done.Nothing {
		fmt.Fprint(w, "nothing to do\n")
	}
	fmt.Fprintf(w, "%s: %s\n", text.Escape(c.Out), extentLine(&done.Extent))
}

// doubts says what makes a table say less than it seems to.
func doubts(q *windows.Quality) []string {
	var notes []string
	say := func(n int64, format string, args ...any) {
		if n > 0 {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	for _, out := range q.LeftOut {
		say(out.Windows, "%s", out)
	}
	if !q.Keys {
		notes = append(notes, "no pairs table beside it: nothing is known of services and peers")
	}
	say(q.NoKeys, "%s with too many pairs: nothing is known of their services and peers", text.Plural(q.NoKeys, "window"))
	say(int64(q.Lost), "%s left out, of hosts with too many", text.Plural(int64(q.Lost), "key"))
	r := q.Recorded
	if r == nil {
		return append(notes, "no manifest: whether captures are whole is not known")
	}
	say(r.Cut, "%s read in part", text.Plural(r.Cut, "capture"))
	say(r.Rejected, "%s not read", text.Plural(r.Rejected, "capture"))
	if r.Dropped != nil {
		say(*r.Dropped, "captures say that they lack %s of %d", text.Plural(*r.Dropped, "packet"), r.Packets)
	}
	say(r.Malformed, "%s malformed of %d", text.Plural(r.Malformed, "packet"), r.Packets)
	return notes
}
