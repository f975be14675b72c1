package rules

import (
	"fmt"
	"math"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/where"
)

// machine applies one rule. It belongs to one goroutine.
type machine struct {
	rule   *Rule
	past   *past // nil: the rule asks no baseline
	ask    ask
	memory *memory

	clock  int64                       // time of the latest row
	over   int64                       // windows that end here or before are over, and events before their begin are alerts
	groups map[int64]map[string]*group // by begin of window
	folder folder
	result *Outcome
}

// memory is what all machines of an engine hold together.
type memory struct {
	used, most int64
	alerts     int64  // of used, what stays: half of most at most
	relieve    func() // ends windows that are over by now
}

// full reports whether there is no more, nor can be made.
func (m *memory) full() bool {
	if m.used > m.most {
		m.relieve()
	}
	return m.used > m.most
}

// group is the rows of one window and group.
type group struct {
	tally
	keys        []Field
	evidence    []Field // of the first row
	first, last int64   // ns
	bytes       int64
}

const groupBytes = tallyBytes + 160 // with its place in a map

func newMachine(r *Rule, m *memory, alerts int) *machine {
	result := &Outcome{Rule: r}
	return &machine{
		rule: r, memory: m, clock: math.MinInt64, over: math.MinInt64, groups: map[int64]map[string]*group{}, result: result,
		folder: folder{rule: r, most: alerts, result: result, memory: m, open: map[string]int{}, folded: math.MinInt64},
	}
}

// feed is a machine on the columns of one file.
type feed struct {
	*machine
	*binding
	rows []int32
	key  []byte
}

// take applies the rule to rows. Errors are those of reading the baseline.
func (f *feed) take(b *batch.Batch) error {
	f.result.Rows += int64(b.Rows)
	f.rows = where.Pass(f.where, b, f.rows[:0])
	for _, row := range f.rows {
		at, ok := timeAt(f.time, b, int(row))
		if !ok {
			f.result.WithoutTime++
			continue
		}
		f.clock = max(f.clock, at)
		usual, met, err := f.relative(b, int(row), at)
		if err != nil {
			return err
		}
		if !met {
			continue
		}
		f.result.Matched++
		if f.rule.Aggregate != nil {
			f.group(b, int(row), at)
			continue
		}
		f.folder.add(event{time: at, last: at, rows: 1, keys: fieldsAt(f.by, b, int(row)), evidence: append(fieldsAt(f.evidence, b, int(row)), usual...)})
	}
	return nil
}

// timeAt returns an instant in ns.
func timeAt(c cellAt, b *batch.Batch, row int) (int64, bool) {
	v := &b.Vectors[c.at]
	if v.Null(row) {
		return 0, false
	}
	ns := v.Int64[row]
	if c.col.Type != column.Timestamp {
		return ns, true
	}
	const most = math.MaxInt64 / 1000
	return ns * 1000, ns <= most && ns >= -most
}

// relative asks the baseline, where the rule does: met is whether the row is unusual, and
// usual what is so in its place.
func (f *feed) relative(b *batch.Batch, row int, at int64) (usual []Field, met bool, err error) {
	if f.past == nil {
		return nil, true, nil
	}
	address, ok := addressAt(f.host.col, &b.Vectors[f.host.at], row)
	q := question{time: at}
	if ok {
		ok = f.fill(&q, b, row)
	}
	if !ok {
		f.result.Unjudged++
		return nil, false, nil
	}
	verdict, center, err := f.ask.judge(f.past, address, q)
	switch {
	case err != nil:
		return nil, false, err
	case verdict == unjudged:
		f.result.Unjudged++
	case verdict == unusual && f.rule.Baseline.Kind == Spike:
		usual = []Field{{Name: "usual_" + f.rule.Baseline.Feature, Value: formatNumber(center), Number: true}}
	}
	return usual, verdict == unusual, nil
}

// fill takes the value or key from a row; false where it is not known.
func (f *feed) fill(q *question, b *batch.Batch, row int) (ok bool) {
	switch f.rule.Baseline.Kind {
	case Spike:
		c := f.asked[0]
		v := &b.Vectors[c.at]
		if v.Null(row) || !f.sameWindow(b, row) {
			return false
		}
		q.value = where.NumberAt(c.col.Type, v, row)
		return finite(q.value)
	case NewKey:
		q.key, ok = keyAt(f.asked, b, row)
		return ok
	}
	return true
}

// sameWindow reports whether a row's window is as long as those of the baseline: values of
// longer ones are larger, or vary less.
func (f *feed) sameWindow(b *batch.Batch, row int) bool {
	want := f.past.base.Table().Window
	if f.window.col == nil || want == 0 {
		return true
	}
	got := where.IntegerAt(f.window.col.Type, &b.Vectors[f.window.at], row)
	if got == want {
		return true
	}
	f.result.skip(fmt.Sprintf("windows of %v: those of the baseline are of %v", time.Duration(got), time.Duration(want)))
	return false
}

// group adds a row to its window and group.
func (f *feed) group(b *batch.Batch, row int, at int64) {
	begin := beginOf(at, f.rule.Window)
	f.key = f.key[:0]
	for _, c := range f.by {
		f.key = appendKey(f.key, c, b, row)
	}
	g := f.groups[begin][string(f.key)]
	full := (g == nil || g.distinct != nil && g.distinct.Exact()) && f.memory.full() // which can end windows
	switch {
	case f.rule.Window > 0 && begin < f.over:
		f.result.Late++
		return
	case full:
		f.result.LeftOut++
		return
	case g == nil:
		g = f.newGroup(begin, b, row)
	}
	g.see(f, b, row, at)
	var v *batch.Vector
	if f.aggregate.col != nil {
		v = &b.Vectors[f.aggregate.at]
	}
	g.grow(f.memory, g.tally.add(f.rule.Aggregate, f.aggregate.col, v, row))
}

func (f *feed) newGroup(begin int64, b *batch.Batch, row int) *group {
	g := &group{keys: fieldsAt(f.by, b, row), first: math.MaxInt64, last: math.MinInt64}
	if f.groups[begin] == nil {
		f.groups[begin] = map[string]*group{}
	}
	f.groups[begin][string(f.key)] = g
	g.grow(f.memory, groupBytes+len(f.key)+fieldBytes(g.keys))
	return g
}

func (g *group) grow(m *memory, n int) {
	g.bytes += int64(n)
	m.used += int64(n)
}

// see notes when the row was, and its evidence where it is the first: of several at that
// time the one whose evidence comes first, so that no order shows.
func (g *group) see(f *feed, b *batch.Batch, row int, at int64) {
	g.last = max(g.last, at)
	if at > g.first {
		return
	}
	evidence := fieldsAt(f.evidence, b, row)
	if at < g.first || compareFields(evidence, g.evidence) < 0 {
		g.grow(f.memory, fieldBytes(evidence)-fieldBytes(g.evidence))
		g.evidence = evidence
	}
	g.first = at
}

// beginOf returns the begin of the window that an instant is in.
func beginOf(at int64, window time.Duration) int64 {
	if window == 0 {
		return 0
	}
	begin := at - at%int64(window)
	if begin > at {
		if begin < math.MinInt64+int64(window) {
			return math.MinInt64
		}
		begin -= int64(window)
	}
	return begin
}

// relieve ends the windows that lie so far behind the latest row.
func (m *machine) relieve(late time.Duration) {
	if m.clock < math.MinInt64+int64(late)+2*int64(m.rule.Window) {
		return // no row yet, or none that could be late
	}
	horizon := m.clock - int64(late)
	over := beginOf(horizon, m.rule.Window) // the window that it is in is open
	if m.rule.Aggregate == nil {
		over = beginOf(horizon, max(late/16, time.Second)) // not each time that a row comes
	}
	if over <= m.over || m.rule.Aggregate != nil && m.rule.Window == 0 {
		return
	}
	m.over = over
	m.end(func(begin int64) bool { return begin < over })
	m.folder.fold(over)
}

// finish ends all windows.
func (m *machine) finish() {
	m.end(func(int64) bool { return true })
	m.folder.fold(math.MaxInt64)
}

// end makes events of the windows that are over.
func (m *machine) end(over func(begin int64) bool) {
	for begin, window := range m.groups {
		if !over(begin) {
			continue
		}
		for _, g := range window {
			m.memory.used -= g.bytes
			m.tell(g)
		}
		delete(m.groups, begin)
	}
}

// tell makes an event of a group whose aggregate passes the threshold.
func (m *machine) tell(g *group) {
	x, exactly, known := g.value(m.rule.Aggregate)
	if !known || !m.rule.Threshold.passed(x) {
		return
	}
	m.folder.add(event{
		time: g.first, last: g.last, rows: g.rows, keys: g.keys, evidence: g.evidence,
		value: Value{X: x, Known: true, Estimate: !exactly},
	})
}
