package window

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// recentPairs remembers sources and destinations of the latest packets: those of most
// packets were counted with a packet before.
type recentPairs struct {
	pairs      [recentPlaces]recentPair
	generation uint32 // of clear, from 0
}

// recentPlaces is a power of two, few enough for a near cache.
const recentPlaces = 1 << 10

type recentPair struct {
	words      [4]uint64
	generation uint32 // one more than that of recentPairs; 0: nothing was remembered
}

// holds reports whether the addresses of a View are remembered since the last clear, and
// remembers them.
func (r *recentPairs) holds(v *packet.View) bool {
	words := [4]uint64{
		binary.LittleEndian.Uint64(v.Src[:]), binary.LittleEndian.Uint64(v.Src[8:]),
		binary.LittleEndian.Uint64(v.Dst[:]), binary.LittleEndian.Uint64(v.Dst[8:]),
	}
	p := &r.pairs[(v.Hash^uint16(v.Src[15])<<1)%recentPlaces] // the hash is that of both directions
	if (p.words[0]^words[0])|(p.words[1]^words[1])|(p.words[2]^words[2])|(p.words[3]^words[3])|uint64(p.generation^(r.generation+1)) == 0 {
		return true
	}
	p.words, p.generation = words, r.generation+1
	return false
}

// clear forgets all.
func (r *recentPairs) clear() {
	if r.generation++; r.generation+1 == 0 {
		*r = recentPairs{}
	}
}
