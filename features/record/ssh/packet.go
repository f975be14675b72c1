package ssh

import "encoding/binary"

// maxPacket is the longest packet that every side must take (RFC 4253 §6.1).
const maxPacket = 35000

// The packets that may come before or at the key exchange.
const (
	msgDisconnect = 1
	msgDebug      = 4
	msgExtInfo    = 7
	msgKexInit    = 20
)

// packetHead is a packet's length, its padding's, and what kind it is.
const packetHead = 6

// A packet is what packetOf finds.
type packet struct {
	kind    uint8
	payload []byte // behind the kind; nil where the packet is not whole
	length  int    // of all of it
}

// packetOf reads the packet that bytes begin with, of which the head must be there.
func packetOf(b []byte) (packet, bool) {
	length, padding := binary.BigEndian.Uint32(b), int(b[4])
	if length > maxPacket || int(length) < padding+2 {
		return packet{}, false
	}
	p := packet{kind: b[5], length: 4 + int(length)}
	if len(b) >= p.length {
		p.payload = b[packetHead : p.length-padding]
	}
	return p, true
}
