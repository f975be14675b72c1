package rules

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Horizon says for a table up to where its rows are all there: those with an earlier time
// have been taken, ns since 1970.
type Horizon func(table string) int64

// End is the Horizon behind which nothing comes.
func End(string) int64 { return math.MaxInt64 }

// Drain returns what rules say of the rows that were taken since the last call, each event as
// an alert of its own, by time: which of them repeat another is for who keeps them, by
// Alert.Subject and Dedup.Period. Windows of aggregates are over where they end at or before
// the horizon; rows that come for them later count as Late in the Outcome. An engine that is drained
// is not finished; it takes more rows.
func (e *Engine) Drain(over Horizon) []Alert {
	return e.drained(func(m *machine) { m.drain(over(m.rule.Table)) })
}

// DrainOpen is Drain, and says what windows have to say that are not over, for which nothing may come
// any more. They stay open: what comes nonetheless is counted with what they have, and an event that
// they then say again has the same ID.
func (e *Engine) DrainOpen(over Horizon) []Alert {
	return e.drained(func(m *machine) {
		m.drain(over(m.rule.Table))
		for _, window := range m.groups {
			for _, g := range window {
				m.tell(g)
			}
		}
	})
}

// Reopen says that the horizon of calls before was wrong, as the clock that it went by was far ahead: no window
// is over, until Drain says so again.
func (e *Engine) Reopen() {
	for _, m := range e.machines {
		m.over = math.MinInt64
	}
}

func (e *Engine) drained(drain func(*machine)) []Alert {
	var all []Alert
	for _, m := range e.machines {
		drain(m)
		all = append(all, m.folder.drain()...)
	}
	slices.SortStableFunc(all, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), strings.Compare(a.Rule.ID, b.Rule.ID), compareFields(a.Keys, b.Keys), compareFields(a.Evidence, b.Evidence))
	})
	return all
}

// drain ends the windows that are over.
func (m *machine) drain(horizon int64) {
	switch {
	case m.rule.Aggregate == nil:
		return
	case horizon == math.MaxInt64:
		m.end(func(int64) bool { return true })
	case m.rule.Window > 0:
		m.over = max(m.over, beginOf(horizon, m.rule.Window))
		m.end(func(begin int64) bool { return begin < m.over })
	}
}

// drain makes an alert of each event, the earliest where there are too many, and forgets them.
func (f *folder) drain() []Alert {
	all := f.made()
	slices.SortFunc(f.events, func(a, b event) int { // windows and groups come in no order
		return cmp.Or(cmp.Compare(a.time, b.time), compareFields(a.keys, b.keys), compareFields(a.evidence, b.evidence), cmp.Compare(a.last, b.last), cmp.Compare(a.value.X, b.value.X))
	})
	for i := range f.events {
		e := &f.events[i]
		f.memory.used -= e.bytes()
		if len(all) == f.most {
			f.result.AlertsLeftOut++
			continue
		}
		all = append(all, Alert{
			Rule: f.rule, ID: alertID(f.rule, e), Time: e.time, Last: e.last, Count: 1, Rows: e.rows,
			Keys: e.keys, Evidence: e.evidence, Value: e.value,
		})
	}
	f.events = nil
	return all
}

// made hands out the alerts that events had to become before, as memory was full, and forgets them.
func (f *folder) made() []Alert {
	all := f.result.Alerts
	for i := range all {
		n := int64(eventBytes + fieldBytes(all[i].Keys) + fieldBytes(all[i].Evidence))
		f.memory.used, f.memory.alerts = f.memory.used-n, f.memory.alerts-n
	}
	f.result.Alerts = nil
	clear(f.open)
	return all
}

// Outcomes returns what became of the rules so far, in their order. They are the engine's.
func (e *Engine) Outcomes() []*Outcome {
	all := make([]*Outcome, len(e.machines))
	for i, m := range e.machines {
		all[i] = m.result
	}
	return all
}

// Reach is the longest window of a rule's aggregate: rows so old are still needed. Aggregates of
// all rows have none.
func (e *Engine) Reach() time.Duration {
	longest := time.Duration(0)
	for _, m := range e.machines {
		if m.rule.Aggregate != nil {
			longest = max(longest, m.rule.Window)
		}
	}
	return longest
}
