package build

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/features/column"
	"pcapmill/features/record"
	"pcapmill/features/window/host"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Config says what a dataset is made of.
type Config struct {
	Table      string        // flows, hosts, or one of the tables of messages
	KeepRoles  []column.Role // besides feature
	Columns    []string      // names and globs, such as fwd_*; none: all
	Drop       []string      // the same; these never
	LeakProne  string        // one of LeakPolicies
	Lists      bool          // columns of lists too
	Where      string        // rows that stay, as of show --where; empty: all
	Outcomes   []string      // rows that stay: names of label.Outcomes
	Unlabelled string        // label of rows that no source says anything of; empty: none
	Ambiguous  string        // label of those that are ambiguous; empty: none
	Attempted  string        // one of AttemptPolicies
	Map        *Map          // other labels for labels; nil: none
	MinClass   int64         // classes of fewer rows are small
	Small      string        // one of SmallPolicies
	Share      float64       // of rows that stay; 1: all
	Rows       int64         // that stay at most; 0: all
	PerClass   int64         // that stay at most of a class; 0: all
	Seed       uint64
	Memory     int64 // bytes, for labels in another order than rows
}

// What is done with columns that identify the testbed.
const (
	LeakDrop = "drop"
	LeakWarn = "warn" // keep them, with a note
	LeakKeep = "keep"
)

// What becomes of attempted attacks.
const (
	AttemptKeep = "keep" // as labelling called them
	AttemptSame = "same" // as if they had succeeded
	AttemptDrop = "drop"
)

// What becomes of classes of few rows.
const (
	SmallWarn = "warn"
	SmallDrop = "drop"
)

// LeakPolicies, AttemptPolicies and SmallPolicies are the values of Config's fields, the
// default first.
func LeakPolicies() []string { return []string{LeakDrop, LeakWarn, LeakKeep} }

// AttemptPolicies are the values of Config.Attempted.
func AttemptPolicies() []string { return []string{AttemptKeep, AttemptSame, AttemptDrop} }

// SmallPolicies are the values of Config.Small.
func SmallPolicies() []string { return []string{SmallWarn, SmallDrop} }

// attemptedSuffix is what labelling puts behind the label of an attempt.
const attemptedSuffix = " - Attempted"

const (
	flowsTable = "flows"
	maxSample  = 1 << 30
)

// DefaultConfig returns the settings used when none are given.
func DefaultConfig() Config {
	return Config{
		Table: flowsTable, LeakProne: LeakDrop, Outcomes: []string{label.Labelled.String()}, Attempted: AttemptKeep,
		MinClass: 100, Small: SmallWarn, Share: 1, Seed: 1, Memory: 1 << 30,
	}
}

// Validate returns the first thing that is wrong, a usage.Err.
func (c *Config) Validate() error {
	samples := 0
	for _, asked := range []bool{c.Share != 1, c.Rows != 0, c.PerClass != 0} {
		if asked {
			samples++
		}
	}
	switch {
	case c.Table != flowsTable && c.Table != host.HostsTable && !slices.Contains(record.Names(), c.Table):
		return usage.Errorf("no labels are made for rows of %s%s", text.Escape(c.Table), text.Suggest(c.Table, Tables()))
	case !slices.Contains(LeakPolicies(), c.LeakProne):
		return usage.Errorf("leak-prone columns: %s is none of %s", text.Escape(c.LeakProne), strings.Join(LeakPolicies(), ", "))
	case !slices.Contains(AttemptPolicies(), c.Attempted):
		return usage.Errorf("attempted: %s is none of %s", text.Escape(c.Attempted), strings.Join(AttemptPolicies(), ", "))
	case !slices.Contains(SmallPolicies(), c.Small):
		return usage.Errorf("small classes: %s is none of %s", text.Escape(c.Small), strings.Join(SmallPolicies(), ", "))
	case !(c.Share > 0 && c.Share <= 1):
		return usage.Errorf("a sample of %v of the rows is none: want a share above 0 and up to 1", c.Share)
	case c.Rows < 0 || c.Rows > maxSample || c.PerClass < 0 || c.PerClass > maxSample:
		return usage.Errorf("a sample has 1 to %d rows", maxSample)
	case samples > 1:
		return usage.Errorf("a sample is a share of the rows, a number of them, or a number for each class: one of these")
	case c.MinClass < 0:
		return usage.Errorf("a class has 0 rows or more")
	}
	return c.validateLists()
}

func (c *Config) validateLists() error {
	for _, o := range c.Outcomes {
		if !slices.Contains(label.Outcomes(), o) {
			return usage.Errorf("no outcome is called %s%s", text.Escape(o), text.Suggest(o, label.Outcomes()))
		}
	}
	for _, pattern := range slices.Concat(c.Columns, c.Drop) {
		if _, err := path.Match(pattern, ""); err != nil {
			return usage.Errorf("%s is no name of a column, and no pattern such as fwd_*", text.Escape(pattern))
		}
	}
	return nil
}

// Tables lists the tables whose rows can be labelled.
func Tables() []string {
	return slices.Concat([]string{flowsTable, host.HostsTable}, record.Names())
}

// outcomes returns the outcomes whose rows stay.
func (c *Config) outcomes() map[string]bool {
	stay := map[string]bool{}
	for _, o := range c.Outcomes {
		stay[o] = true
	}
	stay[label.Unlabelled.String()] = stay[label.Unlabelled.String()] || c.Unlabelled != ""
	stay[label.Ambiguous.String()] = stay[label.Ambiguous.String()] || c.Ambiguous != ""
	return stay
}

// sampled reports whether not all rows stay.
func (c *Config) sampled() bool { return c.Share < 1 || c.Rows > 0 || c.PerClass > 0 }

// Options returns all settings that change a dataset, as its manifest has them. Lists are
// separated by commas.
func (c *Config) Options() map[string]string {
	roles := make([]string, len(c.KeepRoles))
	for i, r := range c.KeepRoles {
		roles[i] = r.String()
	}
	slices.Sort(roles)
	options := map[string]string{
		"table": c.Table, "keep_roles": strings.Join(slices.Compact(roles), ","), "columns": strings.Join(c.Columns, ","), "drop": strings.Join(c.Drop, ","),
		"leak_prone": c.LeakProne, "lists": strconv.FormatBool(c.Lists), "where": c.Where, "outcomes": strings.Join(c.Outcomes, ","),
		"unlabelled": c.Unlabelled, "ambiguous": c.Ambiguous, "attempted": c.Attempted, "map": c.Map.String(),
		"min_class": strconv.FormatInt(c.MinClass, 10), "small_classes": c.Small, "seed": strconv.FormatUint(c.Seed, 10),
		"sample_share": strconv.FormatFloat(c.Share, 'g', -1, 64), "sample_rows": strconv.FormatInt(c.Rows, 10), "sample_per_class": strconv.FormatInt(c.PerClass, 10),
	}
	return options
}

// limit is the number of the hashes that a share of all connections has, the lowest ones.
func (c *Config) limit() uint64 {
	if c.Share >= 1 {
		return math.MaxUint64
	}
	return uint64(math.Ldexp(c.Share, 64))
}
