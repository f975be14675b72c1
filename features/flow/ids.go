package flow

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"pcapmill/features/batch"
	"pcapmill/features/flow/digest"
	"pcapmill/ingest/packet"
)

// identity seals what a flow_id is the hash of: key, start and Row.Repeat, as
//
//	SHA-256( lower address[16] ‖ higher address[16] ‖ its port ‖ the other port ‖
//	         protocol ‖ version ‖ marks ‖ start_ns as int64 ‖ repeat as uint32 )
//
// all big-endian, the endpoint that sorts first in front, IPv4 addresses in
// IPv4-mapped form; the result is the digest's first eight bytes without the
// top bit. Inner flows and flows kept apart by a scope have more: see layered.
func identity(b *digest.Block, k *Key, start packet.Nanos, repeat uint32) {
	src, dst, sport, dport := canonical(k)
	copy(b[0:], src[:])
	copy(b[16:], dst[:])
	binary.BigEndian.PutUint16(b[32:], sport)
	binary.BigEndian.PutUint16(b[34:], dport)
	b[36], b[37] = k.Protocol, k.Version
	b[38] = flag(k.OneWay) << 1
	binary.BigEndian.PutUint64(b[39:], uint64(start))
	binary.BigEndian.PutUint32(b[47:], repeat)
	b.Seal(identitySize)
}

const identitySize = 51

// isLayered reports whether the key has more than a plain flow's.
func (k *Key) isLayered() bool { return k.Depth != 0 || k.Scope != Scope{} }

// layered is the identity of a flow that isLayered: what is hashed goes on with
// depth ‖ VLAN scope as uint32 ‖ tunnel scope as uint32.
func layered(k *Key, start packet.Nanos, repeat uint32) int64 {
	var plain digest.Block
	identity(&plain, k, start, repeat)
	var b [identitySize + 9]byte
	copy(b[:], plain[:identitySize])
	b[identitySize] = k.Depth
	binary.BigEndian.PutUint32(b[identitySize+1:], k.Scope.VLAN)
	binary.BigEndian.PutUint32(b[identitySize+5:], k.Scope.Tunnel)
	sum := sha256.Sum256(b[:])
	return idOf(binary.BigEndian.Uint64(sum[:]))
}

// identify returns the flow_id of a key that begins with the given packet.
func identify(k *Key, start packet.Nanos, repeat uint32) int64 {
	if k.isLayered() {
		return layered(k, start, repeat)
	}
	var blocks [2]digest.Block
	var heads [2]uint64
	identity(&blocks[0], k, start, repeat)
	digest.SHA256(&heads, &blocks)
	return idOf(heads[0])
}

// ID returns the row's flow_id.
func (r *Row) ID() int64 { return identify(&r.Key, r.StartTime, r.Repeat) }

// ConnID returns the row's conn_id.
func (r *Row) ConnID() int64 { return identify(&r.Key, r.ConnStart, r.ConnRepeat) }

// fillIDs fills flow_id and conn_id.
func fillIDs(vs []batch.Vector, t *tile) {
	flows, conns := more(&vs[0].Int64, len(t.rows)), more(&vs[1].Int64, len(t.rows))
	var blocks [2]digest.Block
	var heads [2]uint64
	for at := 0; at < len(t.rows); at += 2 {
		pair := t.rows[at:min(at+2, len(t.rows))]
		for i, r := range pair {
			identity(&blocks[i], &r.Key, r.StartTime, r.Repeat)
		}
		digest.SHA256(&heads, &blocks)
		for i, r := range pair {
			flows[at+i] = idOf(heads[i])
			if r.Key.isLayered() {
				flows[at+i] = layered(&r.Key, r.StartTime, r.Repeat)
			}
		}
	}
	copy(conns, flows)
	for i, r := range t.rows {
		if r.PieceNo > 0 {
			conns[i] = identify(&r.Key, r.ConnStart, r.ConnRepeat)
		}
	}
}

func idOf(head uint64) int64 { return int64(head &^ (1 << 63)) }

// canonical orders the endpoints so that both directions agree; messages
// without a reverse direction keep theirs.
func canonical(k *Key) (src, dst *packet.Addr, sport, dport uint16) {
	if !k.OneWay && descending(k) {
		return &k.Dst, &k.Src, k.DstPort, k.SrcPort
	}
	return &k.Src, &k.Dst, k.SrcPort, k.DstPort
}

// descending reports whether the source endpoint sorts behind the destination.
func descending(k *Key) bool {
	src, dst := binary.BigEndian.Uint64(k.Src[:]), binary.BigEndian.Uint64(k.Dst[:])
	if src != dst {
		return src > dst
	}
	src, dst = binary.BigEndian.Uint64(k.Src[8:]), binary.BigEndian.Uint64(k.Dst[8:])
	if src != dst {
		return src > dst
	}
	return k.SrcPort > k.DstPort
}

// communityLength is the length of a Community ID: "1:" and a SHA-1 in base64.
const communityLength = 2 + 28

// fillCommunityIDs fills community_id.
func fillCommunityIDs(v *batch.Vector, t *tile) {
	startOffsets(v)
	ends, text := more(&v.Offsets, len(t.rows)), v.Bytes
	var blocks [2]digest.Block
	var sums [2][20]byte
	for at := 0; at < len(t.rows); at += 2 {
		pair := t.rows[at:min(at+2, len(t.rows))]
		for i, r := range pair {
			communityInput(&blocks[i], &r.Key)
		}
		digest.SHA1(&sums, &blocks)
		for i := range pair {
			text = appendCommunity(text, &sums[i])
			ends[at+i] = int32(len(text))
		}
	}
	v.Bytes = text
}

// communityInput seals what the Community ID v1 of a key is the SHA-1 of: a seed,
// addresses, protocol, a zero byte and, where the protocol has them, ports.
func communityInput(b *digest.Block, k *Key) {
	src, dst, sport, dport := canonical(k)
	b[0], b[1] = 0, 0 // the seed
	n := 2
	from := 0
	if k.Version == 4 {
		from = 12
	}
	n += copy(b[n:], src[from:])
	n += copy(b[n:], dst[from:])
	b[n], b[n+1] = k.Protocol, 0
	n += 2
	if portsFlag(k)|icmpFlag(k) != 0 {
		binary.BigEndian.PutUint16(b[n:], sport)
		binary.BigEndian.PutUint16(b[n+2:], dport)
		n += 4
	}
	b.Seal(n)
}

func appendCommunity(dst []byte, sum *[20]byte) []byte {
	text := [communityLength]byte{'1', ':'}
	base64.StdEncoding.Encode(text[2:], sum[:])
	return append(dst, text[:]...)
}
