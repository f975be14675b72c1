package quic

import (
	"errors"
	"testing"
)

// TestManyPieces: pieces that never join are few, and what is kept of them is no more
// than came.
func TestManyPieces(t *testing.T) {
	c, _ := pair(t, V1, "original")
	x := told{t: t}
	var err error
	sent := 0
	for at := MaxStream - 1; at > 0 && err == nil; at -= 2 {
		err = x.read(c.initial(crypt(at, []byte{1})), true)
		if sent++; len(x.conn.sides[0].stream.kept) > sent {
			t.Fatalf("%d bytes kept of %d", len(x.conn.sides[0].stream.kept), sent)
		}
	}
	var e *Error
	if !errors.As(err, &e) || e.Reason != Pieces || sent != maxPieces+1 || x.conn.sides[0].stream.kept != nil {
		t.Errorf("behind %d pieces: %v", sent, err)
	}
	x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true) // not looked at any more
	x.want()
}

// TestManyMessages: a side has two at the most.
func TestManyMessages(t *testing.T) {
	c, _ := pair(t, V1, "original")
	var stream []byte
	for range 300 {
		stream = append(stream, hello(ClientHello, "")...)
	}
	x := told{t: t}
	x.must(c.initial(crypt(0, stream)), true)
	x.want("client_hello ", "client_hello ")
}

// TestOneAttempt: a datagram of many packets under unknown keys makes keys once.
func TestOneAttempt(t *testing.T) {
	c, _ := pair(t, V1, "original")
	damaged := c.initial()
	damaged[len(damaged)-1]++
	var many []byte
	for range 20 {
		many = append(many, damaged...)
	}
	var r Reader
	read := func(b []byte) float64 {
		return testing.AllocsPerRun(20, func() {
			if err := r.Read(new(Conn), b, true, false); err != nil {
				t.Fatal(err)
			}
		})
	}
	if one, all := read(damaged), read(many); all > one {
		t.Errorf("%v allocations for one packet, %v for 20", one, all)
	}
}

// TestShortHeadersCostNothing, and Initial packets of a connection do not allocate.
func TestShortHeadersCostNothing(t *testing.T) {
	c, _ := pair(t, V1, "original")
	x := told{t: t}
	x.must(c.initial(crypt(0, hello(ClientHello, "client"))), true)
	ack := c.initial([]byte{frameAck, 0, 0, 0, 0})
	for _, b := range [][]byte{[]byte("\x40 short header and much more"), ack} {
		if n := testing.AllocsPerRun(100, func() {
			if err := x.reader.Read(&x.conn, b, true, false); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%v allocations for %q", n, b[:5])
		}
	}
}

// FuzzRead reads two datagrams as they are.
func FuzzRead(f *testing.F) {
	c, s := pair(f, V1, "original")
	f.Add(c.initial(crypt(0, hello(ClientHello, "client"))), s.retry(f, "original", "token"))
	f.Add([]byte("\x80\x00\x00\x00\x00\x06client\x08original\x00\x00\x00\x01"), []byte("\x0d12345678Q024\x01"))
	f.Add([]byte("\xc3Q046\x5012345678 and more"), append(s.initial(crypt(0, hello(ServerHello, "server"))), s.handshake()...))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var conn Conn
		var r Reader
		for _, b := range [][]byte{first, second, first} {
			Recognise(b, len(b)%2 == 0)
			err := r.Read(&conn, b, true, false)
			if err != nil && err.Error() == "" {
				t.Error("an error without a text")
			}
			if err := r.Read(&conn, b, false, true); err != nil && len(r.Events) > 2 {
				t.Errorf("%v, %d events", err, len(r.Events))
			}
		}
	})
}

// FuzzFrames reads payloads that are properly sealed, and holds what is kept to what
// came.
func FuzzFrames(f *testing.F) {
	message := hello(ClientHello, "client")
	f.Add(crypt(5, message[5:]), crypt(0, message[:7]), uint32(V1))
	f.Add([]byte{frameAck, 0, 0, 1, 0, 0, 0}, []byte{frameClose, 0, 0, 1, 'x'}, uint32(V2))
	f.Add([]byte{0x40, 1, 0, 0, 1, 0}, []byte{8, 0, 2, 1, 2}, uint32(google51))
	f.Fuzz(func(t *testing.T, first, second []byte, version uint32) {
		if Version(version).crypto() == nil || len(first) > MaxStream || len(second) > MaxStream {
			return
		}
		c, _ := pair(t, Version(version), "original")
		x := told{t: t}
		for _, frames := range [][]byte{first, second, first} {
			if err := x.read(c.initial(frames), true); err != nil && err.Error() == "" {
				t.Error("an error without a text")
			}
		}
		s := &x.conn.sides[0].stream
		const padded = 20
		if len(s.kept) > 2*max(padded, len(first))+max(padded, len(second)) || len(s.pieces) > maxPieces || s.start > MaxStream {
			t.Errorf("%d bytes in %d pieces kept", len(s.kept), len(s.pieces))
		}
		for i := 1; i < len(s.pieces); i++ {
			if s.pieces[i-1].end() > int(s.pieces[i].offset) {
				t.Errorf("pieces %+v", s.pieces)
			}
		}
	})
}

// FuzzParameters holds that lists are no longer than their bytes.
func FuzzParameters(f *testing.F) {
	f.Add([]byte("\x01\x02\x40\x64\x71\x29\x03UA!\x11\x04\x00\x00\x00\x01"))
	var p Parameters
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range []Version{V1, draft | 25} {
			p.Parse(v, b)
			if 2*len(p.IDs) > len(b) || len(p.Versions)%4 != 0 {
				t.Errorf("%+v", p)
			}
		}
	})
}
