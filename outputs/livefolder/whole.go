package livefolder

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
)

// Span is what a session's commits come to.
type Span struct {
	From, Through Mark // numbers of its first and last commit; both zero where it has none
	Ended         bool // else it goes on, or broke off
	Accounting    manifest.Accounting
}

// Covers reports whether a part is one of the session's.
func (s *Span) Covers(p PartName) bool {
	return s.From.Number > 0 && p.Number >= s.From.Number && s.Through.Covers(p)
}

// Found is what a ledger says besides what goes into the manifest.
type Found struct {
	View  View     // how far the ledger was read
	End   int64    // offset in it behind the last whole record, where all of it was read
	Spans []Span   // the sessions
	Wrong []string // in what the manifest does not agree with the ledger
}

// Whole puts into the manifest of a folder of live tables what the folder's ledger says now: parts,
// inputs, sums, checks, up to the last commit. Of other manifests it leaves everything as it is, and
// finds nothing. The error is one of Visit.
func Whole(dir string, m *manifest.Manifest) (Found, error) {
	if m.Live == nil {
		return Found{}, nil
	}
	return wholeUpTo(dir, m, allRecords)
}

const allRecords = math.MaxInt64

// errEnough ends the reading of a ledger that goes on.
var errEnough = errors.New("enough")

// wholeUpTo is Whole up to a record. A manifest that sums up later ones is not compared.
func wholeUpTo(dir string, m *manifest.Manifest, records int64) (Found, error) {
	w := newWhole(m)
	w.records, w.said = records, m.Live.Records > records
	path := filepath.Join(dir, m.Live.Ledger)
	at, err := Visit(path, ledger.Position{}, &Visitor{
		Session: w.session, Commit: w.commit, Gap: w.gap, End: w.end,
		record: w.record,
	})
	if errors.Is(err, errEnough) {
		at, err = w.at, nil
	}
	if err != nil {
		return Found{}, err
	}
	w.compare(at)
	w.finish(m, at)
	if err := m.Validate(); err != nil {
		return Found{}, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	return Found{View{Dir: dir, Records: at.Seq, Head: at.Head, Last: w.last}, at.Offset, w.spans, w.wrong}, nil
}

// whole gathers what a ledger says.
type whole struct {
	stated *manifest.Manifest // as it is in the file
	tables []manifest.Table
	places map[string]int // of these, by name
	inputs []manifest.Input
	sum    manifest.Accounting
	spans  []Span
	checks Checks
	errors []manifest.ErrorCount
	kinds  map[manifest.ErrorCount]int // where in errors one of no number is
	stream map[string]int64
	notes  []string
	gone   int64
	since  struct{ evicted, bytes, gaps int64 } // what commits say rows lack, of a session whose end has not
	open   bool
	last   Mark
	said   bool // the manifest's record was met, or will not be
	wrong  []string

	records int64           // that are read
	at      ledger.Position // behind the last of them, where there are more
}

func newWhole(m *manifest.Manifest) *whole {
	stated := *m
	w := &whole{stated: &stated, tables: slices.Clone(m.Tables), places: map[string]int{}, kinds: map[manifest.ErrorCount]int{}}
	for i := range w.tables {
		w.tables[i].Rows, w.tables[i].Parts = 0, nil
		w.places[w.tables[i].Name] = i
	}
	return w
}

// record is told of each record before anything else is.
func (w *whole) record(r *ledger.Record) error {
	if !w.said && r.Seq == w.stated.Live.Records+1 {
		w.compare(ledger.Position{Seq: r.Seq - 1, Head: r.Prev})
	}
	if r.Seq > w.records {
		w.at = ledger.Position{Seq: r.Seq - 1, Head: r.Prev}
		return errEnough
	}
	return nil
}

// compare asks whether the manifest says what the ledger does, at the record up to which it sums
// up.
func (w *whole) compare(at ledger.Position) {
	l := w.stated.Live
	switch {
	case w.said:
		return
	case at.Seq != l.Records:
		w.disagree("it sums up %d records, the ledger has %d", l.Records, at.Seq)
	case at.Head != l.Head:
		w.disagree("record %d of the ledger is another one", l.Records)
	case l.Segments != int64(len(w.inputs)) || l.Through != w.last.Number:
		w.disagree("%d segments up to %d, the ledger has %d up to %d", l.Segments, l.Through, len(w.inputs), w.last.Number)
	}
	w.said = true
	if d := w.sum.Minus(&w.stated.Accounting); d.PacketsRead != 0 || d.CapturedBytes != 0 || d.WireBytes != 0 || d.StreamBytes != 0 ||
		len(d.Packets)+len(d.CapturedBy)+len(d.WireBy)+len(d.StreamBy) > 0 {
		w.disagree("its accounting is not the sum over the ledger's commits")
	}
	for i := range w.tables {
		if got, want := w.stated.Tables[i].Rows, w.tables[i].Rows; got != want {
			w.disagree("table %s has %d rows, in the ledger %d", w.tables[i].Name, got, want)
		}
	}
}

func (w *whole) disagree(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func (w *whole) session(s *Session, _ *ledger.Record) error {
	w.endless()
	w.spans, w.open = append(w.spans, Span{}), true
	if s.PlanID != w.stated.PlanID {
		w.disagree("the ledger is of plan %q", s.PlanID)
	}
	return nil
}

// span returns the session at hand.
func (w *whole) span() *Span {
	if len(w.spans) == 0 {
		w.spans = append(w.spans, Span{})
	}
	return &w.spans[len(w.spans)-1]
}

func (w *whole) commit(c *Commit, _ *ledger.Record) error {
	s := w.span()
	w.last = Mark{c.Number, c.AtEnd}
	if s.From.Number == 0 {
		s.From = w.last
	}
	s.Through = w.last
	s.Accounting.Plus(&c.Accounting)
	w.sum.Plus(&c.Accounting)
	w.since.evicted, w.since.bytes, w.since.gaps = w.since.evicted+c.Evicted, w.since.bytes+c.TCPBytes, w.since.gaps+c.TCPGaps
	if c.Input != nil {
		w.inputs = append(w.inputs, *c.Input)
	}
	for i := range c.Tables {
		p := &c.Tables[i]
		at, known := w.places[p.Name]
		if !known {
			return fmt.Errorf("%w: commit %d has a table %q", ErrRecord, c.Number, p.Name)
		}
		t := &w.tables[at]
		t.Rows += p.Rows
		t.Parts = append(t.Parts, manifest.Part{Path: p.Path, Rows: p.Rows, Bytes: p.Bytes, SHA256: p.SHA256})
	}
	return nil
}

func (w *whole) gap(g *Gap) error {
	w.open = false
	w.notes = append(w.notes, fmt.Sprintf("rows of a session stop with segment %d, its open flows are missing: %s", g.Through, g.Why))
	return nil
}

func (w *whole) end(e *End) error {
	w.span().Ended, w.open = true, false
	w.checks.End(e)
	w.notes = append(w.notes, e.Notes...)
	w.since.evicted, w.since.bytes, w.since.gaps = 0, 0, 0
	w.gone += e.Evicted
	for _, c := range e.Errors {
		w.addErrors(c)
	}
	for name, n := range e.Streams {
		w.addStreams(name, n)
	}
	return nil
}

// endless counts what a session lacks that has no end, or none yet: an hour of open tables is compared
// with others, too.
func (w *whole) endless() {
	w.gone += w.since.evicted
	if w.since.bytes+w.since.gaps > 0 {
		w.addStreams("bytes", w.since.bytes)
		w.addStreams("gap_bytes", w.since.gaps)
	}
	w.since.evicted, w.since.bytes, w.since.gaps = 0, 0, 0
}

func (w *whole) addStreams(name string, n int64) {
	if w.stream == nil {
		w.stream = map[string]int64{}
	}
	w.stream[name] += n
}

func (w *whole) addErrors(c manifest.ErrorCount) {
	kind := c
	kind.N = 0
	if at, is := w.kinds[kind]; is {
		w.errors[at].N += c.N
		return
	}
	w.kinds[kind] = len(w.errors)
	w.errors = append(w.errors, c)
}

// finish fills the manifest.
func (w *whole) finish(m *manifest.Manifest, at ledger.Position) {
	w.endless()
	m.Tables, m.Inputs, m.Accounting = w.tables, w.inputs, w.sum
	m.SelfChecks, m.Errors, m.Streams = w.checks.All, w.errors, w.stream
	m.Notes = append(slices.Clone(m.Notes), w.notes...)
	if len(m.Limits) > 0 {
		limits := map[string]int64{}
		for name, n := range m.Limits {
			limits[name] = n
		}
		limits["evicted_flows"] = w.gone
		m.Limits = limits
	}
	m.RunID = manifest.RunID(m.PlanID, m.InputHashes())
	live := *m.Live
	live.Records, live.Head = at.Seq, at.Head
	live.Segments, live.Through, live.Sessions, live.Open = int64(len(w.inputs)), w.last.Number, int64(len(w.spans)), w.open
	m.Live = &live
}

// Summary is the manifest that is kept in the folder: with the sums of the whole one, and without
// what grows.
func Summary(m *manifest.Manifest) *manifest.Manifest {
	s := *m
	s.RunID, s.Inputs, s.Errors, s.Streams = "", nil, nil, nil
	s.Notes = nil
	s.Tables = slices.Clone(m.Tables)
	for i := range s.Tables {
		s.Tables[i].Parts = nil
	}
	return &s
}
