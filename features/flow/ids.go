package flow

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // Community ID v1 prescribes SHA-1; it protects nothing
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// identify hashes key, start and Row.Repeat into 63 bits:
//
//	SHA-256( lower address[16] ‖ higher address[16] ‖ its port ‖ the other port ‖
//	         protocol ‖ version ‖ marks ‖ start_ns as int64 ‖ repeat as uint32 )
//
// all big-endian, the endpoint that sorts first in front, IPv4 addresses in
// IPv4-mapped form; the result is the digest's first eight bytes without the
// top bit.
func identify(k *Key, start packet.Nanos, repeat uint32) int64 {
	var b [16 + 16 + 2 + 2 + 3 + 8 + 4]byte
	src, dst, sport, dport := canonical(k)
	copy(b[0:], src[:])
	copy(b[16:], dst[:])
	binary.BigEndian.PutUint16(b[32:], sport)
	binary.BigEndian.PutUint16(b[34:], dport)
	b[36], b[37] = k.Protocol, k.Version
	if k.NoPorts {
		b[38] |= 1
	}
	if k.OneWay {
		b[38] |= 2
	}
	binary.BigEndian.PutUint64(b[39:], uint64(start))
	binary.BigEndian.PutUint32(b[47:], repeat)
	sum := sha256.Sum256(b[:])
	return int64(binary.BigEndian.Uint64(sum[:]) &^ (1 << 63))
}

// canonical orders the endpoints so that both directions agree; messages
// without a reverse direction keep theirs.
func canonical(k *Key) (src, dst *packet.Addr, sport, dport uint16) {
	if c := bytes.Compare(k.Src[:], k.Dst[:]); !k.OneWay && (c > 0 || c == 0 && k.SrcPort > k.DstPort) {
		return &k.Dst, &k.Src, k.DstPort, k.SrcPort
	}
	return &k.Src, &k.Dst, k.SrcPort, k.DstPort
}

// communityID appends the flow's Community ID v1 with seed 0.
func communityID(r *Row, dst []byte) []byte {
	if r.Key.NoPorts {
		return dst
	}
	return AppendCommunityID(dst, &r.Key, 0)
}

// AppendCommunityID appends the Community ID v1 of a key: "1:" and the base64 of
// SHA-1 over seed, addresses, protocol, a zero byte and, where the protocol has
// them, ports.
func AppendCommunityID(dst []byte, k *Key, seed uint16) []byte {
	src, dstAddr, sport, dport := canonical(k)
	var b [2 + 16 + 16 + 2 + 4]byte
	binary.BigEndian.PutUint16(b[:], seed)
	n := 2
	from := 0
	if k.Version == 4 {
		from = 12
	}
	n += copy(b[n:], src[from:])
	n += copy(b[n:], dstAddr[from:])
	b[n] = k.Protocol
	n += 2
	if portsFlag(k)|icmpFlag(k) != 0 {
		binary.BigEndian.PutUint16(b[n:], sport)
		binary.BigEndian.PutUint16(b[n+2:], dport)
		n += 4
	}
	sum := sha1.Sum(b[:n]) //nolint:gosec // as above
	return base64.StdEncoding.AppendEncode(append(dst, "1:"...), sum[:])
}
