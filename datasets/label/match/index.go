package match

import (
	"math"
	"net/netip"
	"slices"

	"pcapmill/datasets/label"
)

// way is a rule in one direction: its number doubled, and one more where it is reversed.
type way int32

func wayOf(number int, reversed bool) way {
	w := way(number) << 1
	if reversed {
		w++
	}
	return w
}

func (w way) rule() int32    { return int32(w >> 1) }
func (w way) reversed() bool { return w&1 == 1 }

// found is a rule that may fit a flow, and the interval of it that the flow meets.
type found struct {
	way
	period label.Interval
}

// index finds the rules whose hosts and time a flow may be of. A rule is filed under the
// narrower of its two sets of hosts.
type index struct {
	any   entries
	sides [2]side // by the flow's source, by its destination
}

// side are the rules filed under one address of flows.
type side struct {
	trees   [2]*forest // of IPv4, of IPv6
	entries [2][]entries
}

// entries are the ways filed at one place.
type entries struct {
	always []way
	ports  [2]map[int32][]way // instead of always, those of one port alone: the flow's source, its destination
	spans  spans              // of rules with times
	timed  []way              // the same, each once
}

// newIndex files rules; where withTimes is false, without a look at their times, and in
// directions in which they do not fit, too.
func newIndex(rules []rule, which []int32, withTimes bool) *index {
	ix := &index{}
	var anywhere []int32
	var filed [2][2][]posted
	for _, number := range which {
		r := &rules[number]
		forward, reverse := r.ways()
		if !withTimes {
			forward, reverse = true, true
		}
		if forward && reverse && r.symmetric() {
			reverse = r.Direction == label.Reverse // both would fit the same flows
			forward = !reverse
		}
		for i, ok := range []bool{forward, reverse} {
			if !ok {
				continue
			}
			w := wayOf(int(number), i == 1)
			nets, at := r.narrower()
			if nets == nil {
				anywhere = append(anywhere, int32(w))
			}
			for _, s := range stretches(nets) {
				to := &filed[at^i][family(s.v4)]
				*to = append(*to, posted{s, int32(w)})
			}
		}
	}
	ix.any = newEntries(rules, anywhere, withTimes)
	for s := range filed {
		for fam, all := range filed[s] {
			ix.sides[s].plant(fam, rules, all, withTimes)
		}
	}
	return ix
}

// symmetric reports whether a rule fits the same flows in both directions.
func (r *rule) symmetric() bool {
	return len(r.Src) == 0 && len(r.Dst) == 0 && len(r.SrcPorts) == 0 && len(r.DstPorts) == 0
}

func family(v4 bool) int {
	if v4 {
		return 0
	}
	return 1
}

// narrower returns the smaller set of hosts and which it is: 0 the source; nil: neither has any.
func (r *rule) narrower() (label.Hosts, int) {
	if size(r.Src) <= size(r.Dst) {
		return r.Src, 0
	}
	return r.Dst, 1
}

// size is how many addresses a set has, about; without any it is all.
func size(h label.Hosts) float64 {
	if len(h) == 0 {
		return math.Inf(1)
	}
	sum := 0.0
	for _, p := range h {
		sum += math.Ldexp(1, bitsOf(p)-p.Bits())
	}
	return sum
}

func bitsOf(p netip.Prefix) int { return p.Addr().BitLen() }

func (s *side) plant(fam int, rules []rule, all []posted, withTimes bool) {
	if len(all) == 0 {
		return
	}
	tree := newForest(all)
	s.trees[fam] = tree
	s.entries[fam] = make([]entries, len(tree.nodes))
	for i := range tree.nodes {
		s.entries[fam][i] = newEntries(rules, tree.nodes[i].filed, withTimes)
		tree.nodes[i].filed = nil
	}
}

func newEntries(rules []rule, filed []int32, withTimes bool) entries {
	var e entries
	var all []timed
	for _, f := range filed {
		w := way(f)
		r := &rules[w.rule()]
		if !withTimes {
			e.always = append(e.always, w)
			continue
		}
		if r.times == nil {
			e.file(r, w)
			continue
		}
		e.timed = append(e.timed, w)
		for _, p := range r.periods() {
			all = append(all, timed{from: p.From, to: p.To, what: f})
		}
	}
	e.spans = newSpans(all)
	return e
}

// file files a rule without times.
func (e *entries) file(r *rule, w way) {
	port, side := onlyPort(r.DstPorts), 1
	if port < 0 {
		port, side = onlyPort(r.SrcPorts), 0
	}
	if port < 0 {
		e.always = append(e.always, w)
		return
	}
	if w.reversed() {
		side = 1 - side
	}
	if e.ports[side] == nil {
		e.ports[side] = make(map[int32][]way)
	}
	e.ports[side][port] = append(e.ports[side][port], w)
}

// onlyPort returns the port that a set has alone, label.None where it is another set.
func onlyPort(p label.Ports) int32 {
	if len(p) == 1 && p[0].First == p[0].Last {
		return int32(p[0].First)
	}
	return label.None
}

// byPort calls visit with the rules of the flow's ports; of ICMP type, code and the type of the
// answer may be ports on either side.
func (e *entries) byPort(f *flow, visit func([]way)) {
	if e.ports[0] == nil && e.ports[1] == nil {
		return
	}
	if !f.icmp {
		visit(e.ports[0][f.srcPort])
		visit(e.ports[1][f.dstPort])
		return
	}
	for side := range e.ports {
		visit(e.ports[side][f.icmpType])
		visit(e.ports[side][f.icmpCode])
		visit(e.ports[side][f.icmpPeer])
	}
}

// places calls visit with the entries of all places that a flow is filed under.
func (ix *index) places(f *flow, visit func(*entries)) {
	visit(&ix.any)
	for i, a := range [2]address{f.src, f.dst} {
		s, fam := &ix.sides[i], family(a.v4())
		tree := s.trees[fam]
		if tree == nil {
			continue
		}
		for n := tree.innermost(a); n >= 0; n = tree.nodes[n].parent {
			visit(&s.entries[fam][n])
		}
	}
}

// finder collects the rules that may fit a flow.
type finder struct {
	all   []found
	spans []timed
}

// find fills f.all with the ways whose hosts, on one side, and time a flow has.
func (fi *finder) find(ix *index, f *flow) {
	fi.all = fi.all[:0]
	ix.places(f, func(e *entries) {
		always := func(ways []way) {
			for _, w := range ways {
				fi.all = append(fi.all, found{w, label.Always()})
			}
		}
		always(e.always)
		e.byPort(f, always)
		if len(e.spans) > 0 {
			fi.spans = e.spans.find(fi.spans[:0], f.start, f.end)
			for i := range fi.spans {
				fi.all = append(fi.all, found{way(fi.spans[i].what), label.Interval{From: fi.spans[i].from, To: fi.spans[i].to}})
			}
		}
	})
}

// perPlace bounds how many ways of one place are looked at for one flow, where what is asked is
// a matter of counts or of examples.
const perPlace = 32

// some returns every n-th of ways, others for other rows, so that at most perPlace are looked at;
// n is what each of them stands for.
func some(ways []way, row int64, visit func(w way, n int64)) {
	n := int64((len(ways) + perPlace - 1) / perPlace)
	if n == 0 {
		return
	}
	for i := row % n; i < int64(len(ways)); i += n {
		visit(ways[i], n)
	}
}

// numbers returns those from 0 to n that are wanted.
func numbers(n int, wanted func(int) bool) []int32 {
	var out []int32
	for i := range n {
		if wanted(i) {
			out = append(out, int32(i))
		}
	}
	return slices.Clip(out)
}
