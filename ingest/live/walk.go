package live

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// Where things are in a block and before a frame: struct tpacket_block_desc, tpacket3_hdr and
// sockaddr_ll of linux/if_packet.h, in the byte order of the machine.
const (
	blockStatusAt  = 8
	blockPacketsAt = 12
	blockFirstAt   = 16
	blockHeader    = 48

	frameNextAt    = 0
	frameSecAt     = 4
	frameNanoAt    = 8
	frameSnapAt    = 12
	frameLenAt     = 16
	frameStatusAt  = 20
	frameMACAt     = 24
	frameNetAt     = 26
	frameTCIAt     = 32
	frameTPIDAt    = 36
	addressAt      = 48 // sockaddr_ll
	addressIndexAt = addressAt + 4
	addressTypeAt  = addressAt + 8
	frameHeader    = addressAt + 20
)

// Bits of a frame's status.
const (
	statusTagged    = 1 << 4  // TP_STATUS_VLAN_VALID
	statusTPID      = 1 << 6  // TP_STATUS_VLAN_TPID_VALID
	statusHardware  = 1 << 31 // TP_STATUS_TS_RAW_HARDWARE
	defaultTPID     = 0x8100
	ethernetBytes   = 14
	arphrdEthernet  = 1
	arphrdLoopback  = 772
	nanosPerSecond  = 1_000_000_000
	frameNanosLimit = nanosPerSecond
)

// framing says what frames of a link become.
type framing uint8

const (
	framingAsIs     framing = iota
	framingEthernet         // the VLAN tag is put back
	framingCooked           // a cooked header takes the place of the link's own
)

// layout turns blocks into frames.
type layout struct {
	framing framing
	snapLen int
}

// walk appends the frames of a block to dst. What contradicts itself is left out: lost says
// how many frames that is, as far as the block's own count can be believed. The work is
// linear in the block's length.
func (l layout) walk(dst []Frame, block []byte) (frames []Frame, lost int) {
	if len(block) < blockHeader {
		return dst, 0
	}
	n := min(uint64(word(block, blockPacketsAt)), uint64(len(block)/frameHeader))
	off := uint64(word(block, blockFirstAt))
	for i := range n {
		if off < blockHeader || off+frameHeader > uint64(len(block)) {
			return dst, lost + int(n-i)
		}
		rest := block[off:]
		next := uint64(word(rest, frameNextAt))
		last := i == n-1
		if !last && next >= frameHeader && next <= uint64(len(rest)) {
			rest = rest[:next]
		}
		dst = grow(dst)
		if !l.fill(&dst[len(dst)-1], rest) {
			dst = dst[:len(dst)-1]
			lost++
		}
		if !last && next < frameHeader {
			return dst, lost + int(n-i-1)
		}
		off += next
	}
	return dst, lost
}

// grow makes room for a frame, without clearing what was there.
func grow(frames []Frame) []Frame {
	if len(frames) < cap(frames) {
		return frames[:len(frames)+1]
	}
	return append(frames, Frame{})
}

// fill reads a frame from its header, to the end of b at most; false where lengths contradict
// each other. b has frameHeader bytes at least.
func (l layout) fill(f *Frame, b []byte) bool {
	captured, mac, nanos := uint64(word(b, frameSnapAt)), uint64(half(b, frameMACAt)), word(b, frameNanoAt)
	if mac < frameHeader || mac+captured > uint64(len(b)) || nanos >= frameNanosLimit {
		return false
	}
	status := word(b, frameStatusAt)
	f.PrefixLen = 0
	f.Data = b[mac : mac+captured : mac+captured]
	f.Time = packet.Nanos(word(b, frameSecAt))*nanosPerSecond + packet.Nanos(nanos)
	f.WireLen = int(max(uint64(word(b, frameLenAt)), captured))
	f.Interface = int(int32(word(b, addressIndexAt)))
	f.Hardware = status&statusHardware != 0
	f.Flags = 0
	if kind := b[addressAt+10]; int(kind) < len(flagsOf) {
		f.Flags = flagsOf[kind]
	}
	switch l.framing {
	case framingEthernet:
		f.restoreTag(b, status)
	case framingCooked:
		f.cook(b, status)
	}
	f.cut(l.snapLen)
	return true
}

// tagged returns a frame's tag that the kernel took out.
func tagged(b []byte, status uint32) (tpid, tci uint16, ok bool) {
	tci = uint16(word(b, frameTCIAt))
	if status&statusTagged == 0 && tci == 0 {
		return 0, 0, false
	}
	tpid = defaultTPID
	if status&statusTPID != 0 {
		tpid = half(b, frameTPIDAt)
	}
	return tpid, tci, true
}

// restoreTag puts the VLAN tag behind the addresses, where it was.
func (f *Frame) restoreTag(b []byte, status uint32) {
	tpid, tci, ok := tagged(b, status)
	if !ok || len(f.Data) < macsBytes {
		return
	}
	copy(f.Prefix[:macsBytes], f.Data)
	binary.BigEndian.PutUint16(f.Prefix[macsBytes:], tpid)
	binary.BigEndian.PutUint16(f.Prefix[macsBytes+2:], tci)
	f.PrefixLen = macsBytes + tagBytes
	f.Data = f.Data[macsBytes:]
	f.WireLen += tagBytes
}

// cook replaces the link's own header by a cooked one, from what the kernel says of the
// frame, and a VLAN tag that it took out behind it.
func (f *Frame) cook(b []byte, status uint32) {
	header := linkHeader(b)
	header = min(header, len(f.Data))
	f.Data = f.Data[header:]
	f.WireLen += sll2Bytes - header

	p := &f.Prefix
	*p = [maxPrefix]byte{}
	copy(p[0:2], b[addressAt+2:]) // the protocol is in network order in both
	binary.BigEndian.PutUint32(p[4:], word(b, addressIndexAt))
	binary.BigEndian.PutUint16(p[8:], half(b, addressTypeAt))
	copy(p[10:sll2Bytes], b[addressAt+10:]) // packet type, length of the address, address
	f.PrefixLen = sll2Bytes
	if tpid, tci, ok := tagged(b, status); ok {
		binary.BigEndian.PutUint16(p[sll2Bytes:], tci)
		copy(p[sll2Bytes+2:], p[0:2])
		binary.BigEndian.PutUint16(p[0:], tpid)
		f.PrefixLen += tagBytes
		f.WireLen += tagBytes
	}
}

// linkHeader returns the length of a frame's own link header: up to where the kernel says
// that the network layer begins, but not into a VLAN tag that is still in the frame.
func linkHeader(b []byte) int {
	header := int(half(b, frameNetAt)) - int(half(b, frameMACAt))
	if t := half(b, addressTypeAt); t == arphrdEthernet || t == arphrdLoopback {
		return ethernetBytes
	}
	return max(header, 0)
}

func word(b []byte, at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }

func half(b []byte, at int) uint16 { return binary.NativeEndian.Uint16(b[at:]) }
