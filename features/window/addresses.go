package window

import (
	"math"

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
// were. Those of IPv4 addresses are a word, so that they stay in a near cache.
type addresses struct {
	key        [2]uint64
	ipv4       []uint64 // entries, a power of two: address, generation
	ipv6       []addressEntry
	generation uint32
	kept       int
	level      uint
}

type addressEntry struct {
	high, low  uint64
	generation uint32
}

func newAddresses(key [2]uint64, version int) addresses {
	s := addresses{key: key, generation: 1}
	s.resize(version, firstPlaces)
	return s
}

// resize gives it empty entries.
func (s *addresses) resize(version, places int) {
	if s.kept = 0; version == ipv4 {
		s.ipv4 = make([]uint64, places)
		return
	}
	s.ipv6 = make([]addressEntry, places)
}

// clear forgets all addresses.
func (s *addresses) clear() {
	s.kept, s.level = 0, 0
	if s.generation++; s.generation == 0 {
		clear(s.ipv4)
		clear(s.ipv6)
		s.generation = 1
	}
}

// mappedWord is what the low words of all IPv4 addresses have, in their mapped form; the
// high ones are 0.
const mappedWord = 0xffff0000

// place returns where to look for an address first.
func (s *addresses) place(high, low uint64) uint64 {
	return packet.Fold(high^s.key[0], low^s.key[1])
}

// addIPv4 takes an IPv4 address, the last four bytes as a little-endian number.
func (s *addresses) addIPv4(address uint32) {
	low := uint64(address)<<32 | mappedWord
	own := uint64(address)<<32 | uint64(s.generation)
	mask := uint64(len(s.ipv4) - 1)
	for i := s.place(0, low) & mask; ; i = (i + 1) & mask {
		switch e := s.ipv4[i]; {
		case e == own:
			return
		case uint32(e) != s.generation:
			if s.level > 0 || 2*(s.kept+1) > len(s.ipv4) { // half of its places are no more than it may keep
				s.insert(0, low)
				return
			}
			s.ipv4[i] = own
			s.kept++
			return
		}
	}
}

// addIPv6 takes an IPv6 address, both halves as little-endian numbers.
func (s *addresses) addIPv6(high, low uint64) {
	mask := uint64(len(s.ipv6) - 1)
	for i := s.place(high, low) & mask; ; i = (i + 1) & mask {
		e := &s.ipv6[i]
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
		s.rebuild(s.places())
		if !s.sampled(high, low) {
			return
		}
	}
	if places := s.places(); 2*(s.kept+1) > places && places < mostPlaces {
		s.rebuild(2 * places)
	}
	s.put(high, low)
}

func (s *addresses) places() int { return len(s.ipv4) + len(s.ipv6) }

func (s *addresses) put(high, low uint64) {
	s.kept++
	mask := uint64(s.places() - 1)
	i := s.place(high, low) & mask
	if s.ipv4 == nil {
		for s.ipv6[i].generation == s.generation {
			i = (i + 1) & mask
		}
		s.ipv6[i] = addressEntry{high, low, s.generation}
		return
	}
	for uint32(s.ipv4[i]) == s.generation {
		i = (i + 1) & mask
	}
	s.ipv4[i] = low&^mappedWord | uint64(s.generation)
}

// rebuild moves the addresses that are to be kept into a new table.
func (s *addresses) rebuild(places int) {
	four, six := s.ipv4, s.ipv6
	if four != nil {
		s.resize(ipv4, places)
	} else {
		s.resize(ipv6, places)
	}
	for _, e := range four {
		s.keep(0, e&^math.MaxUint32|mappedWord, uint32(e))
	}
	for i := range six {
		s.keep(six[i].high, six[i].low, six[i].generation)
	}
}

// keep puts an entry's address where it is to be kept.
func (s *addresses) keep(high, low uint64, generation uint32) {
	if generation == s.generation && s.sampled(high, low) {
		s.put(high, low)
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
