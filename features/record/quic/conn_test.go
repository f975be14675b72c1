package quic

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestPieces: a hello that is cut anywhere is the same hello, whatever the order of its
// two pieces, in one packet, in two packets of a datagram, in two datagrams.
func TestPieces(t *testing.T) {
	message := hello(ClientHello, "hello of a client")
	for at := range len(message) + 1 {
		first, second := crypt(0, message[:at]), crypt(at, message[at:])
		for _, swap := range []bool{false, true} {
			if swap {
				first, second = second, first
			}
			c, _ := pair(t, V1, "original")
			one, two, three := told{t: t}, told{t: t}, told{t: t}
			one.must(c.initial(first, second), true)
			two.must(append(c.initial(first), c.initial(second)...), true)
			three.must(c.initial(first), true)
			three.must(c.initial(second), true)
			for i, x := range []*told{&one, &two, &three} {
				x.want("client_hello hello of a client")
				e := x.events[0]
				whole := at == 0 || at == len(message) // the other piece is empty
				if whole && (e.Packets != 1 || e.Datagrams != 1) {
					t.Errorf("in one piece, way %d: %d packets, %d datagrams", i, e.Packets, e.Datagrams)
				}
				if !whole && (e.Packets != min(2, 1+i) || e.Datagrams != max(1, i)) {
					t.Errorf("cut at %d, way %d: %d packets, %d datagrams", at, i, e.Packets, e.Datagrams)
				}
			}
		}
	}
}

// TestOverlap: of bytes that come twice, those that came first count.
func TestOverlap(t *testing.T) {
	message := hello(ClientHello, "abcdefgh")
	other := hello(ClientHello, "ABCDEFGH")
	c, _ := pair(t, V1, "original")
	x := told{t: t}
	x.must(c.initial(crypt(6, message[6:8])), true)    // cd
	x.must(c.initial(crypt(10, message[10:11])), true) // g
	x.must(c.initial(crypt(5, other[5:])), true)       // BCDEFGH but for these
	x.want()
	x.must(c.initial(crypt(0, message)), true)
	x.want("client_hello aBcdEFgH")
	x.must(c.initial(crypt(0, other)), true) // sent again
	x.want("client_hello aBcdEFgH")
}

// TestBothSides: a server's hello, and what comes coalesced with it.
func TestBothSides(t *testing.T) {
	for _, v := range []Version{V1, V2, draft | 29, draft | 32, draft | 33, draft | 34} {
		c, s := pair(t, v, "original")
		x := told{t: t}
		x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
		c.dcid = s.scid
		x.must(append(s.initial([]byte{frameAck, 0, 0, 0, 0}, crypt(0, hello(ServerHello, "server"))), s.handshake()...), false)
		x.must(append(c.initial([]byte{frameAckECN, 0, 0, 0, 0, 1, 2, 3}), c.handshake()...), true)
		if x.conn.sides[0].keys.known {
			t.Error("keys are kept behind a Handshake packet")
		}
		x.must(s.initial([]byte{frameClose, 0x41, 0x28, 0, 3, 'w', 'h', 'y'}, []byte{frameClose, 0, 0, 0}), false)
		x.want("client_hello client", "server_hello server", "connection_close why")
		if e := x.events[2]; e.Code != 0x128 || string(e.SCID) != "server" {
			t.Errorf("%v: %+v", v, e)
		}
	}
}

// TestRetry: behind a Retry packet keys derive from the connection ID in it; one that
// answers something else changes nothing.
func TestRetry(t *testing.T) {
	for _, v := range []Version{V1, V2, draft | 29} {
		c, s := pair(t, v, "original")
		x := told{t: t}
		x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
		var e *Error
		if err := x.read(s.retry(t, "something", "token"), false); !errors.As(err, &e) || e.Reason != Tag {
			t.Errorf("%v: forged Retry: %v", v, err)
		}
		s.scid = "second"
		x.must(s.retry(t, "original", "token"), false)
		c, s = pair(t, v, "second")
		c.token, c.next = "token", 1
		x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
		x.must(s.initial(crypt(0, hello(ServerHello, "server"))), false)
		x.want("client_hello client", "retry ", "client_hello client", "server_hello server")
		if string(x.events[1].Token) != "token" || string(x.events[2].DCID) != "second" {
			t.Errorf("%v: %+v", v, x.events)
		}
	}
}

// TestRetryAgain: what comes again behind a Retry packet, itself or an Initial packet from
// before it, tells nothing and changes nothing.
func TestRetryAgain(t *testing.T) {
	c, s := pair(t, V1, "original")
	x := told{t: t}
	early := c.initial(crypt(0, hello(ClientHello, "client")))
	x.must(early, true)
	s.scid = "second"
	retry := s.retry(t, "original", "token")
	x.must(retry, false)
	x.must(retry, false)
	x.must(early, true)
	var e *Error
	if err := x.read(s.retry(t, "something", "token"), false); !errors.As(err, &e) || e.Reason != Tag {
		t.Errorf("forged Retry: %v", err)
	}
	c, s = pair(t, V1, "second")
	c.token, c.next = "token", 1
	x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
	x.must(retry, false)
	x.must(early, true)
	x.must(s.initial(crypt(0, hello(ServerHello, "server"))), false)
	x.want("client_hello client", "retry ", "client_hello client", "server_hello server")
}

// TestRetryTooLate: a client that has had an Initial packet of the server's goes on with
// the connection ID that it has.
func TestRetryTooLate(t *testing.T) {
	c, s := pair(t, V1, "original")
	x := told{t: t}
	x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
	x.must(s.initial([]byte{frameAck, 0, 0, 0, 0}), false)
	forged := *s
	forged.scid = "forged"
	x.must(forged.retry(t, "original", "token"), false)
	x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
	x.must(s.initial(crypt(0, hello(ServerHello, "server"))), false)
	x.want("client_hello client", "retry ", "client_hello client", "server_hello server")
}

// TestNoQUIC: a query of DNS that is Version Negotiation but for its connection IDs.
func TestNoQUIC(t *testing.T) {
	for _, query := range []string{
		"\x80\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01\x03abc\x03net\x00\x00\x01\x00\x01\x00\x00\x29\x04\xd0\x00\x00\x80\x00\x00\x00",
		"\xff\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01\x03www\x04abcd\x02de\x00\x00\x1c\x00\x01\x00\x00\x29\x04\xd0\x00\x00\x80\x00\x00\x00",
	} {
		if Recognise([]byte(query), false) {
			t.Errorf("%q is recognised", query)
		}
	}
}

// TestHelloRetry: both sides say hello twice.
func TestHelloRetry(t *testing.T) {
	c, s := pair(t, V1, "original")
	x := told{t: t}
	first, second := hello(ClientHello, "first"), hello(ClientHello, "second")
	x.must(c.initial(crypt(0, first)), true)
	x.must(s.initial(crypt(0, append(hello(ServerHello, "again"), hello(ServerHello, "server")...))), false)
	x.must(c.initial(crypt(len(first), second)), true)
	x.want("client_hello first", "server_hello again", "server_hello server", "client_hello second")
	for i, e := range x.events {
		if e.Packets != 1 || e.Datagrams != 1 {
			t.Errorf("hello %d: %d packets, %d datagrams", i, e.Packets, e.Datagrams)
		}
	}
}

// TestCompatibleVersion: a server answers in another version, with the same client.
func TestCompatibleVersion(t *testing.T) {
	c, _ := pair(t, V1, "original")
	_, s := pair(t, V2, "original")
	x := told{t: t}
	x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
	x.must(s.initial(crypt(0, hello(ServerHello, "server"))), false)
	x.want("client_hello client", "server_hello server")
}

// TestNegotiation: behind Version Negotiation a client begins anew.
func TestNegotiation(t *testing.T) {
	c, _ := pair(t, V2, "original")
	x := told{t: t}
	x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
	packet := []byte("\x80\x00\x00\x00\x00\x06client\x08original\x00\x00\x00\x01\xff\x00\x00\x1d")
	if !Recognise(packet, false) || Recognise(packet[:len(packet)-1], false) {
		t.Error("Version Negotiation is not recognised, or cut")
	}
	x.must(packet, false)
	c, s := pair(t, V1, "original")
	x.must(c.initial(crypt(0, hello(ClientHello, "again"))), true)
	x.must(s.initial(crypt(0, hello(ServerHello, "server"))), false)
	x.want("client_hello client", "version_negotiation \x00\x00\x00\x01\xff\x00\x00\x1d", "client_hello again", "server_hello server")
}

// TestNextConnection: ports are used again, and the other end begins.
func TestNextConnection(t *testing.T) {
	c, s := pair(t, V1, "original")
	x := told{t: t}
	x.must(c.initial(crypt(0, hello(ClientHello, "first"))), true)
	x.must(s.initial(crypt(0, hello(ServerHello, "server"))), false)
	c, s = pair(t, draft|29, "another one")
	x.must(c.initial(crypt(0, hello(ClientHello, "second"))), false)
	x.must(s.initial(crypt(0, hello(ServerHello, "server"))), true)
	x.want("client_hello first", "server_hello server", "client_hello second", "server_hello server")
}

// TestUnread: what cannot be decrypted is told once.
func TestUnread(t *testing.T) {
	_, s := pair(t, V1, "never seen")
	early := "\x0d12345678Q024\x01 and more"
	old := "\xc3Q046\x5012345678 and more"
	for name, b := range map[string][]byte{
		"server first": s.initial(crypt(0, hello(ServerHello, "server"))),
		"early Google": []byte(early), "Google": []byte(old),
		"reserved": append([]byte("\xc0\x1a\x2a\x3a\x4a\x0812345678\x00"), make([]byte, 1200)...),
	} {
		x := told{t: t}
		if !Recognise(b, false) || !HasLongHeader(b) {
			t.Errorf("%s is not recognised", name)
		}
		x.must(b, true)
		x.must(b, true)
		x.want("unread ")
	}
}

// TestCut: a packet that the capture cut short is no malformed one.
func TestCut(t *testing.T) {
	c, _ := pair(t, V1, "original")
	b := c.initial(crypt(0, hello(ClientHello, "client")))
	b = b[:len(b)-1]
	var r Reader
	if err := r.Read(new(Conn), b, true, true); err != nil || len(r.Events) != 1 || r.Events[0].Kind != Unread {
		t.Errorf("%v, %+v", err, r.Events)
	}
	if !Recognise(b, true) || Recognise(b, false) {
		t.Error("a cut packet is recognised only where the capture has cut it")
	}
	var e *Error
	if err := r.Read(new(Conn), b, true, false); !errors.As(err, &e) || e.Reason != Length {
		t.Errorf("not cut: %v", err)
	}
}

// TestNoise: what is no packet of the connection's, and damaged ones, keep nothing from
// being read.
func TestNoise(t *testing.T) {
	c, s := pair(t, V1, "original")
	other, _ := pair(t, V1, "somewhere else")
	x := told{t: t}
	message := hello(ClientHello, "client")
	x.must(c.initial(crypt(0, message[:5])), true)
	damaged := c.initial(crypt(5, []byte("forged")))
	damaged[len(damaged)-1]++
	x.must(damaged, true)
	x.must([]byte("\x40 short header"), true)
	x.must(append(c.initial(crypt(5, message[5:])), other.initial(crypt(0, hello(ClientHello, "other")))...), true)
	x.must(append(s.initial(crypt(0, hello(ServerHello, "server"))), make([]byte, 100)...), false)
	x.want("client_hello client", "server_hello server")
}

// TestMalformed: each reason.
func TestMalformed(t *testing.T) {
	c, _ := pair(t, V1, "original")
	for _, w := range []struct {
		reason Reason
		b      []byte
	}{
		{Truncated, []byte("\xc0\x00\x00\x00\x01\x08short")},
		{ID, append([]byte("\xc0\x00\x00\x00\x01\xff"), make([]byte, 300)...)},
		{ID, append([]byte("\xc0\x00\x00\x00\x01\x15"), make([]byte, 60)...)},
		{Frame, c.initial([]byte{0x04, 0, 0, 0})},
		{Frame, c.initial([]byte{frameCrypto, 0, 0x7f, 0xff})},
		{Frame, c.initial([]byte{frameAck, 0, 0, 0xbf, 0xff, 0xff, 0xff, 0})},
		{Message, c.initial(crypt(0, hello(3, "server")))},
		{Message, c.initial(crypt(0, []byte{ClientHello, 0xff, 0xff, 0xff}))},
		{Message, c.initial(crypt(MaxStream-1, []byte("ab")))},
	} {
		var e *Error
		x := told{t: t}
		if err := x.read(w.b, true); !errors.As(err, &e) || e.Reason != w.reason {
			t.Errorf("%v, want %q", err, reasonTexts[w.reason])
		} else if !strings.HasPrefix(err.Error(), reasonTexts[w.reason]) {
			t.Error(err)
		}
		x.want()
	}
}

func TestVersions(t *testing.T) {
	for v, want := range map[Version]string{
		0: "negotiation", 1: "v1", 0x6b3343cf: "v2", 0xff00001d: "draft-29", 0x51303436: "Q046", 0x54303531: "T051",
		0xfaceb002: "mvfst-faceb002", 0x1a2a3a4a: "reserved", 2: "0x2",
	} {
		if got := v.String(); got != want {
			t.Errorf("%#x is %s, want %s", uint32(v), got, want)
		}
		if v.known() == (want == "negotiation" || want == "reserved" || want == "0x2") {
			t.Errorf("%s is known: %v", want, v.known())
		}
	}
}

func TestParameters(t *testing.T) {
	var p Parameters
	if !p.Parse(V1, []byte("\x01\x02\x40\x64\x71\x29\x03UA!\x11\x08\x00\x00\x00\x01\x6b\x33\x43\xcf\x1b\x00")) {
		t.Error("malformed")
	}
	idle, known := p.Number(0)
	_, absent := p.Number(1)
	if len(p.IDs) != 4 || string(p.UserAgent) != "UA!" || len(p.Versions) != 8 || idle != 100 || !known || absent {
		t.Errorf("%+v", p)
	}
	for _, bad := range []string{"\x01", "\x01\x02\x40", "\x01\x02\x05\x05", "\x11\x03abc", "\x05\x00"} {
		if p.Parse(V1, []byte(bad)) {
			t.Errorf("%q is well formed", bad)
		}
	}
}

// TestFixedParameters: before draft 27 numbers and lengths had two bytes each.
func TestFixedParameters(t *testing.T) {
	const list = "\x00\x10\x00\x01\x00\x02\x40\x64\x00\x0c\x00\x00\x00\x04\x00\x02\x40\x80"
	var p Parameters
	if !p.Parse(draft|25, []byte(list)) || !slices.Equal(p.IDs, []uint64{1, 12, 4}) {
		t.Errorf("%v", p.IDs)
	}
	idle, _ := p.Number(0)
	data, known := p.Number(2)
	if idle != 100 || data != 128 || !known {
		t.Errorf("idle %d, data %d, %v", idle, data, known)
	}
	for _, bad := range []string{"\x00\x03\x00\x01\x00", "\x00\x05\x00\x01\x00\x02\x40", "\x00\x01\x00"} {
		if p.Parse(draft|25, []byte(bad)) || len(p.IDs) > 0 {
			t.Errorf("%q is well formed, %v", bad, p.IDs)
		}
	}
	if !p.Parse(draft|26, []byte("\x01\x02\x40\x64")) || len(p.IDs) != 1 { // some went ahead of their number
		t.Errorf("%v", p.IDs)
	}
}
