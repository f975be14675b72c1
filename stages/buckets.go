package stages

import (
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"

	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// keyHasher hashes the keys of flows. It is keyed anew in each run against flooding
// with chosen keys; the hash decides on places in memory only, never on a row or its
// order.
type keyHasher struct {
	key     [2]uint64
	tunnels uint32 // bits of tunnel identifiers that keep flows apart: all or none
}

func newKeyHasher(cfg *Config) keyHasher {
	draw := rand.Uint64
	if cfg.HashSeed != 0 {
		draw = rand.NewPCG(cfg.HashSeed, 0).Uint64
	}
	return keyHasher{key: [2]uint64{draw() | 1, draw() | 1}, tunnels: tunnelBits(cfg)}
}

// tunnelBits says which bits of tunnel identifiers keep flows apart.
func tunnelBits(cfg *Config) uint32 {
	if cfg.Key.Tunnel {
		return math.MaxUint32
	}
	return 0
}

// buckets maps hashes of keys to Row numbers.
type buckets struct {
	hashTable

	// recent holds the flows of the latest packets by the low bits of their hash.
	// Packets of a flow come in trains: most find their flow here, and its Row in a
	// near cache.
	recent [recentFlows]bucket
}

// recentFlows is a power of two, small enough for the first-level cache.
const recentFlows = 2048

func newBuckets() buckets { return buckets{hashTable: newHashTable(1 << 12)} }

// hash returns the hash of a packet's key, the same for both directions: the smaller
// of each pair of values goes in first.
func (t *keyHasher) hash(v *packet.View) uint32 {
	s0, s1, d0, d1 := words(&v.Src, &v.Dst)
	low, high := min(v.SrcPort, v.DstPort), max(v.SrcPort, v.DstPort)
	ports := uint64(low)<<40 | uint64(high)<<24 | uint64(v.Protocol)<<16 ^ uint64(v.Depth)<<8 ^ uint64(v.VLANKey)<<20 ^ uint64(v.TunnelID&t.tunnels)<<32
	h := fold(min(s1, d1)^t.key[0], max(s1, d1)^ports<<1)
	h = fold(h^min(s0, d0), t.key[1]^max(s0, d0))
	return uint32(h) ^ uint32(h>>32)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b|1)
	return hi ^ lo
}

// first returns the id of the first bucket with the given hash, 0 if there is
// none: it is all but certain to be the flow that find will return.
func (t *buckets) first(hash uint32) uint32 {
	mask := uint32(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if b := t.slots[i]; b.hash == hash || b.id == 0 {
			return b.id
		}
	}
}

// noted returns the place in recent for a hash.
func (t *buckets) noted(hash uint32) *bucket { return &t.recent[hash%recentFlows] }

// insert adds a flow that is not in the table.
func (t *buckets) insert(hash, id uint32) {
	*t.noted(hash) = bucket{hash, id + 1}
	t.hashTable.insert(bucket{hash, id + 1})
}

// remove takes a flow out.
func (t *buckets) remove(hash, id uint32) {
	if b := t.noted(hash); b.id == id+1 {
		*b = bucket{}
	}
	t.hashTable.remove(bucket{hash, id + 1})
}

// find returns the open flow that the packet belongs to and the packet's
// direction in it.
func (t *flowTable) find(v *packet.View, hash uint32) (id uint32, dir int, ok bool) {
	if b := *t.buckets.noted(hash); b.hash == hash && b.id != 0 {
		if dir, ok := matches(&t.arena.row(b.id-1).Key, v, v.TunnelID&t.tunnels); ok {
			return b.id - 1, dir, true
		}
	}
	mask := uint32(len(t.buckets.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		b := t.buckets.slots[i]
		if b.id == 0 {
			return 0, 0, false
		}
		if b.hash != hash {
			continue
		}
		if dir, ok := matches(&t.arena.row(b.id-1).Key, v, v.TunnelID&t.tunnels); ok {
			return b.id - 1, dir, true
		}
	}
}

// matches reports whether a packet belongs to a key, and in which direction. Which
// one it is no predictor knows, so both are compared, without a branch.
func matches(k *flow.Key, v *packet.View, tunnel uint32) (dir int, ok bool) {
	if k.Protocol != v.Protocol || k.Version != v.Version || k.Depth != v.Depth || k.Scope != (flow.Scope{VLAN: v.VLANKey, Tunnel: tunnel}) {
		return 0, false
	}
	k0, k1, k2, k3 := words(&k.Src, &k.Dst)
	v0, v1, v2, v3 := words(&v.Src, &v.Dst)
	forth := (k0 ^ v0) | (k1 ^ v1) | (k2 ^ v2) | (k3 ^ v3) | uint64(k.SrcPort^v.SrcPort) | uint64(k.DstPort^v.DstPort)
	back := (k0 ^ v2) | (k1 ^ v3) | (k2 ^ v0) | (k3 ^ v1) | uint64(k.SrcPort^v.DstPort) | uint64(k.DstPort^v.SrcPort)
	if forth != 0 && (back != 0 || k.OneWay) {
		return 0, false
	}
	_, borrow := bits.Sub64(0, forth, 0) // 1 where it is not forth
	return int(borrow), true
}

// words returns two addresses as words in the processor's order.
func words(a, b *packet.Addr) (a0, a1, b0, b1 uint64) {
	return binary.LittleEndian.Uint64(a[:8]), binary.LittleEndian.Uint64(a[8:]), binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])
}
