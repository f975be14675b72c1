package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"pcapmill/model/drift"
)

// Alert says that a rule held.
type Alert struct {
	ID         string // of rule, table, time and keys
	Rule       *Rule
	Time, Last int64   // of its first row and its last one, ns since 1970
	Keys       []Field // what it is about
	Value      Value   // of the aggregate: of several windows the one farthest from the threshold
	Evidence   []Field // of the first row
	Count      int64   // events, that is rows or windows and groups, that are this alert
	Rows       int64   // behind them
}

// Value is a number that may not be known.
type Value struct {
	X        float64
	Known    bool
	Estimate bool // of more than 1,024 different values
}

// idBytes of a hash are enough to tell 10^7 alerts apart.
const idBytes = 12

func alertID(r *Rule, e *event) string {
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s\x00%s", r.ID, r.Table, e.time, identity(e.keys), identity(e.evidence)))
	return hex.EncodeToString(hash[:idBytes])
}

// Subject is what an alert is about: alerts of one rule and subject that are less than the
// rule's Dedup.Period apart are one.
func (a *Alert) Subject() string {
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", a.Rule.ID, a.Rule.Table, identity(duplicates(a.Rule, a.Keys))))
	return hex.EncodeToString(hash[:idBytes])
}

// Outcome is what became of one rule.
type Outcome struct {
	Rule    *Rule
	Alerts  []Alert
	Skipped []string // why it was not applied, or not to all tables; ascending

	Rows          int64 // of its table that were looked at
	Matched       int64 // that met its condition, and were unusual where it asks a baseline
	Unjudged      int64 // that met the condition, but of whose host the baseline knows too little
	WithoutTime   int64 // that met the condition, but have no time
	Late          int64 // that came for a window, or an event that came for a time, that was over
	LeftOut       int64 // that found no room in Config.Memory
	AlertsLeftOut int64 // events beyond Config.Alerts
}

// maxReasons bounds the reasons of one rule: a table can name many lengths of windows.
const maxReasons = 10

// skip notes a reason once.
func (o *Outcome) skip(why string) {
	if len(o.Skipped) == maxReasons {
		return
	}
	if at, there := slices.BinarySearch(o.Skipped, why); !there {
		o.Skipped = slices.Insert(o.Skipped, at, why)
	}
}

// Report is what rules said of tables.
type Report struct {
	Outcomes []*Outcome // by rule, enabled ones alone, ascending
	Alerts   []Alert    // of all: by time, rule and keys
}

func newReport(machines []*machine) *Report {
	r := &Report{}
	for _, m := range machines {
		r.Outcomes = append(r.Outcomes, m.result)
		r.Alerts = append(r.Alerts, m.result.Alerts...)
	}
	slices.SortFunc(r.Outcomes, func(a, b *Outcome) int { return strings.Compare(a.Rule.ID, b.Rule.ID) })
	slices.SortStableFunc(r.Alerts, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), strings.Compare(a.Rule.ID, b.Rule.ID), compareFields(a.Keys, b.Keys), compareFields(a.Evidence, b.Evidence))
	})
	return r
}

// Worst is the highest severity among the alerts.
func (r *Report) Worst() drift.Severity {
	worst := drift.None
	for i := range r.Alerts {
		worst = max(worst, r.Alerts[i].Rule.Severity)
	}
	return worst
}

// Incomplete reports whether rows, events or alerts were left out for a limit.
func (r *Report) Incomplete() bool {
	return slices.ContainsFunc(r.Outcomes, func(o *Outcome) bool { return o.Late+o.LeftOut+o.AlertsLeftOut > 0 })
}
