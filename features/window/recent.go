package window

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// recentIPv4 remembers sources and destinations of the latest IPv4 packets, which are a
// word together: those of most packets were counted with a packet before. The others are
// gathered and counted many at a time, when the tables of addresses are in a near cache.
//
// The two directions of a pair lie side by side. 0 is no pair: where all bits of both
// addresses are 0, they are not remembered.
type recentIPv4 struct {
	pairs [recentIPv4Pairs][2]uint64
	fresh [freshIPv4]uint64
	n     int // of fresh
}

// Sizes are few enough for a near cache; and to forget the pairs, whose numbers are powers
// of two, costs no more than other things that end a tick do.
const (
	recentIPv4Pairs = 1 << 11
	recentIPv6Pairs = 1 << 9
	freshIPv4       = 1 << 9
	freshIPv6       = 1 << 7
)

// note takes the addresses of a View, and reports whether there is no room for more.
func (r *recentIPv4) note(v *packet.View) (full bool) {
	src, dst := binary.LittleEndian.Uint32(v.Src[12:]), binary.LittleEndian.Uint32(v.Dst[12:])
	direction := 0
	if src > dst {
		direction = 1
	}
	words := uint64(src)<<32 | uint64(dst)
	at := &r.pairs[v.Hash%recentIPv4Pairs][direction] // the hash is that of both directions
	n := r.n + 1
	if *at == words && words != 0 {
		n = r.n
	}
	*at = words
	r.fresh[r.n%freshIPv4] = words // counts only if n does: which it will be no predictor knows
	r.n = n
	return n == freshIPv4
}

// count counts what was gathered.
func (r *recentIPv4) count(src, dst *addresses) {
	fresh := r.fresh[:r.n]
	for _, words := range fresh {
		src.addIPv4(uint32(words >> 32))
	}
	for _, words := range fresh {
		dst.addIPv4(uint32(words))
	}
	r.n = 0
}

// clear forgets all. What was gathered must have been counted.
func (r *recentIPv4) clear() { r.pairs = [recentIPv4Pairs][2]uint64{} }

// recentIPv6 is the same for IPv6. A pair is in one cache line.
type recentIPv6 struct {
	pairs [recentIPv6Pairs][2][4]uint64
	fresh [freshIPv6][4]uint64
	n     int
}

// note takes the addresses of a View, and reports whether there is no room for more.
func (r *recentIPv6) note(v *packet.View) (full bool) {
	words := [4]uint64{
		binary.LittleEndian.Uint64(v.Src[:]), binary.LittleEndian.Uint64(v.Src[8:]),
		binary.LittleEndian.Uint64(v.Dst[:]), binary.LittleEndian.Uint64(v.Dst[8:]),
	}
	direction := 0
	if words[1] > words[3] {
		direction = 1
	}
	at := &r.pairs[v.Hash%recentIPv6Pairs][direction]
	if (at[0]^words[0])|(at[1]^words[1])|(at[2]^words[2])|(at[3]^words[3]) == 0 && words != [4]uint64{} {
		return false
	}
	*at = words
	r.fresh[r.n%freshIPv6] = words
	r.n++
	return r.n == freshIPv6
}

// count counts what was gathered.
func (r *recentIPv6) count(src, dst *addresses) {
	fresh := r.fresh[:r.n]
	for i := range fresh {
		src.addIPv6(fresh[i][0], fresh[i][1])
	}
	for i := range fresh {
		dst.addIPv6(fresh[i][2], fresh[i][3])
	}
	r.n = 0
}

// clear forgets all. What was gathered must have been counted.
func (r *recentIPv6) clear() { r.pairs = [recentIPv6Pairs][2][4]uint64{} }
