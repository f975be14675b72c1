package labels

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/coverage"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/report"
	"pcapmill/outputs/text"
)

// Checked is what sources say, without any flows.
type Checked struct {
	Set       *label.Set
	Sources   []coverage.Source
	Contrary  []Contrary // rules that say different things of the same flows
	MoreContr int64      // pairs that are not among them
	Compared  int        // rules, of which each was compared with each
}

// Contrary is a pair of rules that may hit the same flows.
type Contrary struct {
	A, B *label.Rule
	Same bool // priority: such flows are ambiguous; else the higher one counts
}

// Limits of what Check compares and lists.
const (
	maxCompared = 2000    // rules, each with each: 2 million pairs
	maxSteps    = 1 << 29 // hosts of them, a few seconds
	maxMet      = 1 << 20
	maxContrary = 200
)

// Check reads sources.
func Check(ctx context.Context, rules []string, o source.Options) (*Checked, error) {
	set, err := source.Read(ctx, rules, o)
	if err != nil {
		return nil, err
	}
	c := &Checked{Set: set, Sources: sourcesOf(set)}
	c.compare()
	return c, nil
}

// Refused is how many lines were not understood.
func (c *Checked) Refused() (n int64) {
	for i := range c.Sources {
		n += c.Sources[i].Refused
	}
	return n
}

func sourcesOf(set *label.Set) []coverage.Source {
	var all []coverage.Source
	for i := range set.Sources {
		s := &set.Sources[i]
		x := coverage.Source{
			Path: s.Path, Kind: s.Kind.String(), SHA256: s.SHA256, Bytes: s.Bytes, Zone: s.Zone,
			Rules: s.Rules, Events: s.Events, Skipped: s.Skipped, Refused: s.Refused, Notes: s.Notes,
		}
		for _, r := range s.Refusals {
			refusal := coverage.Refusal{Line: r.Line, Reason: r.Reason}
			if r.Offset >= 0 {
				offset := r.Offset
				refusal.Offset = &offset
			}
			x.Refusals = append(x.Refusals, refusal)
		}
		all = append(all, x)
	}
	return all
}

// compare finds pairs of rules that say different things of flows which both may fit.
func (c *Checked) compare() {
	rules := c.Set.Rules
	c.Compared = min(len(rules), maxCompared)
	hosts := newHostLists()
	for i := range c.Compared {
		if hosts.steps > maxSteps {
			c.Compared = i
			break
		}
		for k := i + 1; k < c.Compared; k++ {
			a, b := &rules[i], &rules[k]
			if a.Label == b.Label || !meet(a, b, hosts) {
				continue
			}
			if len(c.Contrary) == maxContrary {
				c.MoreContr++
				continue
			}
			c.Contrary = append(c.Contrary, Contrary{a, b, a.Priority == b.Priority})
		}
	}
	slices.SortStableFunc(c.Contrary, func(x, y Contrary) int { return cmp.Compare(order(x.Same), order(y.Same)) })
}

// order puts what is ambiguous first.
func order(same bool) int {
	if same {
		return 0
	}
	return 1
}

// meet reports whether a flow may fit both rules, as far as that can be told without conditions
// and captures.
func meet(a, b *label.Rule, hosts *hostLists) bool {
	if !timesMeet(a.Times, b.Times) || !protocolsMeet(a.Protocols, b.Protocols) || a.Depth != b.Depth && a.Depth != label.AnyDepth && b.Depth != label.AnyDepth {
		return false
	}
	straight := portsMeet(a.SrcPorts, b.SrcPorts) && portsMeet(a.DstPorts, b.DstPorts) && hosts.meet(a.Src, b.Src) && hosts.meet(a.Dst, b.Dst)
	crossed := portsMeet(a.SrcPorts, b.DstPorts) && portsMeet(a.DstPorts, b.SrcPorts) && hosts.meet(a.Src, b.Dst) && hosts.meet(a.Dst, b.Src)
	return straight && waysMeet(a.Direction, b.Direction, false) || crossed && waysMeet(a.Direction, b.Direction, true)
}

// waysMeet reports whether two directions can be those of one flow, where the rules' hosts are
// crossed or not.
func waysMeet(a, b label.Direction, crossed bool) bool {
	if a == label.AnyWay || b == label.AnyWay {
		return true
	}
	return (a == b) != crossed
}

func timesMeet(a, b []label.Interval) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	// Only the outermost instants: rules with many stretches are not compared stretch by stretch.
	span := func(list []label.Interval) (from, to int64) {
		from, to = math.MaxInt64, math.MinInt64
		for _, i := range list {
			from, to = min(from, i.From), max(to, i.To)
		}
		return from, to
	}
	from1, to1 := span(a)
	from2, to2 := span(b)
	return from1 < to2 && from2 < to1
}

// anyMeet reports whether an element of one list meets one of the other; an empty list is all.
func anyMeet[T any](a, b []T, meets func(x, y T) bool) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	for _, x := range a {
		if slices.ContainsFunc(b, func(y T) bool { return meets(x, y) }) {
			return true
		}
	}
	return false
}

// hostLists compares lists of hosts, which can have thousands, and be those of many rules.
type hostLists struct {
	sorted map[hostList][]netip.Prefix
	met    map[[2]hostList]bool // of lists that were compared
	steps  int                  // elements that were looked at
}

// hostList is one of them: rules that name one group have the same.
type hostList struct {
	first *netip.Prefix
	n     int
}

func newHostLists() *hostLists {
	return &hostLists{map[hostList][]netip.Prefix{}, map[[2]hostList]bool{}, 0}
}

// meet reports whether an address can be in both lists; an empty one has all.
func (h *hostLists) meet(a, b label.Hosts) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	lists := [2]hostList{{&a[0], len(a)}, {&b[0], len(b)}}
	met, known := h.met[lists]
	if !known {
		met = h.overlap(h.inOrder(a), h.inOrder(b))
		if len(h.met) < maxMet {
			h.met[lists] = met
		}
	}
	return met
}

// inOrder returns a list with each network before those in it.
func (h *hostLists) inOrder(list label.Hosts) []netip.Prefix {
	one := hostList{&list[0], len(list)}
	sorted, known := h.sorted[one]
	if !known {
		sorted = slices.Clone(list)
		slices.SortFunc(sorted, func(p, q netip.Prefix) int {
			return cmp.Or(p.Addr().Compare(q.Addr()), cmp.Compare(p.Bits(), q.Bits()))
		})
		h.sorted[one] = sorted
	}
	return sorted
}

// overlap reports whether a network of one list overlaps one of the other: of two that do not,
// the one that comes first overlaps nothing behind the other.
func (h *hostLists) overlap(a, b []netip.Prefix) bool {
	for len(a) > 0 && len(b) > 0 {
		h.steps++
		switch {
		case a[0].Overlaps(b[0]):
			return true
		case a[0].Addr().Less(b[0].Addr()):
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

func portsMeet(a, b label.Ports) bool {
	return anyMeet(a, b, func(x, y label.PortRange) bool { return x.First <= y.Last && y.First <= x.Last })
}

func protocolsMeet(a, b []uint8) bool {
	return anyMeet(a, b, func(x, y uint8) bool { return x == y })
}

// Page is what sources say, for people.
func (c *Checked) Page(top int) *report.Page {
	s := c.Set
	p := &report.Page{Title: fmt.Sprintf("%s, %s, %s", text.Plural(int64(len(s.Rules)), "rule"), text.Plural(int64(len(s.Events)), "event"), text.Plural(int64(len(s.Scores)), "score"))}
	r := &coverage.Report{Sources: c.Sources}
	whole := r.Page(top)
	for _, section := range whole.Sections {
		if section.Name == "Sources" || section.Name == "Refused lines" {
			p.Sections = append(p.Sections, section)
		}
	}
	p.Notes = whole.Notes
	p.Sections = append(p.Sections, c.said(top), c.contraries(top))
	if len(s.Rules) > c.Compared {
		p.Notes = append(p.Notes, fmt.Sprintf("Of %d rules the first %d were compared with one another.", len(s.Rules), c.Compared))
	}
	return p
}

// said lists what labels there are, and how often something says them.
func (c *Checked) said(top int) report.Section {
	type key struct{ label, category string }
	counts := map[key]*[3]int64{}
	add := func(m *label.Meaning, which int) {
		k := key{m.Label, m.Category}
		if counts[k] == nil {
			counts[k] = &[3]int64{}
		}
		counts[k][which]++
	}
	for i := range c.Set.Rules {
		add(&c.Set.Rules[i].Meaning, 0)
	}
	for i := range c.Set.Events {
		add(&c.Set.Events[i].Meaning, 1)
	}
	for i := range c.Set.Scores {
		add(&c.Set.Meanings[c.Set.Scores[i].Meaning], 2)
	}
	keys := make([]key, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(strings.Compare(a.label, b.label), strings.Compare(a.category, b.category))
	})
	s := report.Section{Name: "Labels", Columns: append(report.Words("label", "category"), report.Numbers("rules", "events", "scores")...), None: "nothing is said of any flow"}
	for i, k := range keys {
		if top > 0 && i == top {
			s.More = int64(len(keys) - top)
			break
		}
		n := counts[k]
		s.Rows = append(s.Rows, []string{k.label, k.category, text.Count(n[0]), text.Count(n[1]), text.Count(n[2])})
	}
	return s
}

func (c *Checked) contraries(top int) report.Section {
	s := report.Section{
		Name: "Rules that may hit the same flows", Doc: "And call them differently; as far as hosts, ports, protocols and the ends of their times say",
		Columns: report.Words("rule", "label", "another", "its label", "such flows are"), More: c.MoreContr,
	}
	for i, x := range c.Contrary {
		if top > 0 && i == top {
			s.More += int64(len(c.Contrary) - top)
			break
		}
		are := "ambiguous"
		if !x.Same {
			are = x.A.Label
			if x.B.Priority > x.A.Priority {
				are = x.B.Label
			}
		}
		s.Rows = append(s.Rows, []string{x.A.ID, x.A.Label, x.B.ID, x.B.Label, are})
	}
	return s
}
