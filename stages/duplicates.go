package stages

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"pcapmill/ingest/packet"
)

// DuplicateMode says what becomes of duplicates: packets captured more than once,
// by a mirror port that sees both sides of a switch, or in several VLANs.
type DuplicateMode string

// The duplicate modes.
const (
	DuplicatesKeep DuplicateMode = "keep" // nobody looks for them
	DuplicatesMark DuplicateMode = "mark" // they are counted as any packet, and in duplicate_packets
	DuplicatesDrop DuplicateMode = "drop" // their outcome is duplicate
)

// DuplicateKey says what two sightings of one packet have in common.
type DuplicateKey string

// The duplicate keys.
const (
	DuplicateByIP    DuplicateKey = "ip"    // from the IP header on, but for what routers change
	DuplicateByVLAN  DuplicateKey = "vlan"  // that, and the tags and labels before it
	DuplicateByFrame DuplicateKey = "frame" // every byte captured
	DuplicateByInner DuplicateKey = "inner" // as ip, but the packet inside all tunnels, whatever is around it
)

// Duplicates are the settings for packets captured more than once.
type Duplicates struct {
	Mode   DuplicateMode
	Key    DuplicateKey
	Window time.Duration // most time between two sightings
}

func (d *Duplicates) validate() error {
	switch {
	case d.Mode != DuplicatesKeep && d.Mode != DuplicatesMark && d.Mode != DuplicatesDrop:
		return fmt.Errorf("unknown way with duplicates %q; known are keep, mark, drop", d.Mode)
	case d.Key != DuplicateByIP && d.Key != DuplicateByVLAN && d.Key != DuplicateByFrame && d.Key != DuplicateByInner:
		return fmt.Errorf("unknown duplicate key %q; known are ip, vlan, frame, inner", d.Key)
	case d.Window < 0 || d.Window > time.Hour:
		return fmt.Errorf("the duplicate window must be 0 to %v, not %v", time.Hour, d.Window)
	}
	return nil
}

const (
	sightings    = 1 << 16 // packets that a packet is compared with
	dupBuckets   = 2 * sightings
	dupPayload   = 64 // bytes of payload that count; the checksum speaks for the rest
	ipv4Header   = 20
	ipv6HopLimit = 7
)

// duplicates recognises packets that were captured before. A packet is a duplicate
// of the latest packet with the same key among the last 65,536 that are none, where
// their times are not further apart than the window.
//
// The key holds the IP header without TTL and, in IPv4, its checksum, the transport
// header, and the first payload bytes. The transport checksum is part of it, as it
// stands for the payload behind them: a capture that has it unfilled (offload) on
// one side only does not match. Tunnel identifiers lie in those bytes too, so the
// same packet in two tunnels is two packets, but for the key inner.
//
// A TCP segment sent again is as a rule told by its IPv4 identification, which
// every transmission has anew. Where there is none (IPv6; 0 in IPv4) a segment is a
// duplicate only if it was seen elsewhere: by another interface or input, with
// another hop limit, behind another link-layer header, or (inner) in another tunnel.
type duplicates struct {
	cfg     Duplicates
	keys    [2]uint64 // of the hashes, against chosen packets; as many bits as tell packets apart
	n       int64     // packets filed
	start   int64     // number of the epoch's first one
	ring    []sighting
	buckets []int64 // per bucket, the number of the latest packet filed, from 1
}

// sighting is a packet that is no duplicate.
type sighting struct {
	key   uint64
	where uint64
	time  packet.Nanos
	prev  int64 // the packet filed in its bucket before it
}

// newDuplicates returns nil where duplicates are kept.
func newDuplicates(cfg *Duplicates) *duplicates {
	if cfg.Mode == DuplicatesKeep {
		return nil
	}
	return &duplicates{cfg: *cfg, keys: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}, ring: make([]sighting, sightings), buckets: make([]int64, dupBuckets)}
}

// endEpoch forgets all packets.
func (d *duplicates) endEpoch() { d.start = d.n }

// seen reports whether the packet in Records[i], decoded into layers, is a
// duplicate, and remembers it otherwise.
func (d *duplicates) seen(b *packet.Block, i int, layers []packet.View) bool {
	v := &layers[0]
	if d.cfg.Key == DuplicateByInner {
		v = &layers[len(layers)-1]
	}
	s := sighting{key: d.key(b, v), where: d.where(b, i, layers), time: v.Time}
	bucket := &d.buckets[s.key%dupBuckets]
	for at := *bucket; at > d.start && at > d.n-sightings; {
		old := &d.ring[(at-1)%sightings]
		if old.key == s.key {
			if near(old.time, s.time, int64(d.cfg.Window)) && (old.where != s.where || numbered(b, v)) {
				return true
			}
			break
		}
		at = old.prev
	}
	s.prev = *bucket
	d.ring[d.n%sightings] = s
	d.n++
	*bucket = d.n
	return false
}

func near(a, b packet.Nanos, window int64) bool {
	return uint64(max(a, b))-uint64(min(a, b)) <= uint64(window)
}

// key hashes what both sightings of a packet have in common.
func (d *duplicates) key(b *packet.Block, v *packet.View) uint64 {
	h := newKeyedHash(d.keys)
	frame := v.Frame(b)
	if d.cfg.Key == DuplicateByFrame {
		h.write(frame)
		h.byte(byte(v.WireLen))
		h.byte(byte(v.WireLen >> 8))
		return h.sum
	}
	if d.cfg.Key == DuplicateByVLAN && v.TagOffset != 0 && v.TagOffset < v.L3 {
		h.byte(byte(v.TagType))
		h.byte(byte(v.TagType >> 8))
		h.write(frame[v.TagOffset:v.L3])
	}
	end := min(int(v.L4)+int(v.L4Len)+int(min(v.PayloadCap, dupPayload)), len(frame))
	ip := frame[v.L3:max(end, int(v.L3))]
	switch {
	case v.Version == 4 && len(ip) >= ipv4Header:
		h.write(ip[:8])
		h.byte(ip[9]) // not the TTL before it, nor the checksum behind
		h.write(ip[12:])
	case v.Version == 6 && len(ip) > ipv6HopLimit:
		h.write(ip[:ipv6HopLimit])
		h.write(ip[ipv6HopLimit+1:])
	default:
		h.write(ip)
	}
	return h.sum
}

// where hashes what tells one place of capture from another.
func (d *duplicates) where(b *packet.Block, i int, layers []packet.View) uint64 {
	h := newKeyedHash(d.keys)
	v := &layers[0]
	if d.cfg.Key == DuplicateByInner {
		for l := range layers[1:] {
			around(&h, &layers[l], &layers[l+1])
		}
		v = &layers[len(layers)-1]
	}
	var id [9]byte
	binary.LittleEndian.PutUint32(id[:], uint32(b.OriginOf(i).Input))
	if face := b.Records[i].Interface; int(face) < len(b.Interfaces) {
		binary.LittleEndian.PutUint16(id[4:], uint16(b.Interfaces[face].Section))
		binary.LittleEndian.PutUint16(id[6:], uint16(b.Interfaces[face].ID))
	}
	id[8] = v.TTL
	h.write(id[:])
	h.write(layers[0].Frame(b)[:layers[0].L3])
	return h.sum
}

// around hashes what stays the same of a tunnel from packet to packet.
func around(h *keyedHash, outer, inner *packet.View) {
	h.write(outer.Src[:])
	h.write(outer.Dst[:])
	var id [5]byte
	binary.LittleEndian.PutUint32(id[:], inner.TunnelID)
	id[4] = byte(inner.Tunnel)
	h.write(id[:])
}

// numbered reports whether a second transmission of the packet would differ from
// the first.
func numbered(b *packet.Block, v *packet.View) bool {
	if v.Protocol != packet.ProtoTCP || v.Quality&(packet.FirstFragment|packet.LaterFragment) != 0 {
		return true
	}
	frame := v.Frame(b)
	return v.Version == 4 && len(frame) >= int(v.L3)+ipv4Header && binary.BigEndian.Uint16(frame[v.L3+4:]) != 0
}
