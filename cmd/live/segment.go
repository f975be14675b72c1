package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// segment analyses one and commits its tables, or does again what was committed.
func (a *analysis) segment(ctx context.Context, s *event.Segment) error {
	if s.Number < 1 || s.Number > maxSegment {
		return &job.Error{Exit: job.ExitRejected, Err: fmt.Errorf("%s has segment %d: numbers of segments are from 1 to %d",
			text.Escape(a.follow.path), s.Number, int64(maxSegment))}
	}
	mark := livefolder.Mark{Number: s.Number}
	want := a.redo[mark]
	if want == nil && s.Number <= a.history.mark.Number {
		return &job.Error{Exit: job.ExitRejected, Err: fmt.Errorf("%s has segment %d, and %s has rows of later ones already: numbers of segments must rise",
			text.Escape(a.follow.path), s.Number, text.Escape(a.o.Job.Out))}
	}
	a.known = s.Number
	in, refused := a.input(ctx, s)
	if ctx.Err() != nil && refused != nil { // the hash was not computed to its end
		return nil
	}
	if want != nil && refused != nil && !wasRefused(want) {
		if err := a.breakOff(fmt.Sprintf("segment %d is needed again, and %v", want.Number, refused.err)); err != nil {
			return err
		}
		return a.lookAgain(ctx)
	}
	if want != nil && wasRefused(want) { // it stays so, in the words of its row, whatever is there by now
		refused = &refusal{want.Input.Reason, noted(strings.Join(want.Input.Notes, " "))}
	}
	if err := a.openSession(); err != nil {
		return err
	}
	a.hasher.begin(ctx, a.o.Segments, a.follow.ahead())
	began := time.Now()
	out := a.newSinks(s.Number, livefolder.DateOf(s.OpenedNs), want)
	c, result, err := a.feed(ctx, s, in, refused, out)
	if err != nil {
		out.abort()
		a.session = nil // it is in the middle of the segment, which the next process does again
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			a.o.Log.Warn(fmt.Sprintf("segment %d was given up after %v and is done again by the next process", s.Number, grace))
			return nil
		}
		return classified(err)
	}
	a.worked, a.untidy = a.worked+time.Since(began), true
	a.last, a.lastDate = s.Number, out.name.Date
	return a.commit(ctx, c, want, result, s)
}

// classified gives an error of the stages its exit code.
func classified(err error) error {
	switch {
	case errors.Is(err, stages.ErrFilter):
		return failed(job.ExitUsage, err)
	case errors.Is(err, stages.ErrSink):
		return failed(job.ExitOutput, err)
	}
	return failed(job.ExitInternal, err)
}

// wasRefused reports whether a segment was not read when it was committed. What the reader rejects is not one
// of these: it does so again.
func wasRefused(c *livefolder.Commit) bool {
	return c.Input != nil && c.Input.Outcome == manifest.Rejected && slices.Contains([]string{whyMissing, whyDamaged, whyUnread}, c.Input.Reason)
}

// refusal says why a segment's file is not read.
type refusal struct {
	why string // of the table of gaps
	err error
}

// noted is why it was not read, as its commit says it: escaped.
type noted string

// Error implements error.
func (n noted) Error() string { return string(n) }

// note is what the table of gaps says of it.
func (r *refusal) note() string {
	var before noted
	if errors.As(r.err, &before) {
		return string(before)
	}
	return text.Escape(r.err.Error())
}

// input returns the file of a segment, if it is what capture recorded.
func (a *analysis) input(ctx context.Context, s *event.Segment) (*reading, *refusal) {
	number, _, temporary, ok := event.ParseName(s.Name)
	if !ok || temporary || number != s.Number {
		return nil, &refusal{whyDamaged, fmt.Errorf("its name is %s", short(s.Name))}
	}
	path := filepath.Join(a.o.Segments, s.Name)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &refusal{whyMissing, errors.New("its file is not there")}
	case err != nil:
		return nil, &refusal{whyUnread, err}
	case !info.Mode().IsRegular():
		return nil, &refusal{whyDamaged, errors.New("it is no regular file")}
	case info.Size() != s.Bytes:
		return nil, &refusal{whyDamaged, fmt.Errorf("it has %d bytes, recorded are %d", info.Size(), s.Bytes)}
	}
	sum, err := a.hasher.sum(ctx, path, info)
	switch {
	case err != nil:
		return nil, &refusal{whyUnread, err}
	case sum != s.SHA256:
		return nil, &refusal{whyDamaged, fmt.Errorf("its SHA-256 is %s, recorded is %s", sum, short(s.SHA256))}
	}
	o := a.o.Job
	o.Input.Hash = input.HashNone // it was computed
	return &reading{job.NewReading(path, path, &o), path, info}, nil
}

// reading is a segment's file whose hash is the recorded one.
type reading struct {
	*job.Reading
	path string
	info fs.FileInfo // before it was hashed
}

// changed reports whether the file is another one, or was written to, since it was hashed. A second
// hash would say no more: what is written behind the reader's back moves the time of the file. One that is
// gone was deleted by capture, for lack of room; what is open of it stays as it was.
func (r *reading) changed() bool {
	now, err := os.Lstat(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err != nil || !same(now, r.info)
}

// same reports whether a file is the one it was, and as it was.
func same(now, before fs.FileInfo) bool {
	return os.SameFile(now, before) && now.Size() == before.Size() && now.ModTime().Equal(before.ModTime())
}

// maxSegment is the last number that ten digits have room for.
const maxSegment = 9_999_999_999

// refusedInput is a segment that is not read. It has its place among the inputs all the same.
type refusedInput struct{ err error }

// Open implements stages.Input.
func (r refusedInput) Open(context.Context) (stages.Source, error) { return nil, r.err }

// Close implements stages.Input.
func (refusedInput) Close(*stages.InputSummary) error { return nil }

// newSinks are where the rows of a commit go.
func (a *analysis) newSinks(number int64, date string, want *livefolder.Commit) *sinks {
	s := &sinks{a: a, name: livefolder.PartName{Number: number, Date: date}, again: want != nil}
	s.all = a.history.first == 0 || a.history.first == number
	return s
}

// feed reads a segment and writes its parts.
func (a *analysis) feed(ctx context.Context, s *event.Segment, in *reading, refused *refusal, out *sinks) (*livefolder.Commit, *stages.Result, error) {
	inner, cancel := bounded(ctx)
	defer cancel()
	var from stages.Input = in
	if refused != nil {
		from = refusedInput{refused.err}
	}
	result, err := a.session.Feed(inner, []stages.Input{from}, out, a.progress)
	if err != nil {
		return nil, nil, err
	}
	if len(result.Inputs) != 1 {
		return nil, nil, fmt.Errorf("%d inputs of one segment", len(result.Inputs))
	}
	c := &livefolder.Commit{Number: s.Number, SHA256: short(s.SHA256), At: a.follow.at, Accounting: job.NewAccounting(&result.Accounting)}
	rows := append(a.gaps, gapsOf(s, a.gaps)...)
	if refused == nil {
		if in.changed() {
			return nil, nil, failed(job.ExitRejected, fmt.Errorf("%s changed while it was read; start the analysis again, which leaves it out if it is damaged", text.Escape(s.Name)))
		}
		summary := result.Inputs[0]
		summary.Belated(&result.Earlier)
		report := in.Report(&summary)
		if report.Unreadable() { // what a later process makes of it would be another thing
			return nil, nil, failed(job.ExitRejected, fmt.Errorf("%s could be read for its hash, and then not: %s; start the analysis again, which takes all of it, or leaves it out", text.Escape(s.Name), report.Line()))
		}
		report.AddStreams(&c.Accounting)
		entry := report.Entry()
		entry.SHA256 = s.SHA256
		entry.Accounting = nil // where packets wait, their outcomes are those of a later segment
		c.Input = &entry
		if !report.OK() {
			rows = append(rows, gap{start: s.OpenedNs, end: s.ClosedNs, ends: true, why: whyUnread, detail: report.Line()})
			a.o.Log.Warn(fmt.Sprintf("segment %d: %s", s.Number, report.Line()))
		}
	} else {
		c.Input = refusedEntry(filepath.Join(a.o.Segments, short(s.Name)), s, refused)
		rows = append(rows, missing(s, refused.why, refused.note()))
		a.o.Log.Warn(fmt.Sprintf("segment %d is left out: %v", s.Number, refused.err))
	}
	now := a.passed(s)
	if refused == nil {
		now = a.clock(result)
		a.cover(c.Input, now)
	}
	if a.now, c.ClockNs = now, now; result.Clock != packet.NoTime {
		c.ClockNs = result.Clock
	}
	c.Uncounted = s.KernelDrops == nil
	lacks(c, result)
	if err := out.gaps(rows); err != nil {
		return nil, nil, failed(job.ExitOutput, err)
	}
	c.Gaps, c.Drops = int64(len(rows)), a.countDrops(rows)
	c.Tables, err = out.close()
	return c, result, err
}

// countDrops sums up what rows of a commit count, and adds to the report what of it is surely missing: what the
// interface calls dropped may be in the segments, see capture.Report.Missing.
func (a *analysis) countDrops(rows []gap) (drops int64) {
	for i := range rows {
		drops += rows[i].drops
		if rows[i].why != whyFace {
			a.report.Drops += rows[i].drops
		}
	}
	return drops
}

// refusedEntry is the place of a segment that was not read among the inputs.
func refusedEntry(path string, s *event.Segment, r *refusal) *manifest.Input {
	in := &manifest.Input{Outcome: manifest.Rejected, Reason: r.why, Bytes: max(0, s.Bytes), Notes: []string{r.note()}}
	if isHash(s.SHA256) {
		in.SHA256 = s.SHA256
	}
	in.SetPath(path)
	return in
}

func isHash(s string) bool {
	return len(s) == 64 && !slices.ContainsFunc([]byte(s), func(c byte) bool { return (c < '0' || c > '9') && (c < 'a' || c > 'f') })
}

// clock is how far packet time has come with a segment. It goes by the times that are believed: one
// packet with an absurd time says nothing of the others.
func (a *analysis) clock(r *stages.Result) int64 {
	if r.Reached == packet.NoTime {
		return a.now
	}
	return r.Reached
}

// passed is how far it has come with a segment that was not read, as far as capture says.
func (a *analysis) passed(s *event.Segment) int64 {
	now := a.now
	for _, t := range []*int64{s.LastNs, s.WatermarkNs} {
		if t != nil {
			now = max(now, *t)
		}
	}
	return now
}

// cover says which stretch of packet time a segment is of: from where the one before it ended, if
// capture went on in between, to how far time has come.
func (a *analysis) cover(in *manifest.Input, clock int64) {
	if clock == 0 {
		return
	}
	first := a.now
	if a.now == 0 || slices.ContainsFunc(a.gaps, interrupts) {
		if in.FirstNs == nil {
			return
		}
		first = *in.FirstNs
	}
	if in.FirstNs != nil {
		first = min(first, *in.FirstNs)
	}
	last := clock
	for i := range a.gaps {
		if g := &a.gaps[i]; event.Why(g.why) == event.InterfaceDown && g.ends && g.end >= clock { // it still is when the segment ends
			last = min(last, g.start)
		}
	}
	in.Covered = &manifest.Covered{FromNs: min(first, last), ToNs: last}
}

// interrupts reports whether nothing was captured in a gap.
func interrupts(g gap) bool {
	switch event.Why(g.why) {
	case event.InterfaceDown, event.Killed, event.Stopped, whyLost, whyBrokeOff:
		return true
	}
	return false
}

// lacks notes what rows of a commit may lack.
func lacks(c *livefolder.Commit, r *stages.Result) {
	c.Evicted, c.TCPBytes, c.TCPGaps = r.Evicted, r.Streams.Bytes, r.Streams.GapBytes
}
