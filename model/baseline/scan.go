package baseline

import (
	"maps"
	"math"
	"net/netip"
	"slices"
)

// scan goes over the blocks of a file in their order, and checks it. After next, the block
// is what the decoder has next: the caller takes it before it calls next again.
type scan struct {
	d    *decoder
	c    *contents
	tags []tagSet
	place
	size  uint64 // of the block
	first bool   // whether it is the host's first

	kept int // hosts with an address
	used []bool
	days []Day // of the rest
}

// place is where a scan stands: before a block of a host, or before the next host.
type place struct {
	hosts  int        // that follow
	host   netip.Addr // the last one; no address for the rest
	begun  bool       // whether there was one
	blocks int        // of it that follow
	day    Day        // of the block before
	tag    int        // of the block before, as a place among all sets
}

// newScan reads how many hosts there are.
func newScan(d *decoder, c *contents, tags []tagSet) *scan {
	return &scan{d: d, c: c, tags: tags, used: make([]bool, len(tags)), place: place{hosts: d.count(math.MaxInt32)}}
}

// next moves on to a block, and reports whether there is one. There is none behind the
// last, and none behind what Encode does not write.
func (s *scan) next() bool {
	s.first = s.blocks == 0
	if s.d.failed || s.first && !s.nextHost() {
		return false
	}
	s.blocks--
	step := s.d.signed(-1<<33, 1<<33)
	tag := s.d.number(MaxTagSets)
	s.size = s.d.number(s.d.left())
	day := int64(s.day) + step
	if s.d.failed || tag >= uint64(len(s.tags)) || s.size == 0 || s.size > s.d.left() ||
		day < max(int64(s.c.since), int64(firstDay)) || day > int64(lastDay) ||
		!s.first && (step < 0 || step == 0 && int(tag) <= s.tag) {
		s.d.fail()
		return false
	}
	s.day, s.tag = Day(day), int(tag)
	s.note()
	return true
}

// nextHost reads the address of a host behind the last one, and its number of blocks.
func (s *scan) nextHost() bool {
	if s.hosts == 0 {
		return false
	}
	s.hosts--
	host := s.d.address()
	s.blocks = int(s.d.number(math.MaxInt32)) // more than there are fails where they end
	if s.d.failed || s.blocks == 0 || s.begun && host.Compare(s.host) <= 0 || !s.mayHold(host) {
		s.d.fail()
		return false
	}
	s.host, s.begun, s.day, s.tag = host, true, 0, -1
	return true
}

// mayHold reports whether a host may be there, as trim leaves it.
func (s *scan) mayHold(host netip.Addr) bool {
	if !host.IsValid() {
		return s.c.limit != nil
	}
	s.kept++
	if s.c.limit == nil {
		return s.kept <= s.c.config.Hosts
	}
	rank := rankOf(host)
	return s.kept <= s.c.config.Hosts && rank.compare(s.c.limit) <= 0
}

// note keeps what whole asks for.
func (s *scan) note() {
	if s.used != nil {
		s.used[s.tag] = true
	}
	if n := len(s.days); !s.host.IsValid() && (n == 0 || s.day > s.days[n-1]) {
		s.days = append(s.days, s.day)
	}
}

// whole reports whether the file ended behind the last block, and what it said before was
// said of these.
func (s *scan) whole() bool {
	return !s.d.failed && s.d.left() == 0 && !slices.Contains(s.used, false) &&
		slices.Equal(s.days, slices.Sorted(maps.Keys(s.c.restOf)))
}
