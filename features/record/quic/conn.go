package quic

import "bytes"

// id is a connection ID, kept.
type id struct {
	length uint8
	bytes  [maxID]byte
}

func keep(b []byte) (i id) {
	i.length = uint8(copy(i.bytes[:], b))
	return i
}

func (i *id) is(b []byte) bool { return bytes.Equal(i.bytes[:i.length], b) }

// side is what is known of one side of a connection.
type side struct {
	stream    stream
	keys      keys
	largest   int64  // packet number
	packets   int    // with pieces of the hello that is next
	datagrams int    // with pieces of the hello that is next
	datagram  uint32 // the last of these
	closed    bool   // it has said so
}

// Conn is one connection, or the next on the same ports. Its zero value knows nothing yet.
type Conn struct {
	known     bool
	version   Version
	dcid      id // that the keys derive from
	clientID  id // what the client calls itself
	before    id // what dcid was before the Retry that the client takes, if retried
	retried   bool
	client    bool    // the client sends forward
	sides     [2]side // client, server
	datagrams uint32
	told      bool // that it cannot be read
}

// begin forgets what the connection was.
func (c *Conn) begin(h *Header, client bool) {
	*c = Conn{known: true, version: h.Version, dcid: keep(h.DCID), clientID: keep(h.SCID), client: client, datagrams: c.datagrams, told: c.told}
	c.sides[0].largest, c.sides[1].largest = -1, -1
}

// again begins the connection anew, with the same client. One that had an Initial packet
// of the server's before the Retry does not take it (RFC 9000 §17.2.5.2).
func (c *Conn) again(dcid []byte) {
	h := Header{Version: c.version, DCID: dcid, SCID: c.clientID.bytes[:c.clientID.length]}
	before, takes := c.dcid, c.sides[1].largest < 0
	c.begin(&h, c.client)
	c.before, c.retried = before, takes
}

// ConnBytes is about how much memory a Conn takes that knows nothing yet.
const ConnBytes = 480

// Bytes returns about how much memory the connection takes.
func (c *Conn) Bytes() int {
	const (
		perPiece = 8
		perKeys  = 1280 // a key schedule and tables for AES-GCM, a key schedule for the header
	)
	n := ConnBytes
	for i := range c.sides {
		s := &c.sides[i]
		n += cap(s.stream.kept) + cap(s.stream.pieces)*perPiece
		if s.keys.prepared {
			n += perKeys
		}
	}
	return n
}

// dropKeys forgets the keys, as both sides do once the client sends Handshake packets
// (RFC 9001 §4.9.1). Initial packets that come late derive them once more.
func (c *Conn) dropKeys() { c.sides[0].keys, c.sides[1].keys = keys{}, keys{} }

// sideOf returns the number of the side that sends forward or back.
func sideOf(c *Conn, forward bool) int {
	if forward == c.client {
		return 0
	}
	return 1
}

// count notes a packet, and its datagram, that brought something new.
func (s *side) count(datagram uint32) {
	s.packets++
	if s.datagram != datagram || s.datagrams == 0 {
		s.datagrams, s.datagram = s.datagrams+1, datagram
	}
}
