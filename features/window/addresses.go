package window

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// MaxAddresses is how many different addresses are counted exactly.
const MaxAddresses = 1 << 14

const (
	firstPlaces = 1 << 10          // of a set that is new
	mostPlaces  = 2 * MaxAddresses // at most every second one is taken
)

// addresses counts the different ones of the addresses that it is given. Up to
// MaxAddresses it keeps each. Beyond, it keeps those whose fixed hash begins with level
// zero bits, the lowest level at which they are no more than that (adaptive sampling:
// Flajolet 1990); each then stands for 2^level. The relative standard error is
// 1.2/√kept, so at most 1.33 % with half of the places kept. What is kept depends on the
// set of the addresses alone, not on their order.
//
// It is a hash table with linear probing. Its places are keyed anew in each run, which
// no result depends on, against flooding with chosen addresses. An entry counts only
// where it bears the number of the generation: clear takes no time, however many there
// were.
type addresses struct {
	key        [2]uint64
	entries    []addressEntry // a power of two
	generation uint32
	kept       int
	level      uint
}

type addressEntry struct {
	high, low  uint64
	generation uint32
}

func newAddresses(key [2]uint64) addresses {
	return addresses{key: key, entries: make([]addressEntry, firstPlaces), generation: 1}
}

// clear forgets all addresses.
func (s *addresses) clear() {
	s.kept, s.level = 0, 0
	if s.generation++; s.generation == 0 {
		clear(s.entries)
		s.generation = 1
	}
}

// add takes an address.
func (s *addresses) add(a *packet.Addr) {
	high, low := binary.LittleEndian.Uint64(a[:]), binary.LittleEndian.Uint64(a[8:])
	mask := uint64(len(s.entries) - 1)
	for i := packet.Fold(high^s.key[0], low^s.key[1]) & mask; ; i = (i + 1) & mask {
		e := &s.entries[i]
		if e.generation != s.generation {
			break
		}
		if e.low == low && e.high == high {
			return
		}
	}
	s.insert(high, low)
}

// insert adds an address that is not there.
func (s *addresses) insert(high, low uint64) {
	if !s.sampled(high, low) {
		return
	}
	for s.kept == MaxAddresses {
		s.level++
		s.rebuild(len(s.entries))
		if !s.sampled(high, low) {
			return
		}
	}
	if 2*(s.kept+1) > len(s.entries) && len(s.entries) < mostPlaces {
		s.rebuild(2 * len(s.entries))
	}
	s.put(high, low)
}

func (s *addresses) put(high, low uint64) {
	mask := uint64(len(s.entries) - 1)
	i := packet.Fold(high^s.key[0], low^s.key[1]) & mask
	for s.entries[i].generation == s.generation {
		i = (i + 1) & mask
	}
	s.entries[i] = addressEntry{high, low, s.generation}
	s.kept++
}

// rebuild moves the addresses that are to be kept into a new table.
func (s *addresses) rebuild(places int) {
	old := s.entries
	s.entries, s.kept = make([]addressEntry, places), 0
	for i := range old {
		if e := &old[i]; e.generation == s.generation && s.sampled(e.high, e.low) {
			s.put(e.high, e.low)
		}
	}
}

// sampled reports whether an address is kept at the level.
func (s *addresses) sampled(high, low uint64) bool {
	return s.level == 0 || s.level < 64 && sampleHash(high, low)>>(64-s.level) == 0
}

// sampleHash is fixed, as what it chooses shows in the table.
func sampleHash(high, low uint64) uint64 {
	h := packet.Fold(high^0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f)
	h = packet.Fold(low^h, 0x165667b19e3779f9)
	return packet.Fold(h^0x27d4eb2f165667c5, 0x9fb21c651e98df25)
}

// distinct is a number of different values.
type distinct struct {
	n     int64
	exact bool // else it is an estimate
}

// count returns how many different addresses there were.
func (s *addresses) count() distinct {
	if s.level == 0 {
		return distinct{int64(s.kept), true}
	}
	return distinct{int64(s.kept) << min(s.level, 48), false}
}
