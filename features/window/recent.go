package window

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// recentIPv4 remembers sources and destinations of the latest IPv4 packets, which are a
// word together: those of most packets were counted with a packet before. The two
// directions of a pair lie side by side. 0 is no pair: where all bits of both addresses
// are 0, they are not remembered.
type recentIPv4 [recentIPv4Pairs][2]uint64

// recentIPv4Pairs is a power of two, few enough for a near cache, and so that to forget
// them costs no more than other things that end a tick do.
const recentIPv4Pairs = 1 << 11

// holds reports whether the addresses of a View are remembered since the last clear, and
// remembers them.
func (r *recentIPv4) holds(v *packet.View) bool {
	src, dst := binary.LittleEndian.Uint32(v.Src[12:]), binary.LittleEndian.Uint32(v.Dst[12:])
	direction := 0
	if src > dst {
		direction = 1
	}
	words := uint64(src)<<32 | uint64(dst)
	at := &r[v.Hash%recentIPv4Pairs][direction] // the hash is that of both directions
	if *at == words {
		return words != 0
	}
	*at = words
	return false
}

// recentIPv6 remembers those of the latest IPv6 packets in the same way. A pair is in one
// cache line.
type recentIPv6 [recentIPv6Pairs][2][4]uint64

const recentIPv6Pairs = 1 << 9

// holds is that of recentIPv4.
func (r *recentIPv6) holds(v *packet.View) bool {
	words := [4]uint64{
		binary.LittleEndian.Uint64(v.Src[:]), binary.LittleEndian.Uint64(v.Src[8:]),
		binary.LittleEndian.Uint64(v.Dst[:]), binary.LittleEndian.Uint64(v.Dst[8:]),
	}
	direction := 0
	if words[1] > words[3] {
		direction = 1
	}
	at := &r[v.Hash%recentIPv6Pairs][direction]
	if (at[0]^words[0])|(at[1]^words[1])|(at[2]^words[2])|(at[3]^words[3]) == 0 {
		return words != [4]uint64{}
	}
	*at = words
	return false
}
