package rules

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// event is one time that a rule held: a row, or a window's group.
type event struct {
	time, last int64
	rows       int64
	keys       []Field
	evidence   []Field
	value      Value
	same       string // what makes it one alert with others; set by fold
}

// eventBytes is what an event takes besides its fields.
const eventBytes = 200

func (e *event) bytes() int64 { return int64(eventBytes + fieldBytes(e.keys) + fieldBytes(e.evidence)) }

// folder makes alerts of events.
type folder struct {
	rule   *Rule
	most   int
	result *Outcome
	memory *memory
	events []event
	open   map[string]int // alerts by what makes events theirs: the latest of each
	folded int64          // events before it have become alerts
}

func (f *folder) add(e event) {
	full := f.rule.Aggregate == nil && f.memory.full() // a group's event takes no more than the group did
	switch {
	case e.time < f.folded:
		f.result.Late++
		return
	case full:
		f.result.LeftOut++
		return
	}
	f.memory.used += e.bytes()
	f.events = append(f.events, e)
}

// fold makes alerts of the events before an instant, in the order of time.
func (f *folder) fold(before int64) {
	var ready, waiting []event
	for _, e := range f.events {
		if e.time < before || before == math.MaxInt64 {
			e.same = identity(duplicates(f.rule, e.keys))
			ready = append(ready, e)
		} else {
			waiting = append(waiting, e)
		}
	}
	slices.SortFunc(ready, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.time, b.time), strings.Compare(a.same, b.same), compareFields(a.keys, b.keys),
			compareFields(a.evidence, b.evidence), cmp.Compare(a.last, b.last), cmp.Compare(a.value.X, b.value.X))
	})
	for i := range ready {
		f.alert(&ready[i])
	}
	f.events, f.folded = waiting, before
	for same, at := range f.open {
		if a := &f.result.Alerts[at]; uint64(before)-uint64(a.Time) >= uint64(f.rule.Dedup.Period) {
			delete(f.open, same)
		}
	}
}

// duplicates returns the fields of which equal ones make events one alert. Of rules without
// an aggregate keys are just these.
func duplicates(r *Rule, keys []Field) []Field {
	if r.Aggregate == nil || r.Dedup.By == nil {
		return keys
	}
	var some []Field
	for _, k := range keys {
		if slices.Contains(r.Dedup.By, k.Name) {
			some = append(some, k)
		}
	}
	return some
}

// alert adds an event to the alert that it repeats, or makes one of it.
func (f *folder) alert(e *event) {
	id := alertID(f.rule, e)
	if at, there := f.open[e.same]; there {
		a := &f.result.Alerts[at]
		if uint64(e.time)-uint64(a.Time) < uint64(f.rule.Dedup.Period) || a.ID == id {
			f.memory.used -= e.bytes()
			a.Count++
			a.Rows += e.rows
			a.Last = max(a.Last, e.last)
			if e.value.Known && f.rule.Threshold.farther(e.value.X, a.Value.X) {
				a.Value = e.value
			}
			return
		}
	}
	if len(f.result.Alerts) >= f.most || f.memory.alerts > f.memory.most/2 {
		f.memory.used -= e.bytes()
		f.result.AlertsLeftOut++
		return
	}
	f.memory.alerts += e.bytes()
	f.open[e.same] = len(f.result.Alerts)
	f.result.Alerts = append(f.result.Alerts, Alert{
		Rule: f.rule, ID: id, Time: e.time, Last: e.last, Count: 1, Rows: e.rows,
		Keys: e.keys, Evidence: e.evidence, Value: e.value,
	})
}
