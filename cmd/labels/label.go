package labels

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/coverage"
	"pcapmill/datasets/label/labels"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
	"pcapmill/outputs/where"
)

// Kind is what manifests of folders of labels say that these are.
const Kind = "labels"

// What attempts of attacks are called.
const (
	AttemptSuffix = "suffix" // by another label: that of the attack with " - Attempted" behind it
	AttemptSame   = "same"   // as the attack
	AttemptDrop   = "drop"   // nothing: they are ambiguous, neither attack nor not
)

// attempted is what AttemptSuffix puts behind a label.
const attempted = " - Attempted"

// Tables that a label can be carried to.
const (
	ToRecords = "records"
	ToWindows = "windows"
)

// Label says what is labelled, by what, and how.
type Label struct {
	Tables  string
	Rules   []string
	Out     string
	Source  source.Options
	Match   match.Config
	Attempt string   // AttemptSuffix, AttemptSame or AttemptDrop
	Skip    []string // globs of labels that are as if nobody had said them
	To      []string // ToRecords, ToWindows
	Packets []string // captures whose packets are labelled too
	PcapML  bool     // these are written as pcapng with comments as well
	Force   bool
	Tool    manifest.Tool
	Command []string
	Again   []string // for manifest.json: the command that does the same, without tables, rules and folder
}

// Labelled is what came of it.
type Labelled struct {
	Nothing bool             // the folder has this result already
	Report  *coverage.Report // of that, too
	Refused int64            // lines of sources that were not understood
	Damaged int64            // captures that were read in part
}

func (l *Label) validate() error {
	switch {
	case len(l.Rules) == 0 && len(l.Source.FromName) == 0:
		return usage.Errorf("nothing says what flows are: name --rules or --from-name")
	case !slices.Contains([]string{AttemptSuffix, AttemptSame, AttemptDrop}, l.Attempt):
		return usage.Errorf("attempts are called %q, which is neither %s, %s nor %s", l.Attempt, AttemptSuffix, AttemptSame, AttemptDrop)
	case l.PcapML && len(l.Packets) == 0:
		return usage.Errorf("packets with comments need captures: name them with --packets")
	}
	for _, to := range l.To {
		if to != ToRecords && to != ToWindows {
			return usage.Errorf("labels are not carried to %q", to)
		}
	}
	return nil
}

// Run labels the flows of a dataset.
func (l *Label) Run(ctx context.Context) (*Labelled, error) {
	if err := l.validate(); err != nil {
		return nil, err
	}
	o, err := open(ctx, l.Tables)
	if err != nil {
		return nil, err
	}
	l.Source.Captures, l.Source.View = o.captures, o.view
	set, err := source.Read(ctx, l.Rules, l.Source)
	if err != nil {
		return nil, err
	}
	w := &work{Label: l, tables: o, set: set}
	skipped := w.skip()
	done := &Labelled{}
	for i := range set.Sources {
		done.Refused += set.Sources[i].Refused
	}
	if err := w.plan(ctx); err != nil {
		return nil, err
	}
	w.folder, err = folder.Create(l.Out, w.spec)
	if err != nil {
		return nil, err
	}
	if w.folder == nil {
		done.Nothing = true
		return done, done.recall(l.Out)
	}
	if skipped > 0 {
		w.note("%d things said of flows are as if nobody had said them, for their labels are skipped.", skipped)
	}
	if err := w.run(ctx); err != nil {
		return nil, errors.Join(err, w.folder.Abort())
	}
	done.tell(w.report)
	return done, nil
}

// tell takes what a report says.
func (l *Labelled) tell(r *coverage.Report) {
	l.Report = r
	for i := range r.Captures {
		if r.Captures[i].Damage != "" {
			l.Damaged++
		}
	}
}

// recall takes what the labels that are there say, so that it can be told again.
func (l *Labelled) recall(dir string) error {
	path := filepath.Join(dir, coverageName)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	r, err := coverage.ReadJSON(f)
	if err != nil {
		return fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	l.tell(r)
	return nil
}

// work is one labelling.
type work struct {
	*Label
	tables  *opened
	set     *label.Set
	spec    folder.Spec
	version string
	folder  *folder.Folder
	book    *labels.Book // nil: labels are carried nowhere
	tally   *coverage.Tally
	named   labels.Named
	numbers []int32 // of the captures of Packets
	report  *coverage.Report
	wanted  map[int64][]*coverage.Miss // flows that the report describes
	dropped map[int32]int64            // by rule: attempts that it does not label, as they are dropped
	notes   []string
}

func (w *work) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// skip takes out what has a label that is skipped, and returns how much that is.
func (w *work) skip() int64 {
	if len(w.Skip) == 0 {
		return 0
	}
	var globs []where.Glob
	for _, pattern := range w.Skip {
		globs = append(globs, where.NewGlob(pattern))
	}
	gone := func(m *label.Meaning) bool {
		return slices.ContainsFunc(globs, func(g where.Glob) bool { return g.Match([]byte(m.Label)) })
	}
	before := len(w.set.Rules) + len(w.set.Events) + len(w.set.Scores)
	w.set.Rules = slices.DeleteFunc(w.set.Rules, func(r label.Rule) bool { return gone(&r.Meaning) })
	w.set.Events = slices.DeleteFunc(w.set.Events, func(e label.Event) bool { return gone(&e.Meaning) })
	w.set.Scores = slices.DeleteFunc(w.set.Scores, func(s label.Score) bool { return gone(&w.set.Meanings[s.Meaning]) })
	return int64(before - len(w.set.Rules) - len(w.set.Events) - len(w.set.Scores))
}

// plan says what decides the bytes of the folder.
func (w *work) plan(ctx context.Context) error {
	paths := make([]string, len(w.set.Sources))
	for i := range w.set.Sources {
		paths[i] = w.set.Sources[i].Path
	}
	names := namesOf(paths)
	options := w.options(names)
	asked, err := predicates(w.tables.view, w.tables.flows, w.set)
	if err != nil {
		return err
	}
	options["predicate_columns"] = folder.JoinList(asked)
	w.spec = folder.Spec{Kind: Kind, Reads: slices.Concat([]string{w.Tables}, w.Rules, w.Packets), Options: options, Sources: w.tables.sources, Tool: w.Tool, Force: w.Force, Command: w.Command, Again: w.Again, Parquet: parquetfile.DefaultConfig()}
	said := sha256.New()
	for i := range w.set.Sources {
		s := &w.set.Sources[i]
		if s.SHA256 == "" { // names of captures, which options have
			continue
		}
		w.spec.Sources = append(w.spec.Sources, folder.FileSource("rules", s.Path, s.Kind.String(), s.SHA256, s.Bytes))
		fmt.Fprintf(said, "source %s %s\n", s.Kind, s.SHA256)
	}
	for _, path := range w.Packets {
		sum, size, err := manifest.HashFile(ctx, path)
		if err != nil {
			return fmt.Errorf("%w: %w", labels.ErrCapture, err)
		}
		w.spec.Sources = append(w.spec.Sources, folder.FileSource("packets", path, "capture", sum, size))
	}
	if err := w.number(); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(options)) {
		if key != "to" && key != "pcapml" { // say nothing of what flows are called
			fmt.Fprintf(said, "%s %q\n", key, options[key])
		}
	}
	fmt.Fprintf(said, "tool %s %s\n", w.Tool.Name, w.Tool.Version)
	w.version = hex.EncodeToString(said.Sum(nil)[:16])
	for i := range w.set.Sources {
		w.set.Sources[i].Path = names[i] // what is written does not hang on where sources are
	}
	return nil
}

// options are all that change a row, as text.
func (w *work) options(sources []string) map[string]string {
	zone := ""
	if w.Source.Zone != nil {
		zone = w.Source.Zone.String()
	}
	threshold := ""
	if w.Source.Threshold != nil {
		threshold = strconv.FormatFloat(*w.Source.Threshold, 'g', -1, 64)
	}
	return map[string]string{
		"zone": zone, "format": w.Source.Format, "preset": w.Source.Preset, "csv_map": w.Source.Mapping, "alert_label": w.Source.AlertLabel,
		"max_events": strconv.FormatInt(w.Source.MaxEvents, 10), "max_scores": strconv.FormatInt(w.Source.MaxScores, 10),
		"from_name": quoted(w.Source.FromName), "score_column": w.Source.ScoreColumn, "score_label": w.Source.ScoreLabel,
		"score_threshold": threshold,
		"before":          w.Match.Before.String(), "after": w.Match.After.String(), "max_hits": strconv.Itoa(w.Match.MaxHits),
		"max_candidates": strconv.Itoa(w.Match.MaxCandidates), "max_per_event": strconv.Itoa(w.Match.MaxPerEvent),
		"max_conflicts": strconv.Itoa(w.Match.MaxConflicts), "attempted": w.Attempt, "skip_label": quoted(w.Skip),
		"to": quoted(w.To), "pcapml": strconv.FormatBool(w.PcapML), "source_names": quoted(sources),
	}
}

// quoted is a list as one text that no other list gives.
func quoted(list []string) string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = strconv.Quote(s)
	}
	return strings.Join(all, ",")
}

// run writes the folder.
func (w *work) run(ctx context.Context) error {
	w.tally, w.named.Packets = coverage.NewTally(w.set), labels.Places{}
	if len(w.To)+len(w.Packets) > 0 {
		w.book = labels.NewBook(w.tables.view)
	}
	w.report = &coverage.Report{Tables: w.tables.name, Version: w.version}
	if err := w.flows(ctx); err != nil {
		return err
	}
	if w.book != nil {
		if again := w.book.Done(); again > 0 {
			w.note("%d flows have the flow_id of a flow before them: messages go by the first of these.", again)
		}
	}
	if err := w.carry(ctx); err != nil {
		return err
	}
	if err := w.packets(ctx); err != nil {
		return err
	}
	w.report.Sources = sourcesOf(w.set)
	if err := w.writeReport(); err != nil {
		return err
	}
	return w.folder.Finish(w.notes)
}

// coverageName is the report as JSON, by which it is told again.
const coverageName = "coverage.json"

// writeReport writes what there is to say of the labels beside them.
func (w *work) writeReport() error {
	w.report.Notes = append(w.report.Notes, w.notes...)
	if err := w.folder.File(coverageName, func(out io.Writer) error { return coverage.JSON(out, w.report) }); err != nil {
		return err
	}
	return w.folder.File("coverage.html", func(out io.Writer) error { return WriteReport(out, w.report, ".html", 0) })
}

// pcapmlName is what the packets of a capture are written to.
func pcapmlName(number int32, path string) string {
	base := filepath.Base(path)
	for {
		ext := filepath.Ext(base)
		if ext == "" || ext == base {
			break
		}
		base = strings.TrimSuffix(base, ext)
	}
	return fmt.Sprintf("packets-%03d-%s.pcapng", number, plain(base))
}

// plain keeps what any file system takes.
func plain(name string) string {
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}
	name = strings.Map(keep, name)
	return name[:min(len(name), 64)]
}
