package baseline

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"

	"pcapmill/outputs/publish"
)

// Part is what Join reads: a Baseline or a File.
type Part interface{ part() *reading }

func (r *reading) part() *reading { return r }

// Leave says what Join leaves out.
type Leave struct {
	Before *Day         // earlier days, as DropBefore; nil: none but those that were dropped
	Hosts  []netip.Addr // as Forget
}

// Joined says what Join wrote.
type Joined struct {
	Hosts  int // that are kept by themselves
	Forgot int // hosts of Leave that were there
}

// Join saves what parts have together without what is left out: the same bytes as those of
// a Merge of parts of which that was dropped and forgotten. Of files it holds in memory
// what Open does, the rest, a host at a time, and 48 bytes for each host. A part may be of
// the file that it replaces. Errors are those of Merge, before which nothing is written,
// and of Save.
func Join(name string, leave Leave, parts ...Part) (Joined, error) {
	if err := mayReplace(name); err != nil {
		return Joined{}, err
	}
	j, err := newJoin(leave, parts)
	if err != nil {
		return Joined{}, err
	}
	if err := j.plan(); err != nil {
		return Joined{}, err
	}
	if _, err := publish.Replace(name, j.write, whole); err != nil {
		return Joined{}, err
	}
	j.done.Forgot = len(j.found)
	return j.done, nil
}

// join is a Join on its way.
type join struct {
	*Baseline // has all but the hosts
	parts     []*reading
	forget    map[netip.Addr]bool
	found     map[netip.Addr]bool // of forget
	tags      map[tagSet]bool
	done      Joined
}

// newJoin checks the parts and takes over what is not in blocks.
func newJoin(leave Leave, parts []Part) (*join, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("%w: nothing to join", ErrConfig)
	}
	first := parts[0].part()
	b, err := New(first.config, first.table)
	if err != nil {
		return nil, err
	}
	j := &join{Baseline: b, forget: map[netip.Addr]bool{}, found: map[netip.Addr]bool{}, tags: map[tagSet]bool{}}
	for _, host := range leave.Hosts {
		j.forget[plain(host)] = true
	}
	if leave.Before != nil {
		j.since = *leave.Before
	}
	for _, p := range parts {
		if err := j.take(p.part()); err != nil {
			return nil, err
		}
	}
	for _, p := range j.parts {
		for day, d := range p.restOf {
			if day >= j.since {
				j.restHosts(day).Merge(d)
			}
		}
	}
	return j, nil
}

func (j *join) take(p *reading) error {
	if !j.config.equal(&p.config) || !j.table.equal(&p.table) {
		return ErrMismatch
	}
	if err := p.from.Check(); err != nil {
		return err
	}
	for i := range p.sources {
		if err := j.AddSource(p.sources[i]); err != nil {
			return err
		}
	}
	j.since = max(j.since, p.since)
	if p.limit != nil && (j.limit == nil || p.limit.compare(j.limit) < 0) {
		j.limit = p.limit
	}
	j.parts = append(j.parts, p)
	return nil
}

// plan finds out which hosts stay, and what is in the rest.
func (j *join) plan() error {
	if err := j.choose(); err != nil {
		return err
	}
	if j.limit == nil {
		return nil
	}
	rest := j.merging()
	err := j.blocks(func(alike []*stop) error {
		if j.keeps(alike[0].host) {
			return nil
		}
		for _, s := range alike {
			if s.host.IsValid() {
				j.restHosts(s.day).Add(rankOf(s.host).hash)
			}
			if err := rest.toRest(&stored{day: s.day, tags: s.tags, packed: s.packed}); err != nil {
				return err
			}
		}
		return nil
	})
	rest.close()
	return err
}

// choose counts hosts and sets of tags, and lowers the limit where there are too many hosts.
func (j *join) choose() error {
	var ranks []rank
	var last netip.Addr
	hosts := 0
	err := j.blocks(func(alike []*stop) error {
		s := alike[0]
		j.tags[s.tags] = true
		if s.host == last || !j.keeps(s.host) {
			return nil
		}
		last = s.host
		hosts++
		if ranks = append(ranks, rankOf(s.host)); len(ranks) >= 2*j.config.Hosts {
			ranks = firstRanks(ranks, j.config.Hosts)
		}
		return nil
	})
	if err == nil && len(j.tags) > MaxTagSets {
		err = fmt.Errorf("%w: more than %d combinations of tags", ErrFull, MaxTagSets)
	}
	if hosts > j.config.Hosts || hosts == j.config.Hosts && j.limit != nil { // see Baseline.trim
		ranks = firstRanks(ranks, j.config.Hosts)
		j.limit = &ranks[len(ranks)-1]
	}
	j.done.Hosts = min(hosts, j.config.Hosts)
	return err
}

// firstRanks returns the n first, in order.
func firstRanks(ranks []rank, n int) []rank {
	slices.SortFunc(ranks, func(x, y rank) int { return x.compare(&y) })
	return ranks[:n]
}

// keeps reports whether a host is not of the rest, as far as the limit is known.
func (j *join) keeps(host netip.Addr) bool {
	if !host.IsValid() || j.limit == nil {
		return host.IsValid()
	}
	r := rankOf(host)
	return r.compare(j.limit) <= 0
}

// write writes the file.
func (j *join) write(to io.Writer) error {
	n := j.done.Hosts
	if len(j.rest.blocks) > 0 {
		n++
	}
	e := j.encode(to, slices.Sorted(maps.Keys(j.tags)), n)
	if len(j.rest.blocks) > 0 {
		e.host(&j.rest)
	}
	one := &host{}
	err := j.blocks(func(alike []*stop) error {
		s := alike[0]
		if !j.keeps(s.host) {
			return nil
		}
		if s.host != one.host {
			j.put(e, one)
			one.host = s.host
		}
		packed, err := j.together(alike)
		one.blocks = append(one.blocks, &stored{day: s.day, tags: s.tags, packed: packed})
		return err
	})
	if err != nil {
		return err
	}
	j.put(e, one)
	return e.end()
}

// put writes a host whose blocks are all there, if there is one.
func (j *join) put(e *encoder, h *host) {
	if len(h.blocks) > 0 {
		e.host(h)
	}
	h.blocks = h.blocks[:0]
}

// together merges blocks of one host, day and set of tags.
func (j *join) together(alike []*stop) ([]byte, error) {
	into := &stored{}
	for _, s := range alike {
		if err := j.mergeBlock(into, &stored{packed: s.packed}); err != nil {
			return nil, err
		}
	}
	if len(alike) == 1 {
		return slices.Clone(into.packed), nil // what was read is written over
	}
	return into.packed, nil
}

// blocks calls yield with the blocks of all parts that are not left out, by host, day and
// tags, those of the same host, day and tags together. They are valid until it returns.
func (j *join) blocks(yield func(alike []*stop) error) error {
	var cursors []*cursor
	for _, p := range j.parts {
		runs, err := p.from.all()
		if err != nil {
			return err
		}
		c := &cursor{join: j, runs: runs}
		if err := c.next(); err != nil {
			return err
		}
		cursors = append(cursors, c)
	}
	for {
		var alike []*stop
		var of []*cursor
		for _, c := range cursors {
			if c.over() {
				continue
			}
			order := -1
			if len(alike) > 0 {
				order = c.stop().compare(alike[0])
			}
			if order < 0 {
				alike, of = alike[:0], of[:0]
			}
			if order <= 0 {
				alike, of = append(alike, c.stop()), append(of, c)
			}
		}
		if len(alike) == 0 {
			return nil
		}
		if err := yield(alike); err != nil {
			return err
		}
		for _, c := range of {
			if err := c.next(); err != nil {
				return err
			}
		}
	}
}

func (s *stop) compare(o *stop) int {
	return cmp.Or(s.host.Compare(o.host), cmp.Compare(s.day, o.day), cmp.Compare(s.tags, o.tags))
}

// cursor goes over the blocks of a part.
type cursor struct {
	join  *join
	runs  []run // that follow
	buf   []byte
	all   []stop // of the run that was read
	stops []stop // of these, from the current one on
}

func (c *cursor) over() bool  { return len(c.stops) == 0 }
func (c *cursor) stop() *stop { return &c.stops[0] }

// next moves on to the next block that is not left out.
func (c *cursor) next() (err error) {
	if len(c.stops) > 0 {
		c.stops = c.stops[1:]
	}
	for len(c.stops) == 0 && len(c.runs) > 0 {
		c.all = c.all[:0]
		c.buf, err = c.runs[0].read(c.buf, func(s *stop) error {
			if forgotten := c.join.forget[s.host]; forgotten {
				c.join.found[s.host] = true
			} else if s.day >= c.join.since {
				c.all = append(c.all, *s)
			}
			return nil
		})
		if err != nil {
			return err
		}
		c.runs, c.stops = c.runs[1:], c.all
	}
	return nil
}
