package drift

import (
	"cmp"
	"math"
	"slices"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
	"pcapmill/model/drift/stat"
)

// values compares the keys of categories, such as services, on both sides.
type values struct {
	categories []category
	keys       *keys // of current and baseline
	sides      []keySides
	sums       []float64 // of the host at hand, by category
}

// category is what all keys of one come to.
type category struct {
	name            string
	hosts           int     // that have keys now
	before, now     uint64  // counts
	cells           float64 // of the baseline: pairs of a host and a key
	nowCells        float64
	beforeSq, nowSq float64 // sums of the squares of what hosts have in all
	hostsBefore     int     // that have keys in the baseline
	inexact         bool    // it has no room for all keys of the baseline
}

// keySides is what a key has.
type keySides struct {
	before, now           uint64
	hostsBefore, hostsNow int32
	beforeSq, nowSq       float64 // sums over hosts: of squares, and of products with the host's total
	beforeX, nowX         float64
}

func newValues(categories []string, k *keys) *values {
	v := &values{keys: k, sides: make([]keySides, len(k.names)), sums: make([]float64, len(categories))}
	for _, name := range categories {
		v.categories = append(v.categories, category{name: name})
	}
	return v
}

// learn takes the keys of a host of the baseline.
func (v *values) learn(host *baseline.HostView) {
	for i := range v.categories {
		k, c := host.Keys(i), &v.categories[i]
		c.inexact = c.inexact || k.LeftOut > 0
		c.before += k.LeftOut
		sum := 0.0
		for _, e := range k.All {
			sum += float64(e.Count)
		}
		if sum > 0 {
			c.hostsBefore++
			c.beforeSq += sum * sum
		}
		for _, e := range k.All {
			c.before += e.Count
			c.cells++
			s, ok := v.side(i, e.Key)
			if !ok {
				c.inexact = true
				continue
			}
			n := float64(e.Count)
			s.before += e.Count
			s.hostsBefore++
			s.beforeSq += n * n
			s.beforeX += n * sum
		}
	}
}

// hostKey is how often a host has a key now.
type hostKey struct {
	key int32
	n   uint64
}

// see takes what a host has now: its counts by key, one for each.
func (v *values) see(counts []hostKey) {
	clear(v.sums)
	for _, k := range counts {
		c, _ := v.keys.of(k.key)
		v.sums[c] += float64(k.n)
	}
	for i, sum := range v.sums {
		if sum > 0 {
			v.categories[i].hosts++
			v.categories[i].nowSq += sum * sum
		}
	}
	for _, k := range counts {
		i, _ := v.keys.of(k.key)
		c, s, x := &v.categories[i], &v.sides[k.key], float64(k.n)
		c.now += k.n
		c.nowCells++
		s.now += k.n
		s.hostsNow++
		s.nowSq += x * x
		s.nowX += x * v.sums[i]
	}
}

func (v *values) side(category int, key []byte) (*keySides, bool) {
	at, ok := v.keys.number(category, key)
	if !ok {
		return nil, false
	}
	for int(at) >= len(v.sides) {
		v.sides = append(v.sides, keySides{})
	}
	return &v.sides[at], true
}

// valueVerdict is what is said of a category.
type valueVerdict struct {
	category     *category
	fresh        []KeyItem // keys that are new, most hosts first
	freshCells   float64   // pairs of a host and a new key, and how many were to be expected
	expected     float64
	keysNow      int // different ones, and how many were to be expected
	keysExpected float64
	gone         []KeyItem
	shares       []KeyItem // the largest changes of a share
	chi          stat.Result
	chiKnown     bool
	psi          float64
	adjusted     float64
}

func (v *values) judge() []valueVerdict {
	verdicts := make([]valueVerdict, len(v.categories))
	once := make([]float64, len(v.categories))
	of := make([][]int32, len(v.categories))
	for key := range v.sides {
		i, _ := v.keys.of(int32(key))
		of[i] = append(of[i], int32(key))
		s := &v.sides[key]
		if s.hostsBefore == 1 {
			once[i]++
		}
	}
	for i := range verdicts {
		x := &verdicts[i]
		x.category = &v.categories[i]
		if x.category.cells > 0 {
			x.expected = x.category.nowCells * once[i] / x.category.cells
		}
		var hosts []int32
		for _, key := range of[i] {
			if s := &v.sides[key]; s.hostsBefore > 0 {
				hosts = append(hosts, s.hostsBefore)
			}
			if v.sides[key].now > 0 {
				x.keysNow++
			}
		}
		slices.Sort(hosts) // keys have numbers as rows came: no order of theirs shows in the sum
		x.keysExpected = expectedKeys(hosts, x.category.nowCells)
		v.sort(x, of[i])
		v.share(x, of[i])
	}
	return verdicts
}

// unlearnt are the categories of which the baseline has no key, as of tables without pairs, and
// the current windows have some.
func (v *values) unlearnt() (names []string) {
	for i := range v.categories {
		if c := &v.categories[i]; c.before == 0 && c.now > 0 {
			names = append(names, c.name)
		}
	}
	return names
}

// leastSeen is how often a key should have come now, by how often it came, for its
// absence to say something.
const leastSeen = 20

// sort finds keys that are new or gone.
func (v *values) sort(x *valueVerdict, of []int32) {
	c := x.category
	for _, key := range of {
		s := &v.sides[key]
		_, name := v.keys.of(key)
		item := KeyItem{Key: name, Baseline: s.before, Current: s.now, Hosts: int(s.hostsNow)}
		switch {
		case s.before == 0 && !c.inexact:
			item.Change = "new"
			x.fresh = append(x.fresh, item)
			x.freshCells += float64(s.hostsNow)
		case s.now == 0 && c.before > 0 && float64(s.before)/float64(c.before)*float64(c.now) >= leastSeen:
			item.Change, item.Hosts = "gone", int(s.hostsBefore)
			x.gone = append(x.gone, item)
		}
	}
	byHosts := func(a, b KeyItem) int {
		return cmp.Or(cmp.Compare(b.Hosts, a.Hosts), cmp.Compare(b.Current+b.Baseline, a.Current+a.Baseline), cmp.Compare(a.Key, b.Key))
	}
	slices.SortFunc(x.fresh, byHosts)
	slices.SortFunc(x.gone, byHosts)
}

// mostShares keys have shares of their own, the others one together.
const mostShares = 9

// share compares the shares of keys that the baseline knows by chi-square, whose design
// effect says by how much counts vary more between hosts than independent ones. Where the
// baseline has a sample of the keys of a host, those that it has are not its uses.
func (v *values) share(x *valueVerdict, of []int32) {
	c := x.category
	known := slices.DeleteFunc(slices.Clone(of), func(k int32) bool { return v.sides[k].before == 0 })
	slices.SortFunc(known, func(a, b int32) int {
		_, na := v.keys.of(a)
		_, nb := v.keys.of(b)
		return cmp.Or(cmp.Compare(v.sides[b].before, v.sides[a].before), cmp.Compare(na, nb))
	})
	var before, now []int64
	var others keySides
	for i, key := range known {
		s := &v.sides[key]
		if i >= mostShares {
			others.before += s.before
			others.now += s.now
			continue
		}
		before, now = append(before, int64(s.before)), append(now, int64(s.now))
	}
	if others.before > 0 {
		before, now = append(before, int64(others.before)), append(now, int64(others.now))
	}
	if c.inexact || len(before) < 2 || c.now == 0 || min(c.hostsBefore, c.hosts) < leastUnits {
		return
	}
	known = known[:min(len(known), mostShares)]
	x.chi, x.chiKnown = stat.ChiSquare(before, now, v.design(c, known))
	if psi, err := sketch.PSICounts(unsigned(before), unsigned(now)); err == nil {
		x.psi = psi
	}
	for _, key := range known {
		s := &v.sides[key]
		was, is := float64(s.before)/float64(c.before), float64(s.now)/float64(c.now)
		item := KeyItem{Baseline: s.before, Current: s.now, Hosts: int(s.hostsNow), Change: "more"}
		if is < was {
			item.Change = "less"
		}
		_, item.Key = v.keys.of(key)
		x.shares = append(x.shares, item)
	}
	slices.SortStableFunc(x.shares, func(a, b KeyItem) int {
		return cmp.Compare(moved(b, c), moved(a, c))
	})
}

func moved(k KeyItem, c *category) float64 {
	return math.Abs(float64(k.Current)/float64(c.now) - float64(k.Baseline)/float64(c.before))
}

func unsigned(counts []int64) []uint64 {
	u := make([]uint64, len(counts))
	for i, n := range counts {
		u[i] = uint64(n)
	}
	return u
}

// design is the mean over keys of the variance of their count between hosts (the ratio
// estimator of cluster sampling) over that of independent counts, at least 1: Rao and
// Scott's first order correction (JASA 76, 1981).
func (v *values) design(c *category, of []int32) float64 {
	sum, n := 0.0, 0.0
	for _, key := range of {
		s := &v.sides[key]
		for _, side := range []struct{ count, total, squares, product, all, hosts float64 }{
			{float64(s.before), float64(c.before), s.beforeSq, s.beforeX, c.beforeSq, float64(c.hostsBefore)},
			{float64(s.now), float64(c.now), s.nowSq, s.nowX, c.nowSq, float64(c.hosts)},
		} {
			if side.count == 0 || side.count >= side.total {
				continue
			}
			p := side.count / side.total
			between := (side.squares - 2*p*side.product + p*p*side.all) * side.hosts / (side.hosts - 1)
			sum += between / (side.total * p * (1 - p))
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return max(1, sum/n)
}
