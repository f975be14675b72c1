package tls

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/record/room"
)

// message puts the header of a handshake message before its body.
func message(typ byte, body []byte) builder {
	return append(builder{typ, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

func tlsRecord(content byte, fragment []byte) builder {
	return builder{content, 3, 1}.vec16(fragment)
}

// records puts messages into records of at most size bytes.
func records(size int, messages ...builder) (b builder) {
	for piece := range slices.Chunk(slices.Concat(messages...), size) {
		b = append(b, tlsRecord(contentHandshake, piece)...)
	}
	return b
}

// read returns the messages in what comes in pieces, as type, length and first bytes.
func read(pieces ...[]byte) (got []string, d *Deframer, err error) {
	d = new(Deframer)
	var rooms room.Pool
	for _, b := range pieces {
		for len(b) > 0 {
			m, n, ok, err := d.Next(b, &rooms)
			if err != nil {
				return got, d, err
			}
			if ok {
				got = append(got, fmt.Sprintf("%d:%v:%x", m.Type, m.SSLv2, m.Body))
			}
			b = b[n:]
		}
	}
	return got, d, nil
}

// TestAnySplit cuts a direction at each byte, and gives it byte by byte, however its
// messages are put into records.
func TestAnySplit(t *testing.T) {
	hello, certificates := message(2, serverHello(0x0303, strings.Repeat("r", 32), 0xc02f, nil)), message(11, bytes.Repeat([]byte("c"), 70))
	other, done := message(12, bytes.Repeat([]byte{1}, 50)), message(14, nil)
	want := []string{fmt.Sprintf("2:false:%x", hello[4:]), fmt.Sprintf("11:false:%x", certificates[4:])}
	for _, size := range []int{1, 2, 3, 4, 5, 7, 50, 100, 1000} {
		stream := records(size, hello, certificates, other, done)
		stream = append(stream, tlsRecord(contentChangeCipherSpec, []byte{1})...)
		stream = append(stream, tlsRecord(contentHandshake, append(builder{2, 0, 0, 9}, make([]byte, 36)...))...)
		stream = append(stream, tlsRecord(contentApplicationData, message(2, nil))...)
		for cut := range stream {
			if got, d, err := read(stream[:cut], stream[cut:]); err != nil || !slices.Equal(got, want) || !d.Sealed() {
				t.Fatalf("records of %d bytes, cut at %d: %v, %v", size, cut, got, err)
			}
		}
		if got, _, err := read(slices.Collect(slices.Chunk([]byte(stream), 1))...); err != nil || !slices.Equal(got, want) {
			t.Errorf("records of %d bytes, byte by byte: %v, %v", size, got, err)
		}
	}
}

// TestSecondHello: a client says hello again behind a change of the cipher and early data.
func TestSecondHello(t *testing.T) {
	first, second := message(1, clientHello(0x0303, nil, nil)), message(1, clientHello(0x0303, builder{0x13, 1}, nil))
	stream := slices.Concat(records(1000, first), tlsRecord(contentChangeCipherSpec, []byte{1}), tlsRecord(contentApplicationData, make([]byte, 300)), records(1000, second))
	want := []string{fmt.Sprintf("1:false:%x", first[4:]), fmt.Sprintf("1:false:%x", second[4:])}
	for cut := range stream {
		if got, _, err := read(stream[:cut], stream[cut:]); err != nil || !slices.Equal(got, want) {
			t.Fatalf("cut at %d: %v, %v", cut, got, err)
		}
	}
}

func TestDeframerErrors(t *testing.T) {
	big := message(11, make([]byte, MaxMessage+1))
	skipped := message(13, make([]byte, MaxMessage+1))
	hello := message(1, clientHello(0x0303, nil, nil))
	for _, c := range []struct {
		name     string
		stream   []byte
		reason   Reason
		messages int
		bad      bool
	}{
		{"no record", []byte("GET / HTTP/1.1"), Record, 0, true},
		{"no record behind a message", append(records(100, hello), "\x16\x09\x00\x00\x01"...), Record, 1, true},
		{"record too long", []byte("\x16\x03\x03\xff\xff"), Record, 0, true},
		{"certificates too large", records(16384, hello, big), Large, 1, true},
		{"a large message that is skipped", records(16384, skipped, hello), 0, 1, false},
		{"garbage behind the cipher's change", append(records(100, hello), "\x14\x03\x03\x00\x01\x01garbage"...), 0, 1, false},
		{"empty records", append(bytes.Repeat([]byte("\x16\x03\x03\x00\x00"), 50), records(100, hello)...), 0, 1, false},
		{"an alert between the halves", slices.Concat(tlsRecord(22, hello[:9]), tlsRecord(21, []byte{1, 0}), tlsRecord(22, hello[9:])), 0, 1, false},
	} {
		for _, pieces := range [][][]byte{{c.stream}, slices.Collect(slices.Chunk(c.stream, 1))} {
			got, d, err := read(pieces...)
			var e *Error
			if c.bad != errors.As(err, &e) || c.bad && e.Reason != c.reason || len(got) != c.messages || c.bad != d.Closed() && c.bad {
				t.Errorf("%s: %d messages, %v", c.name, len(got), err)
			}
		}
	}
}

// TestSkipRecord gives nothing of what need not be given.
func TestSkipRecord(t *testing.T) {
	hello := message(2, serverHello(0x0303, retryRandom, 0x1301, nil))
	stream := slices.Concat(tlsRecord(contentApplicationData, make([]byte, 500)), records(100, hello))
	for cut := range 5 + 500 {
		var d Deframer
		if _, _, ok, err := d.Next(stream[:cut], new(room.Pool)); ok || err != nil {
			t.Fatal(ok, err)
		}
		at := cut + d.SkipRecord()
		if m, _, ok, err := d.Next(stream[at:], new(room.Pool)); !ok || err != nil || m.Version != 0x0301 || !bytes.Equal(m.Body, hello[4:]) {
			t.Fatalf("cut at %d, skipped to %d: %v %v %+v", cut, at, ok, err, m)
		}
	}
}

// TestSSLv2 reads a hello that offers TLS in the format of SSL 2.0, with records of TLS
// behind it, and a server's of SSL 2.0.
func TestSSLv2(t *testing.T) {
	hello := builder{1, 3, 1}.u16(9, 0, 16)
	hello = append(append(hello, 7, 0, 0xc0, 0, 0, 5, 0, 0, 0xff), strings.Repeat("c", 16)...)
	stream := append(builder{0x80, byte(len(hello))}, hello...)
	whole := append(slices.Clone(stream), records(100, message(11, []byte{0, 0, 0}))...)
	for cut := range whole {
		if got, _, err := read(whole[:cut], whole[cut:]); err != nil || len(got) != 2 || !strings.HasPrefix(got[0], "1:true:") {
			t.Fatalf("cut at %d: %v, %v", cut, got, err)
		}
	}
	var h ClientHello
	if err := h.ParseSSLv2(hello); err != nil || !h.SSLv2 || h.Version != 0x0301 || !slices.Equal(h.CipherSuites, []uint16{5, 255}) || !h.SecureRenegotiation || len(h.SSLv2Ciphers) != 9 || len(h.Random) != 16 {
		t.Errorf("%v %+v", err, h)
	}
	server := append(builder{4, 0, 1}.u16(2, 4, 3, 2), "cert\x07\x00\xc0id"...)
	got, d, err := read(append(append(builder{0x80, byte(len(server))}, server...), "what is encrypted"...))
	var s ServerHello
	if certificate, bad := s.ParseSSLv2(server); err != nil || bad != nil || len(got) != 1 || !d.Closed() || string(certificate) != "cert" || s.Version != 2 || string(s.SessionID) != "id" {
		t.Errorf("%v %v %v %q %+v", got, err, bad, certificate, s)
	}
}

// TestDeframerDoesNotAllocate where messages come in one piece, nor again where they
// come in two.
func TestDeframerDoesNotAllocate(t *testing.T) {
	stream := records(1000, message(1, chrome()), message(11, make([]byte, 3000)))
	var d Deframer
	var rooms room.Pool
	run := func() {
		d = Deframer{}
		for _, b := range [][]byte{stream[:300], stream[300:]} {
			for len(b) > 0 {
				_, n, _, err := d.Next(b, &rooms)
				if err != nil {
					t.Fatal(err)
				}
				b = b[n:]
			}
		}
	}
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestCertificateList(t *testing.T) {
	body := []byte("\x00\x00\x09\x00\x00\x03one\x00\x00\x00")
	many := append(builder{0, 3, 0}, make([]byte, 3*256)...)
	for _, c := range []struct {
		name         string
		body         []byte
		certificates int
		reason       Reason
		bad          bool
	}{
		{"two, one empty", body, 2, 0, false},
		{"none", []byte{0, 0, 0}, 0, 0, false},
		{"cut", body[:8], 0, Cut, true},
		{"cut behind one", body[:10], 1, Cut, true},
		{"bytes behind", append(slices.Clone(body), 0), 2, Trailing, true},
		{"no length", nil, 0, Cut, true},
		{"too many", many, maxCertificates, Large, true},
	} {
		var l CertificateList
		var e *Error
		if err := l.Parse(c.body); errors.As(err, &e) != c.bad || c.bad && e.Reason != c.reason || len(l.Certificates) != c.certificates {
			t.Errorf("%s: %d certificates, %v", c.name, len(l.Certificates), err)
		}
	}
}

// FuzzDeframer holds that messages do not depend on how the bytes come.
func FuzzDeframer(f *testing.F) {
	f.Add([]byte(records(9, message(1, chrome()))), 30)
	f.Add([]byte("\x80\x0c\x01\x03\x01\x00\x03\x00\x00\x00\x00\x00\x00\x05"), 3)
	f.Add([]byte(slices.Concat(records(100, message(1, clientHello(0x0303, nil, nil))), tlsRecord(20, []byte{1}), records(100, message(1, clientHello(0x0303, nil, nil))))), 60)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		cut = min(max(cut, 0), len(stream))
		whole, _, wholeErr := read(stream)
		split, d, splitErr := read(stream[:cut], stream[cut:])
		if !slices.Equal(whole, split) || fmt.Sprint(wholeErr) != fmt.Sprint(splitErr) {
			t.Errorf("in one piece %v, %v; cut at %d %v, %v", whole, wholeErr, cut, split, splitErr)
		}
		if cap(d.message) > 2*len(stream)+64 {
			t.Errorf("%d bytes kept of %d", cap(d.message), len(stream))
		}
	})
}
