package quic

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

// unhex decodes hexadecimal with spaces and line breaks in it.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// seal protects a payload under a header that ends in the packet number, as a sender does.
func seal(k *keys, header, payload []byte, number int64) []byte {
	size := int(header[0]&3) + 1
	nonce := k.iv
	for i := range 8 {
		nonce[ivBytes-1-i] ^= byte(number >> (8 * i))
	}
	k.prepare()
	packet := k.aead.Seal(append([]byte(nil), header...), nonce[:], payload, header)
	at := len(header) - size
	var mask [16]byte
	k.mask.Encrypt(mask[:], packet[at+4:at+20])
	packet[0] ^= mask[0] & 0x0f
	for i := range size {
		packet[at+i] ^= mask[1+i]
	}
	return packet
}

// peer makes the Initial packets of one side.
type peer struct {
	version    Version
	keys       *keys
	dcid, scid string
	token      string
	next       int64
}

// pair returns both sides of a connection.
func pair(t testing.TB, v Version, dcid string) (client, server *peer) {
	t.Helper()
	both, ok := derive(v, []byte(dcid))
	if !ok {
		t.Fatalf("no keys for %v", v)
	}
	return &peer{version: v, keys: &both[0], dcid: dcid, scid: "client"}, &peer{version: v, keys: &both[1], dcid: "client", scid: "server"}
}

// initial returns a packet with frames in it.
func (p *peer) initial(frames ...[]byte) []byte {
	var payload []byte
	for _, f := range frames {
		payload = append(payload, f...)
	}
	for len(payload) < 20 {
		payload = append(payload, 0)
	}
	header := p.header(p.version.crypto().initial, 3)
	header = append(appendVarint(header, uint64(len(p.token))), p.token...)
	header = appendVarint(header, uint64(4+len(payload)+tagBytes))
	header = binary.BigEndian.AppendUint32(header, uint32(p.next))
	p.next++
	return seal(p.keys, header, payload, p.next-1)
}

func (p *peer) header(typ, low uint8) []byte {
	b := binary.BigEndian.AppendUint32([]byte{longForm | fixedBit | typ<<4 | low}, uint32(p.version))
	b = append(append(b, byte(len(p.dcid))), p.dcid...)
	return append(append(b, byte(len(p.scid))), p.scid...)
}

// handshake returns a Handshake packet, whose payload nobody can read.
func (p *peer) handshake() []byte {
	b := appendVarint(p.header(p.version.crypto().handshake, 0), 30)
	return append(b, make([]byte, 30)...)
}

// retry returns a Retry packet in answer to one for dcid.
func (p *peer) retry(t testing.TB, dcid, token string) []byte {
	t.Helper()
	c := p.version.crypto()
	packet := append(p.header(c.retryOf, 0), token...)
	aead, err := newGCM([]byte(c.retryKey))
	if err != nil {
		t.Fatal(err)
	}
	pseudo := append(append([]byte{byte(len(dcid))}, dcid...), packet...)
	return aead.Seal(packet, []byte(c.retryIV), nil, pseudo)
}

func appendVarint(b []byte, v uint64) []byte {
	switch {
	case v < 1<<6:
		return append(b, byte(v))
	case v < 1<<14:
		return binary.BigEndian.AppendUint16(b, uint16(v)|1<<14)
	case v < 1<<30:
		return binary.BigEndian.AppendUint32(b, uint32(v)|2<<30)
	}
	return binary.BigEndian.AppendUint64(b, v|3<<62)
}

func crypt(offset int, data []byte) []byte {
	b := appendVarint(appendVarint([]byte{frameCrypto}, uint64(offset)), uint64(len(data)))
	return append(b, data...)
}

// hello returns a handshake message.
func hello(kind byte, body string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b[0] = kind
	return append(b, body...)
}

// told is what datagrams told, as text: kind and body.
type told struct {
	t      testing.TB
	conn   Conn
	reader Reader
	events []Event
}

// read reads a datagram, of the client's where forward, and keeps what it told.
func (x *told) read(b []byte, forward bool) error {
	x.t.Helper()
	err := x.reader.Read(&x.conn, b, forward, false)
	for _, e := range x.reader.Events {
		e.Body, e.DCID, e.SCID = append([]byte(nil), e.Body...), append([]byte(nil), e.DCID...), append([]byte(nil), e.SCID...)
		x.events = append(x.events, e)
	}
	return err
}

// must reads a datagram that is well formed.
func (x *told) must(b []byte, forward bool) {
	x.t.Helper()
	if err := x.read(b, forward); err != nil {
		x.t.Error(err)
	}
}

func (x *told) want(want ...string) {
	x.t.Helper()
	var got []string
	for _, e := range x.events {
		got = append(got, e.Kind.String()+" "+string(e.Body))
	}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		x.t.Errorf("told %q, want %q", got, want)
	}
}
