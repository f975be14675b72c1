package match

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
)

// maxLooked bounds, over all crowds, how many events of one look are compared with flows of one
// look, and how many flows are gathered for events of one look.
const maxLooked = 1 << 28

// settle finds the flows of the events of crowds.
func (r *run) settle(ctx context.Context, flows *crowds, to *candidates) error {
	slices.SortFunc(flows.all, func(a, b held) int {
		return cmp.Or(cmp.Compare(flows.looks[a.look].crowd, flows.looks[b.look].crowd), cmp.Compare(a.look, b.look), cmp.Compare(a.start, b.start), cmp.Compare(a.row, b.row))
	})
	s := settling{run: r, to: to}
	for all := flows.all; len(all) > 0; {
		c := flows.looks[all[0].look].crowd
		n := sort.Search(len(all), func(i int) bool { return flows.looks[all[i].look].crowd > c })
		if err := s.crowd(ctx, r.eventIndex.crowds[c], flows.looks, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// settling is one crowd after the other.
type settling struct {
	*run
	to     *candidates
	looked int64
	byEnd  []int32 // of the flows gathered, the first to end first
	spans  spans   // of the same
	flows  []reached
	found  []int32 // of these, for one event
}

// reached is a flow that fits events of one look in all but time.
type reached struct {
	*held
	reversed bool
}

func (s *settling) spend(n int) error {
	if s.looked += int64(n); s.looked > maxLooked {
		return fmt.Errorf("%w: events of one place differ in too much to be compared with its flows", ErrLimit)
	}
	return nil
}

// asked is what an event asks of flows, besides its time.
type asked struct {
	src, dst         address
	hasSrc, hasDst   bool
	srcPort, dstPort int32
	protocol, depth  int32
	capture          string
}

// crowd finds the flows of one crowd's events. Its flows come by their looks.
func (s *settling) crowd(ctx context.Context, c *crowd, looks []look, all []held) error {
	groups, order := map[asked][]int32{}, []asked{}
	for _, i := range c.events {
		e := &s.events[i]
		a := asked{e.src, e.dst, e.hasSrc, e.hasDst, e.SrcPort, e.DstPort, e.Protocol, e.Depth, e.Capture}
		if groups[a] == nil {
			order = append(order, a)
		}
		groups[a] = append(groups[a], i)
	}
	for _, a := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.gather(&s.events[groups[a][0]], c, looks, all); err != nil {
			return err
		}
		for _, i := range groups[a] {
			s.place(i)
		}
	}
	return nil
}

// gather finds the flows that fit an event in all but time.
func (s *settling) gather(e *event, c *crowd, looks []look, all []held) error {
	s.flows = s.flows[:0]
	for len(all) > 0 {
		n := sort.Search(len(all), func(i int) bool { return all[i].look > all[0].look })
		f := looks[all[0].look].flow(c)
		fields, reversed := e.nearest(&f) // the flow's packet is 0, which fits
		if err := s.spend(1); err != nil {
			return err
		}
		if fields == 0 {
			for i := range all[:n] {
				s.flows = append(s.flows, reached{&all[i], reversed})
			}
		}
		all = all[n:]
	}
	if err := s.spend(len(s.flows)); err != nil {
		return err
	}
	slices.SortFunc(s.flows, func(a, b reached) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.row, b.row)) })
	s.byEnd, s.spans = s.byEnd[:0], s.spans[:0]
	for i, f := range s.flows {
		s.byEnd = append(s.byEnd, int32(i))
		s.spans = append(s.spans, timed{from: f.start, to: more(f.end, 1), what: int32(i)})
	}
	slices.SortFunc(s.byEnd, func(a, b int32) int { return cmp.Or(cmp.Compare(s.flows[a].end, s.flows[b].end), cmp.Compare(a, b)) })
	s.spans.root(0, len(s.spans))
	return nil
}

// place hands over the flows that an event may be about.
func (s *settling) place(i int32) {
	e, room := &s.events[i], s.cfg.MaxPerEvent
	all := s.inside(e)
	for _, k := range s.found {
		s.take(i, k)
	}
	if !all {
		s.lose(i)
	}
	if !all || len(s.found) > 0 {
		return
	}
	s.around(i, room)
	if e.wide(s.cfg) {
		s.began(i, room)
	}
}

func (s *settling) lose(i int32) {
	s.to.lost[i]++
	s.to.dropped++
}

// take hands a flow over.
func (s *settling) take(i, at int32) {
	e, one := &s.events[i], &s.flows[at]
	f := flow{start: one.start, end: one.end}
	c := candidate{event: i, reversed: one.reversed, distance: e.distance(&f), row: one.row, flow: one.id, conn: one.conn}
	if e.lasts() {
		c.begins = int64(min(distance(e.begins(&f)), 1<<63-1))
	}
	s.to.add(&c)
}

// fits reports whether an event's packet may be of a flow.
func (s *settling) fits(e *event, at int32) bool {
	return !e.hasPacket || s.flows[at].packet <= e.Packet
}

// inside finds the flows in whose time an event is; false: there may be more.
func (s *settling) inside(e *event) bool {
	s.found = s.found[:0]
	left := s.steps()
	return s.spans.each(0, len(s.spans), e.from, e.last, func(t *timed) bool {
		if left--; left < 0 || len(s.found) == s.cfg.MaxPerEvent {
			return false
		}
		if s.fits(e, t.what) {
			s.found = append(s.found, t.what)
		}
		return true
	})
}

// steps bounds how many flows are looked at for one event.
func (s *settling) steps() int { return 8 * s.cfg.MaxPerEvent }

// around hands over the flows that an event is near to, the nearest first, until one of them is
// beaten.
func (s *settling) around(i int32, room int) {
	e := &s.events[i]
	before := sort.Search(len(s.byEnd), func(k int) bool { return s.flows[s.byEnd[k]].end >= e.from }) - 1
	behind := sort.Search(len(s.flows), func(k int) bool { return s.flows[k].start > e.last })
	for range s.steps() {
		at, d := int32(-1), int64(0)
		if before >= 0 {
			at = s.byEnd[before]
			d = less(s.flows[at].end, e.from)
		}
		if behind < len(s.flows) {
			if next := less(s.flows[behind].start, e.last); at < 0 || distance(next) < distance(d) {
				at, d = int32(behind), next
			}
		}
		switch {
		case at < 0 || beaten(distance(d), s.to.near[i]):
			return
		case d < 0 && !s.cfg.slack(d):
			before = -1
			continue
		case d < 0:
			before--
		case !s.cfg.slack(d):
			behind = len(s.flows)
			continue
		default:
			behind++
		}
		if !s.fits(e, at) {
			continue
		}
		if room--; room < 0 {
			break
		}
		s.take(i, at)
	}
	s.lose(i)
}

// began hands over the flows that began when the event says that its own did.
func (s *settling) began(i int32, room int) {
	e := &s.events[i]
	at := sort.Search(len(s.flows), func(k int) bool { return s.flows[k].start >= less(e.Began, int64(s.cfg.Before)) })
	for ; at < len(s.flows); at++ {
		f := flow{start: s.flows[at].start, end: s.flows[at].end}
		if !e.agrees(&f, s.cfg) {
			return
		}
		if s.cfg.slack(e.distance(&f)) || !s.fits(e, int32(at)) {
			continue
		}
		if room--; room < 0 {
			s.lose(i)
			return
		}
		s.take(i, int32(at))
	}
}
