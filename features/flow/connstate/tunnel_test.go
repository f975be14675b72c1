package connstate_test

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// unwrap returns the packet that a tunnel packet carries, nil where there is
// none: enough of GRE, ERSPAN, GTP-U, VXLAN, Geneve, Teredo, AYIYA and IP in IP
// for the captures that have published results.
func unwrap(v *packet.View, b []byte) ([]byte, packet.LinkType) {
	switch {
	case len(b) < 8 || v.Quality&(packet.FirstFragment|packet.LaterFragment) != 0:
		return nil, 0
	case v.Protocol == 47:
		return unwrapGRE(b)
	case v.Protocol == 4 || v.Protocol == 41:
		return b, packet.LinkRaw
	case v.Protocol != packet.ProtoUDP:
		return nil, 0
	case v.DstPort == 2152:
		return unwrapGTP(b)
	case v.DstPort == 4789:
		return b[8:], packet.LinkEthernet
	case v.DstPort == 6081:
		return cut(b, 8+int(b[0]&0x3f)*4), packet.LinkEthernet
	case v.DstPort == 5072 || v.SrcPort == 5072:
		return unwrapAYIYA(b)
	}
	return unwrapTeredo(b), packet.LinkRaw
}

func cut(b []byte, n int) []byte {
	if n > len(b) {
		return nil
	}
	return b[n:]
}

func unwrapGRE(b []byte) ([]byte, packet.LinkType) {
	flags, proto, n := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]), 4
	for _, bit := range []uint16{0x8000, 0x2000, 0x1000, 0x0080} { // checksum, key, sequence, acknowledgement
		if flags&bit != 0 {
			n += 4
		}
	}
	b = cut(b, n)
	switch proto {
	case 0x0800, 0x86dd:
		return b, packet.LinkRaw
	case 0x6558:
		return b, packet.LinkEthernet
	case 0x88be: // ERSPAN: type II has a sequence number and its own header
		if flags&0x1000 != 0 {
			b = cut(b, 8)
		}
		return b, packet.LinkEthernet
	case 0x880b: // PPP
		if len(b) > 3 && b[0] == 0xff && b[1] == 3 {
			b = b[2:]
		}
		if len(b) > 2 && b[0] == 0 {
			b = b[1:]
		}
		if len(b) > 1 && b[0] == 0x21 {
			return b[1:], packet.LinkRaw
		}
	}
	return nil, 0
}

func unwrapGTP(b []byte) ([]byte, packet.LinkType) {
	if b[1] != 255 {
		return nil, 0
	}
	n := 8
	if b[0]&7 != 0 {
		n = 12
	}
	return cut(b, n), packet.LinkRaw
}

func unwrapAYIYA(b []byte) ([]byte, packet.LinkType) {
	if b[3] != 41 {
		return nil, 0
	}
	return cut(b, 8+1<<(b[0]>>4)+int(b[1]>>4)*4), packet.LinkRaw
}

// unwrapTeredo skips authentication and origin headers; what follows must be an
// IPv6 packet of exactly the remaining length.
func unwrapTeredo(b []byte) []byte {
	if len(b) > 4 && b[0] == 0 && b[1] == 1 {
		b = cut(b, 13+int(b[2])+int(b[3]))
	}
	if len(b) > 8 && b[0] == 0 && b[1] == 0 {
		b = b[8:]
	}
	if len(b) < 40 || b[0]>>4 != 6 || int(binary.BigEndian.Uint16(b[4:]))+40 != len(b) {
		return nil
	}
	return b
}
