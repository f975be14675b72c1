package rules

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// Rule is a rule as a file has it.
type Rule struct {
	ID, Title, Description string
	Severity               drift.Severity
	Enabled                bool
	Table                  string
	Where                  string        // expression as of show --where; empty: all rows
	Condition              *Condition    // holds besides Where; nil: none
	Requires               []string      // columns without which the rule is skipped
	Time                   string        // column; empty: the table's first of time
	Baseline               *Relative     // what is unusual against a baseline; nil: not asked
	Window                 time.Duration // of aggregates, aligned to 1970; 0: one for all rows
	GroupBy                []string
	Aggregate              *Aggregate // nil: each row that meets the condition is an event
	Threshold              Threshold  // of the aggregate
	Dedup                  Dedup
	Evidence               []string // columns that an alert shows; nil: those that the condition names
	Tags, References       []string

	Shipped bool   // one of ours: it is skipped where a table lacks its columns
	File    string // where it stands
	Line    int
}

// Dedup says which events are one alert.
type Dedup struct {
	By     []string      // columns; nil: GroupBy, of rules without an aggregate src_ip and dst_ip, or host
	Period time.Duration // from an alert's first event on; 0: every event is an alert
}

// Aggregate is what is asked of the rows of a window and group.
type Aggregate struct {
	Func   string // one of Aggregates
	Column string // empty for count
}

// Aggregates lists the functions.
func Aggregates() []string { return []string{"count", "sum", "mean", "min", "max", "distinct"} }

// Threshold is passed by values for which "value Operator Value" holds.
type Threshold struct {
	Operator string // one of thresholdOperators
	Value    float64
}

var thresholdOperators = []string{">=", "<=", "!=", ">", "<", "="}

// passed reports whether a value passes.
func (t Threshold) passed(x float64) bool {
	switch t.Operator {
	case ">=":
		return x >= t.Value
	case ">":
		return x > t.Value
	case "<=":
		return x <= t.Value
	case "<":
		return x < t.Value
	case "!=":
		return x != t.Value
	}
	return x == t.Value
}

// farther reports whether a passes the threshold by more than b.
func (t Threshold) farther(a, b float64) bool {
	if t.Operator == "<" || t.Operator == "<=" {
		return a < b
	}
	return a > b
}

// Limits of a rule and of a file.
const (
	maxRules      = 1000
	maxConditions = 1000 // of a rule, and nested so deep at most:
	maxNested     = 20
	maxList       = 100 // elements of a list of names
	minWindow     = time.Second
	maxWindow     = 366 * 24 * time.Hour
)

// The defaults.
const (
	defaultSeverity = drift.Medium
	defaultPeriod   = time.Hour
)

var idPattern = text.Pattern(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// validate reports what makes no sense whatever the table.
func (r *Rule) validate() error {
	switch {
	case r.ID == "":
		return errors.New("has no id")
	case !idPattern().MatchString(r.ID):
		return errors.New("id: want lower-case letters, digits, dots, underscores and hyphens, 100 at most")
	case r.Title == "":
		return errors.New("has no title")
	case r.Table == "":
		return errors.New("has no table")
	case r.Where == "" && r.Condition == nil && r.Baseline == nil && r.Aggregate == nil:
		return errors.New("asks nothing: want where, condition, baseline or aggregate")
	}
	if err := cmp.Or(twice("group_by", r.GroupBy), twice("dedup: by", r.Dedup.By), twice("evidence", r.Evidence)); err != nil {
		return err
	}
	if err := r.validateAggregate(); err != nil {
		return err
	}
	if r.Baseline != nil {
		return r.Baseline.validate()
	}
	return nil
}

// twice reports a column that a list names again: JSON would have it twice in an object, which
// who reads that strictly refuses with the alert.
func twice(what string, names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%s: %s is named twice", what, text.Escape(name))
		}
	}
	return nil
}

func (r *Rule) validateAggregate() error {
	switch {
	case r.Aggregate == nil && r.Threshold.Operator != "":
		return errors.New("threshold: there is no aggregate for it")
	case r.Aggregate == nil && (r.Window != 0 || len(r.GroupBy) > 0):
		return errors.New("window and group_by are for aggregates; name one, such as count")
	case r.Aggregate == nil:
		return nil
	case r.Threshold.Operator == "":
		return errors.New("aggregate: there is no threshold for it")
	case r.Window != 0 && (r.Window < minWindow || r.Window > maxWindow):
		return fmt.Errorf("window: want %v to %v", minWindow, maxWindow)
	}
	for _, name := range r.Dedup.By {
		if !slices.Contains(r.GroupBy, name) {
			return fmt.Errorf("dedup: by: of a rule with an aggregate, only columns of group_by are known, and %q is none", name)
		}
	}
	return nil
}

// duplicates returns the columns of which equal values make events one alert.
func (r *Rule) duplicates(has func(string) bool) []string {
	switch {
	case r.Dedup.By != nil:
		return r.Dedup.By
	case r.Aggregate != nil:
		return r.GroupBy
	}
	var names []string
	for _, name := range []string{"src_ip", "dst_ip"} {
		if has(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 && has("host") { // beside addresses it is what a request of HTTP says
		return []string{"host"}
	}
	return names
}
