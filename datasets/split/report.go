package split

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"pcapmill/features/sketch"
	"pcapmill/outputs/text"
)

// Summary is what is said of a split: split.json.
type Summary struct {
	By         string         `json:"by"`
	Rows       int64          `json:"rows"`  // of the dataset
	Units      int            `json:"units"` // that no split may divide
	Boundaries []string       `json:"boundaries,omitempty"`
	Unknown    []string       `json:"unknown_classes,omitempty"`
	LeftOut    []LeftOut      `json:"left_out"`
	Splits     []SplitSummary `json:"splits"`
	Warnings   []string       `json:"warnings"`
}

// LeftOut is why rows are in no split, and how many.
type LeftOut struct {
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
}

// SplitSummary is what one split has.
type SplitSummary struct {
	Split     string         `json:"split"`
	Rows      int64          `json:"rows"`
	Share     float64        `json:"share"`           // of the rows that are in a split
	Asked     *float64       `json:"asked,omitempty"` // the share asked for; none where boundaries were
	First     *string        `json:"first"`           // time of the first packet; null of no rows
	Last      *string        `json:"last"`
	Imbalance *float64       `json:"imbalance_ratio"` // rows of the largest class for one of the smallest
	Classes   []ClassSummary `json:"classes"`
}

// ClassSummary is what one class has in a split.
type ClassSummary struct {
	Label              *string  `json:"label"` // null: the rows have none
	Rows               int64    `json:"rows"`
	Connections        Distinct `json:"connections"`
	Hosts              Distinct `json:"hosts"`
	Pairs              Distinct `json:"host_pairs"`
	Campaigns          Distinct `json:"campaigns"`
	EffectivePairs     *float64 `json:"effective_host_pairs"` // so many equal ones would say as much: (Σn)²/Σn²; null of none, or of too many
	EffectiveCampaigns *float64 `json:"effective_campaigns"`
}

// Distinct is a number of different things: exact up to 1,024, within 5 % or so beyond.
type Distinct struct {
	N     uint64 `json:"n"`
	Exact bool   `json:"exact"`
}

// distinct is how many there are, of which there cannot be more than most.
func distinct(d *sketch.Distinct, most int64) Distinct {
	return Distinct{min(d.Count(), uint64(most)), d.Exact()}
}

// about names a number of things, and says where it is an estimate.
func (d Distinct) about(thing string) string {
	if d.Exact {
		return text.Plural(int64(d.N), thing)
	}
	return "about " + text.Plural(int64(d.N), thing)
}

// summary says what came of it.
func (r *router) summary() *Summary {
	p := r.plan
	s := &Summary{By: p.units.cfg.By, Rows: int64(len(p.units.of)), Units: len(p.rows), LeftOut: []LeftOut{}, Warnings: []string{}}
	for _, b := range p.bounds {
		s.Boundaries = append(s.Boundaries, bound(b))
	}
	for class, yes := range p.unknown {
		if yes {
			s.Unknown = append(s.Unknown, p.units.labels[class])
		}
	}
	in := s.Rows
	for why, n := range r.left {
		if in -= n; n > 0 {
			s.LeftOut = append(s.LeftOut, LeftOut{outReasons[why], n})
		}
	}
	cfg := p.units.cfg
	total := cfg.Shares[Train] + cfg.Shares[Validation] + cfg.Shares[Test]
	for k := range splits {
		if !r.has(k) {
			continue
		}
		one := r.tally.split(k, in)
		if asked := cfg.Shares[k] / total; len(cfg.Boundaries) == 0 && len(cfg.TestHosts) == 0 {
			one.Asked = &asked
		}
		s.Splits = append(s.Splits, one)
	}
	r.warn(s)
	return s
}

// split says what one split has.
func (t *tally) split(k int, all int64) SplitSummary {
	of := &t.splits[k]
	one := SplitSummary{Split: names[k], Rows: of.rows, Share: float64(of.rows) / float64(max(all, 1)), Classes: []ClassSummary{}}
	if of.rows == 0 {
		return one
	}
	first, last := bound(of.first), bound(of.last)
	one.First, one.Last = &first, &last
	least, most := of.rows, int64(0)
	for i := range t.labels {
		c := of.classes[i]
		if c == nil {
			continue
		}
		sum := ClassSummary{
			Rows: c.rows, Connections: distinct(&c.conns, c.rows), Hosts: distinct(&c.hosts, 2*c.rows), Pairs: distinct(&c.pairs.distinct, c.rows), Campaigns: distinct(&c.campaigns.distinct, c.rows),
			EffectivePairs: c.pairs.effective(), EffectiveCampaigns: c.campaigns.effective(),
		}
		if i > 0 {
			sum.Label = &t.labels[i]
		}
		one.Classes = append(one.Classes, sum)
		least, most = min(least, c.rows), max(most, c.rows)
	}
	slices.SortStableFunc(one.Classes, func(a, b ClassSummary) int { return -cmp.Compare(a.Rows, b.Rows) })
	imbalance := float64(most) / float64(least)
	one.Imbalance = &imbalance
	return one
}

// farOff is how far from what was asked for, of the rows, a split's share is worth a warning.
const farOff = 0.05

// warn says what makes a split less than it seems.
func (r *router) warn(s *Summary) {
	say := func(format string, args ...any) { s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...)) }
	if n := r.plan.units.adrift; n > 0 {
		say("%s of labels that are not benign have no campaign: they are divided by blocks of time. --benign names labels that are", text.Plural(n, "row"))
	}
	for _, hosts := range r.plan.units.unmet() {
		say("no row belongs to %s of --test-hosts: --hosts and --internal say which host of a row it belongs to", hosts)
	}
	for i := range s.Splits {
		one := &s.Splits[i]
		if one.Rows == 0 {
			say("%s has no rows", one.Split)
			continue
		}
		if one.Asked != nil && (one.Share-*one.Asked > farOff || *one.Asked-one.Share > farOff) {
			say("%s has %.1f %% of the rows, and %.1f %% were asked for: units are too large, or rows were left out", one.Split, 100*one.Share, 100**one.Asked)
		}
		k := slices.Index(names[:], one.Split)
		for class, name := range r.tally.labels {
			if r.missing(k, class) {
				say("%s has no rows of %s", one.Split, labelText(class, name))
			}
		}
	}
}

// missing reports whether a split lacks a class that another has, and that it may have.
func (r *router) missing(k, class int) bool {
	if r.tally.splits[k].classes[class] != nil || r.plan.unknown[class] && !r.plan.units.cfg.allowed(int8(k)) {
		return false
	}
	for other := range splits {
		if r.tally.splits[other].classes[class] != nil {
			return true
		}
	}
	return false
}

func labelText(class int, name string) string {
	if class == 0 {
		return "(no label)"
	}
	return text.Escape(name)
}

// Write writes it as JSON.
func (s *Summary) Write(w io.Writer) error {
	return text.WriteJSON(w, s, "  ")
}

// WriteText writes it for people.
func (s *Summary) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s, divided by %s\n", text.Plural(s.Rows, "row"), text.Plural(int64(s.Units), "unit"), s.By)
	if len(s.Boundaries) > 0 {
		fmt.Fprintf(&b, "  boundaries: %s\n", strings.Join(s.Boundaries, ", "))
	}
	for _, l := range s.LeftOut {
		fmt.Fprintf(&b, "  left out: %d, %s\n", l.Rows, l.Reason)
	}
	for i := range s.Splits {
		s.Splits[i].text(&b)
	}
	for _, warning := range s.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", warning)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *SplitSummary) text(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s, %.1f %%", s.Split, text.Plural(s.Rows, "row"), 100*s.Share)
	if s.First != nil {
		fmt.Fprintf(b, ", %s to %s", *s.First, *s.Last)
	}
	b.WriteString("\n")
	for i := range s.Classes {
		c := &s.Classes[i]
		name := "(no label)"
		if c.Label != nil {
			name = text.Escape(*c.Label)
		}
		fmt.Fprintf(b, "  %-40s %12s, %s, %s, %s\n", name, text.Plural(c.Rows, "row"), c.Connections.about("connection"), c.Hosts.about("host"), c.Campaigns.about("campaign"))
	}
}
