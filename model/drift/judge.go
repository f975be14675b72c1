package drift

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"pcapmill/model/baseline"
)

// Base is what windows are compared with: a baseline in memory or a file of one.
type Base interface {
	Table() baseline.Table
	Config() baseline.Config
	Days() []baseline.Day
	Sources() []baseline.Source
	Rest() (baseline.Rest, error)
	EachHost(ctx context.Context, yield func(*baseline.HostView) error) error
	Keeps(host netip.Addr) bool // by itself, were there windows of it
}

// Judge says how current windows differ from a baseline. It reads the windows into
// memory, about 200 bytes each, and the baseline in one pass. Errors are ErrMismatch,
// ErrTooMany, and those of what it reads.
func Judge(ctx context.Context, base Base, now Windows, c Config) (*Report, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	cur, err := read(ctx, base.Table(), base.Config().Categories, now)
	if err != nil {
		return nil, err
	}
	j := newJudge(base, cur, c)
	j.quality, j.gated = quality(now)
	if err := base.EachHost(ctx, j.meet); err != nil {
		return nil, err
	}
	j.rest(netip.Addr{})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return j.report(base)
}

// judge goes over the hosts of baseline and current windows together, by address.
type judge struct {
	c         Config
	kinds     []kind
	current   *current
	next      int // of current.order: hosts from there on have not been met
	keeps     func(netip.Addr) bool
	beyond    int              // current windows of hosts that the baseline does not keep by themselves
	most      map[int64]uint64 // current windows by the hour, of the host that has most
	stepper   *stepper
	scorer    *scorer
	segments  map[baseline.Key]*segment
	totals    []*totaling
	summed    []bool    // features that totals need
	before    []float64 // sums of the host at hand, by feature
	now       []float64
	oneHost   uint64 // of so many are looked at for how broad a change is
	out, in   int    // places of the features that tell clients, -1: not there
	people    [populations]population
	values    *values
	counts    []hostKey  // of the host at hand
	newcomers []newcomer // the first of them by address
	starts    []int64    // of the current windows
	hours     []int64    // these lie in
	windows   uint64     // of the baseline
	hosts     uint64
	judged    Judged
	quality   []Item
	gated     bool // the captures lack so much that changes prove nothing
	scores    []Score
	asked     []ownQuestion // of the host at hand
	own       []ownStep     // of single hosts, that are unlikely
	ownSmall  []float64     // p-values of others that are as unlikely, and of no size
	ownMore   int           // further ones that were tested
	overlap   map[string]float64
	courses   map[int]map[int64]float64
	presences []Presence // of hosts that were asked for
}

// Populations: all hosts, and those of private addresses.
const (
	everybody = iota
	local
	populations
)

// segment is a part of the network, with what its hosts say.
type segment struct {
	key     baseline.Key
	tallies []*tally // of features
}

func newJudge(base Base, cur *current, c Config) *judge {
	config := base.Config()
	j := &judge{
		c: c, kinds: kindsOf(base.Table(), cur.columns, c.Weights), current: cur,
		stepper:  newStepper(config.Precision),
		keeps:    base.Keeps,
		most:     map[int64]uint64{},
		segments: map[baseline.Key]*segment{},
		values:   newValues(config.Categories, &cur.keys),
		courses:  map[int]map[int64]float64{},
	}
	j.scorer = newScorer(j.kinds, c.Weights)
	j.overlap = overlaps(j.kinds)
	j.totals = newTotals(j.kinds)
	for _, host := range c.Asked {
		j.presences = append(j.presences, Presence{Host: host.String()})
	}
	for i := range j.people {
		j.people[i].hours = map[int64]*hourCount{}
	}
	j.summed = make([]bool, len(j.kinds))
	for _, t := range j.totals {
		j.summed[t.y] = true
		if t.x >= 0 {
			j.summed[t.x] = true
		}
	}
	table := base.Table()
	j.out, j.in = table.Index("out_flows"), table.Index("in_flows")
	for _, i := range []int{j.out, j.in} {
		if i >= 0 {
			j.summed[i] = true
		}
	}
	j.starts = slices.Compact(slices.Sorted(slices.Values(cur.starts)))
	for _, start := range j.starts {
		j.hours = append(j.hours, hourOf(start))
	}
	j.hours = slices.Compact(j.hours)
	for _, p := range cur.parts() {
		s, most := &segment{key: p.key}, mostUnitsOfOne
		if p.key == baseline.GlobalKey() {
			most = mostUnits
			j.oneHost = uint64(max(1, (p.hosts+most-1)/most))
		}
		for range j.kinds {
			s.tallies = append(s.tallies, newTally(uint64((p.hosts+most-1)/most)))
		}
		j.segments[p.key] = s
	}
	return j
}

// meet takes a host of the baseline, and those of the current windows before it.
func (j *judge) meet(v *baseline.HostView) error {
	j.rest(v.Host)
	rows := j.rowsOf(v.Host)
	j.hosts++
	j.windows += v.Windows
	j.values.learn(v)
	j.count(v, rows)
	j.total(v, rows)
	if len(rows) == 0 {
		return nil
	}
	j.see(rows)
	if v.Host.IsMulticast() {
		return j.compare(v, rows)
	}
	if j.scorer.learn(v) {
		if score, ok := j.scorer.score(v, j.current, rows, j.c.Index); ok {
			j.judged.Hosts++
			j.keep(score)
		}
	} else {
		j.judged.WarmingUp++
	}
	return j.compare(v, rows)
}

// keep keeps the hosts that have drifted most, as many as a report has and some more.
func (j *judge) keep(score Score) {
	if score.Severity == None {
		return
	}
	if j.scores = append(j.scores, score); len(j.scores) >= 2*j.c.MostHosts {
		sortScores(j.scores)
		j.judged.MoreHosts += len(j.scores) - j.c.MostHosts
		j.scores = slices.Delete(j.scores, j.c.MostHosts, len(j.scores))
	}
}

// rest takes current hosts before an address, of all where it is none: the baseline does
// not have them. Those that it would have summed up as its rest may be there: they are left out,
// as their windows of before are.
func (j *judge) rest(before netip.Addr) {
	for j.next < len(j.current.order) {
		host := j.current.hosts[j.current.order[j.next]]
		if before.IsValid() && host.Compare(before) >= 0 {
			return
		}
		rows := j.rowsOf(host)
		if !j.keeps(host) {
			j.presentBeyond(host, len(rows))
			j.beyond += len(rows)
			continue
		}
		j.see(rows)
		j.total(nil, rows)
		j.welcome(host, rows)
	}
}

// rowsOf takes the rows of a host, if those are next.
func (j *judge) rowsOf(host netip.Addr) []int32 {
	from := j.next
	for j.next < len(j.current.order) && j.current.hosts[j.current.order[j.next]] == host {
		j.next++
	}
	return j.current.order[from:j.next]
}

// see takes the keys of a host's rows.
func (j *judge) see(rows []int32) {
	j.counts = j.counts[:0]
	for _, row := range rows {
		for _, k := range j.current.countsOf(row) {
			j.counts = append(j.counts, hostKey{k.key, uint64(k.n)})
		}
	}
	slices.SortFunc(j.counts, func(a, b hostKey) int { return cmp.Compare(a.key, b.key) })
	one := 0 // the last of those that are one for each key
	for i, k := range j.counts {
		switch {
		case i == 0:
		case k.key == j.counts[one].key:
			j.counts[one].n += k.n
		default:
			one++
			j.counts[one] = k
		}
	}
	if len(j.counts) > 0 {
		j.values.see(j.counts[:one+1])
	}
}

// compare takes the steps of a known host into its segments, and judges its own.
func (j *judge) compare(v *baseline.HostView, rows []int32) error {
	segments := j.segmentsOf(v.Host, rows)
	for f := range j.kinds {
		k := &j.kinds[f]
		x, ok := j.stepper.of(v, f, k.scale, j.current, rows)
		if !ok {
			continue
		}
		for _, s := range segments {
			if err := s.tallies[f].add(v.Host, x, k.floor); err != nil {
				return err
			}
		}
		j.askOwn(v.Host, f, x)
	}
	j.judgeOwn(v, rows)
	return nil
}

// segmentsOf returns the segments that a host's rows are in.
func (j *judge) segmentsOf(host netip.Addr, rows []int32) []*segment {
	all := []*segment{j.segments[baseline.GlobalKey()]}
	if s := j.segments[baseline.SubnetOf(host)]; s != nil {
		all = append(all, s)
	}
	var tags []baseline.Key
	for _, row := range rows {
		for _, t := range j.current.tagSets[j.current.tags[row]] {
			if s := j.segments[t]; s != nil && !slices.Contains(tags, t) {
				tags, all = append(tags, t), append(all, s)
			}
		}
	}
	return all
}

// findings of all segments, global first.
func (j *judge) findings() []finding {
	keys := make([]baseline.Key, 0, len(j.segments))
	for k := range j.segments {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var all []finding
	for _, k := range keys {
		all = append(all, j.findingsOf(j.segments[k])...)
	}
	return all
}

// findingsOf one segment. How much its hours resemble those before them is estimated from
// all features together.
func (j *judge) findingsOf(s *segment) (all []finding) {
	hours := make([]courses, len(s.tallies))
	for f, t := range s.tallies {
		hours[f] = courses{courseOf(&t.hours, j.kinds[f].floor), courseOf(&t.nowHours, j.kinds[f].floor)}
	}
	memories := memoriesOf(hours)
	for f, t := range s.tallies {
		if t.steps.n == 0 {
			continue
		}
		k := &j.kinds[f]
		x := t.judge(s.key, k.name, k.floor, hours[f], memories[f], j.c)
		x.feature, x.group = f, k.group
		all = append(all, x)
	}
	return all
}
