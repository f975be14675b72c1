package split

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// plan says which rows are in which split.
type plan struct {
	units   *units
	rows    []int64  // by component
	order   []uint64 // by component: the least of its units
	start   []int64  // by component, where the policy asks
	end     []int64
	split   []int8 // by component; none: left out
	unknown []bool // by class
	bounds  []int64
}

// none is the split of components that are left out.
const none = -1

// Why rows are left out.
const (
	outEmbargo = iota
	outHosts
	outUnknown
	outs
)

var outReasons = [outs]string{
	"their unit lies across a boundary, or touches an embargo", "they are between internal hosts of two splits", "their class is unknown to their split",
}

// newPlan divides the units.
func newPlan(ctx context.Context, path string, u *units) (*plan, error) {
	p := &plan{units: u}
	p.components()
	if err := p.chooseUnknown(); err != nil {
		return nil, err
	}
	if u.cfg.By == ByTime {
		return p, p.byTime()
	}
	p.byShares()
	if u.cfg.By == ByHost {
		return p, p.byHost(ctx, path)
	}
	return p, nil
}

// components numbers them, and sums up their units.
func (p *plan) components() {
	u := p.units
	u.comp = make([]int32, len(u.parent))
	for unit := range int32(len(u.parent)) {
		root := u.root(unit)
		if root == unit { // the first of its component
			u.comp[unit] = int32(len(p.order))
			p.order = append(p.order, math.MaxUint64)
			if u.timed() {
				p.start, p.end = append(p.start, math.MaxInt64), append(p.end, math.MinInt64)
			}
		}
		c := u.comp[root]
		u.comp[unit] = c
		p.order[c] = min(p.order[c], u.order[unit])
		if u.timed() {
			p.start[c], p.end[c] = min(p.start[c], u.start[unit]), max(p.end[c], u.end[unit])
		}
	}
	u.parent, u.order, u.first, u.start, u.end = nil, nil, nil, nil, nil
	p.rows, p.split = make([]int64, len(p.order)), make([]int8, len(p.order))
	for i := range p.split {
		p.split[i] = none
	}
	for _, unit := range u.of {
		p.rows[u.comp[unit]]++
	}
}

// chooseUnknown decides which classes training does not have.
func (p *plan) chooseUnknown() error {
	u := p.units
	p.unknown = make([]bool, len(u.labels))
	for _, name := range u.cfg.Unknown {
		class, known := u.classes[name]
		if !known {
			return usage.Errorf("no row has the label %s%s", text.Escape(name), text.Suggest(name, u.labels[1:]))
		}
		p.unknown[class] = true
	}
	if n := u.cfg.UnknownN; n > 0 {
		var attacks []int32
		for class := int32(1); class < int32(len(u.labels)); class++ {
			if !u.benign(u.labels[class]) {
				attacks = append(attacks, class)
			}
		}
		if n >= len(attacks) {
			return usage.Errorf("of %d classes besides benign ones, %d cannot be unknown", len(attacks), n)
		}
		place := func(class int32) uint64 {
			return sketch.HashInt(sketch.HashInt(u.cfg.Seed) ^ sketch.Hash([]byte(u.labels[class])))
		}
		slices.SortFunc(attacks, func(a, b int32) int { return cmp.Compare(place(a), place(b)) })
		for _, class := range attacks[:n] {
			p.unknown[class] = true
		}
	}
	return nil
}

// allowed reports whether a split may have rows of unknown classes.
func (c *Config) allowed(split int8) bool { return split == Test || split == Validation && c.Validated }

// byTime divides by boundaries.
func (p *plan) byTime() error {
	if len(p.rows) == 0 {
		return nil
	}
	p.bounds = p.boundaries()
	embargo, last := int64(p.units.cfg.Embargo), int8(Validation)
	parts := []int8{Train, Test}
	if len(p.bounds) == 2 {
		parts = []int8{Train, last, Test}
	}
	for c := range p.rows {
		at := 0
		for at < len(p.bounds) && p.start[c] >= p.bounds[at] {
			at++
		}
		after := at == 0 || p.start[c]-p.bounds[at-1] >= embargo
		before := at == len(p.bounds) || p.end[c] < p.bounds[at]
		if after && before {
			p.split[c] = parts[at]
		}
	}
	return nil
}

// boundaries are those asked for, or where units begin so that those before have their share
// of the rows.
func (p *plan) boundaries() []int64 {
	cfg := p.units.cfg
	if len(cfg.Boundaries) > 0 {
		bounds := make([]int64, len(cfg.Boundaries))
		for i, b := range cfg.Boundaries {
			bounds[i] = b.UnixNano()
		}
		return bounds
	}
	byStart := make([]int32, len(p.rows))
	total := int64(0)
	for c := range byStart {
		byStart[c] = int32(c)
		total += p.rows[c]
	}
	slices.SortFunc(byStart, func(a, b int32) int { return cmp.Compare(p.start[a], p.start[b]) })
	shares := []float64{cfg.Shares[Train], cfg.Shares[Validation], cfg.Shares[Test]}
	if shares[Validation] == 0 {
		shares = []float64{cfg.Shares[Train], cfg.Shares[Test]}
	}
	sum, before := 0.0, 0.0
	for _, s := range shares {
		sum += s
	}
	var bounds []int64
	seen, at := int64(0), 0
	for _, s := range shares[:len(shares)-1] {
		before += s
		for at < len(byStart) && float64(seen) < before/sum*float64(total) {
			for start := p.start[byStart[at]]; at < len(byStart) && p.start[byStart[at]] == start; at++ {
				seen += p.rows[byStart[at]]
			}
		}
		bounds = append(bounds, p.start[byStart[min(at, len(byStart)-1)]])
	}
	return bounds
}

// byShares assigns the components so that splits come near to their shares.
func (p *plan) byShares() {
	fixed := p.fix()
	normal, odd := make([]int32, 0, len(p.rows)), []int32(nil)
	pure := p.pureUnknown()
	for c := range int32(len(p.rows)) {
		switch {
		case p.split[c] != none:
		case pure != nil && pure[c]:
			odd = append(odd, c)
		default:
			normal = append(normal, c)
		}
	}
	shares := p.units.cfg.Shares
	if fixed {
		shares[Test] = 0
	}
	p.greedy(normal, shares)
	shares = p.units.cfg.Shares
	shares[Train] = 0
	if !p.units.cfg.Validated {
		shares[Validation] = 0
	}
	p.greedy(odd, shares)
}

// fix puts the rows of test hosts into test, and reports whether there are such hosts.
func (p *plan) fix() bool {
	hosts := p.units.cfg.TestHosts
	for name, h := range p.units.hosts {
		if h.unit >= 0 && within(hosts, name) {
			p.split[p.units.comp[h.unit]] = Test
		}
	}
	return len(hosts) > 0
}

// pureUnknown reports which components have rows of unknown classes alone; nil: none.
func (p *plan) pureUnknown() []bool {
	if !p.units.cfg.open() {
		return nil
	}
	pure := make([]bool, len(p.rows))
	for c := range pure {
		pure[c] = true
	}
	for row, unit := range p.units.of {
		if !p.unknown[p.units.class[row]] {
			pure[p.units.comp[unit]] = false
		}
	}
	return pure
}

// byHost settles which split hosts are in, so that rows between two can be left out.
func (p *plan) byHost(ctx context.Context, path string) error {
	if !p.settle() {
		return nil
	}
	from := 0
	pick := func(*column.Schema) ([]string, error) { return p.units.keys.names, nil }
	err := tables.Read(ctx, path, pick, func(b *batch.Batch) error {
		if from+b.Rows > len(p.units.of) {
			return unfit("keys changed while they were read")
		}
		p.tally(b, from)
		from += b.Rows
		return nil
	})
	p.settleIdle()
	return err
}

// bound is a boundary for people.
func bound(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }
