package watch

import (
	"slices"
	"sync"

	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/rules"
)

// Totals count what a Watch did since it was opened, for metrics and the status line.
type Totals struct {
	Windows     int64                     `json:"windows"`   // judged
	LeftOut     int64                     `json:"left_out"`  // windows of which captures cover too little
	Late        int64                     `json:"late"`      // windows with rows that came when they had been judged
	Alerts      [drift.Critical + 1]int64 `json:"alerts"`    // added, by severity
	Known       int64                     `json:"known"`     // alerts that had been told
	Failures    int64                     `json:"failures"`  // tables or baselines that could not be read
	Forgotten   int64                     `json:"forgotten"` // segments, for lack of room
	Reloads     int64                     `json:"reloads"`
	RulesLate   int64                     `json:"rules_late"` // rows that came for windows of rules that were over
	RulesNoRoom int64                     `json:"rules_no_room"`
}

// totals are Totals that several goroutines see.
type totals struct {
	mu sync.Mutex
	Totals
}

// Totals returns what was counted so far. Any goroutine may ask.
func (w *Watch) Totals() Totals {
	w.totals.mu.Lock()
	defer w.totals.mu.Unlock()
	return w.totals.Totals
}

func (t *totals) change(by func(*Totals)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	by(&t.Totals)
}

func (t *totals) late()        { t.change(func(t *Totals) { t.Late++ }) }
func (t *totals) fail()        { t.change(func(t *Totals) { t.Failures++ }) }
func (t *totals) leaveOut()    { t.change(func(t *Totals) { t.LeftOut++ }) }
func (t *totals) reload()      { t.change(func(t *Totals) { t.Reloads++ }) }
func (t *totals) forgot(n int) { t.change(func(t *Totals) { t.Forgotten += int64(n) }) }

// add counts what came of a commit.
func (t *totals) add(f *Found, added []alert.Entry, e *rules.Engine) {
	t.change(func(t *Totals) {
		for i := range f.Windows {
			if f.Windows[i].Report != nil {
				t.Windows++
			}
		}
		for i := range added {
			t.Alerts[severityOf(added[i].Severity)]++
		}
		t.Known += int64(f.Known)
		if e == nil {
			return
		}
		t.RulesLate, t.RulesNoRoom = 0, 0 // of the engine there is, which counts itself
		for _, o := range e.Outcomes() {
			t.RulesLate += o.Late
			t.RulesNoRoom += o.LeftOut + o.AlertsLeftOut
		}
	})
}

// severityOf is the severity whose number in the Elastic Common Schema it is.
func severityOf(number int) drift.Severity {
	at := slices.Index(alert.Scale(), number)
	return drift.Severity(max(0, at))
}
