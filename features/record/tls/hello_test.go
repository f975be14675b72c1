package tls

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// ja4Raw appends the JA4_r of a hello: the lists in place of their hashes.
func ja4Raw(h *ClientHello, dst []byte, transport byte) []byte {
	dst = append(h.appendJA4Head(dst, transport), '_')
	dst = append(h.appendSortedCiphers(dst), '_')
	return h.appendSortedExtensions(dst)
}

// builder writes messages byte by byte.
type builder []byte

func (b builder) u16(values ...uint16) builder {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

// vec8 and vec16 append bytes behind their length.
func (b builder) vec8(v []byte) builder { return append(append(b, byte(len(v))), v...) }

func (b builder) vec16(v []byte) builder { return append(b.u16(uint16(len(v))), v...) }

// ext appends an extension.
func (b builder) ext(typ uint16, data []byte) builder { return b.u16(typ).vec16(data) }

// sni is the data of the extension with a host name.
func sni(name string) builder {
	return builder{}.vec16(append(builder{0}, builder{}.vec16([]byte(name))...))
}

func alpn(names ...string) builder {
	var list builder
	for _, n := range names {
		list = list.vec8([]byte(n))
	}
	return builder{}.vec16(list)
}

// clientHello is a body with the given version, ciphers and extensions.
func clientHello(version uint16, ciphers, extensions builder) builder {
	b := append(builder{}.u16(version), strings.Repeat("r", 32)...).vec8([]byte("session")).vec16(ciphers).vec8([]byte{0})
	if extensions != nil {
		b = b.vec16(extensions)
	}
	return b
}

// chrome is the example of the specification of JA4, GREASE included.
func chrome() builder {
	list := func(v ...uint16) []byte { return builder{}.vec16(builder{}.u16(v...)) }
	e := builder{}.ext(0x3a3a, nil).ext(0x001b, []byte{2, 0, 2}).ext(0, sni("example.org")).
		ext(0x0033, builder{}.vec16(builder{}.u16(0x1a1a).vec16([]byte{0}).u16(29).vec16(make([]byte, 32)))).
		ext(0x0010, alpn("h2", "http/1.1")).ext(0x4469, []byte{0, 3, 2, 'h', '2'}).ext(0x0017, nil).ext(0x002d, []byte{1, 1}).
		ext(0x000d, list(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)).
		ext(0x0005, []byte{1, 0, 0, 0, 0}).ext(0x0023, nil).ext(0x0012, nil).
		ext(0x002b, builder{}.vec8(builder{}.u16(0xbaba, 0x0304, 0x0303))).
		ext(0xff01, []byte{0}).ext(0x000b, []byte{1, 0}).ext(0x000a, list(0x8a8a, 29, 23, 24)).ext(0x9a9a, []byte{0}).ext(0x0015, make([]byte, 40))
	return clientHello(0x0303, builder{}.u16(0x5a5a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035), e)
}

func parsed(t *testing.T, body []byte) *ClientHello {
	t.Helper()
	var h ClientHello
	if err := h.Parse(body); err != nil {
		t.Fatal(err)
	}
	return &h
}

// TestJA4Example is the example of the specification.
func TestJA4Example(t *testing.T) {
	h := parsed(t, chrome())
	if got := string(h.AppendJA4(nil, OverTCP)); got != "t13d1516h2_8daaf6152771_e5627efa2ab1" {
		t.Error(got)
	}
	if got := string(ja4Raw(h, nil, OverQUIC)); got != "q13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601" {
		t.Error(got)
	}
}

// TestJA3Example are the two examples that Salesforce published with JA3.
func TestJA3Example(t *testing.T) {
	ciphers := builder{}.u16(47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4)
	e := builder{}.ext(0, sni("a")).ext(10, builder{}.vec16(builder{}.u16(23, 24, 25))).ext(11, []byte{1, 0})
	for want, body := range map[string]builder{
		"769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0 ada70206e40642a3e4461f35503241d5": clientHello(0x0301, ciphers, e),
		"769,4-5-10-9-100-98-3-6-19-18-99,,, de350869b8c85de67a350c8d186f11e6":                                  clientHello(0x0301, builder{}.u16(4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99), nil),
	} {
		h := parsed(t, body)
		if got := fmt.Sprintf("%s %s", h.AppendJA3Text(nil), h.AppendJA3(nil)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestClientHelloFields(t *testing.T) {
	h := parsed(t, chrome())
	if string(h.ServerName) != "example.org" || len(h.ALPN) != 2 || string(h.ALPN[1]) != "http/1.1" || h.MaxVersion() != 0x0304 || h.Version != 0x0303 {
		t.Errorf("%+v", h)
	}
	if !slices.Equal(h.Groups, []uint16{0x8a8a, 29, 23, 24}) || !slices.Equal(h.KeyShareGroups, []uint16{0x1a1a, 29}) || len(h.SignatureAlgorithms) != 8 || string(h.PointFormats) != "\x00" {
		t.Errorf("groups %v, shares %v, algorithms %v, formats %v", h.Groups, h.KeyShareGroups, h.SignatureAlgorithms, h.PointFormats)
	}
	if !h.OCSPStapling || !h.SCT || !h.ExtendedMaster || !h.SessionTicket || h.EarlyData || h.PSKIdentities != 0 || h.ECH != ECHNone || string(h.SessionID) != "session" {
		t.Errorf("%+v", h)
	}
	psk := builder{}.vec16(builder{}.vec16([]byte("one")).u16(0, 1).vec16([]byte("two")).u16(0, 2))
	e := builder{}.ext(42, nil).ext(0xfe0d, []byte{0, 1}).ext(57, []byte("quic")).ext(44, builder{}.vec16([]byte("cookie"))).ext(13172, nil).ext(41, psk)
	if h = parsed(t, clientHello(0x0303, nil, e)); !h.EarlyData || h.ECH != ECHOuter || h.PSKIdentities != 2 || string(h.QUICParameters) != "quic" || string(h.Cookie) != "cookie" || !h.NextProtocols {
		t.Errorf("%+v", h)
	}
	if h = parsed(t, clientHello(0x0303, nil, builder{}.ext(0xfe0d, []byte{1}))); h.ECH != ECHInner || h.EarlyData {
		t.Errorf("%+v", h)
	}
}

// TestJA4ALPN holds the characters of the ALPN to the specification, and to FoxIO's
// programs beyond ASCII.
func TestJA4ALPN(t *testing.T) {
	for name, want := range map[string]string{"": "00", "h": "hh", "http/1.1": "h1", "h2": "h2", "\xba\xad": "99", "h\xff": "99", "-x": "28", "0-": "3d", "A_Z": "AZ"} {
		h := parsed(t, clientHello(0x0303, nil, builder{}.ext(16, alpn(name))))
		if got := string(h.AppendJA4(nil, OverTCP)[8:10]); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestJA4Head(t *testing.T) {
	many := builder{}
	for v := range uint16(120) {
		many = many.u16(v)
	}
	for want, body := range map[string]builder{
		"t12i000000_000000000000_000000000000": clientHello(0x0303, nil, nil),
		"ts3i000000_000000000000_000000000000": clientHello(0x0300, builder{}.u16(0x0a0a), builder{}.ext(0xfafa, nil)),
		"t00i990000_":                          clientHello(0x7f12, many, nil),
		"t00i0001":                             clientHello(0x0303, nil, builder{}.ext(43, builder{}.vec8(builder{}.u16(0x0a0a)))),
		"t11d0001":                             clientHello(0x0302, nil, builder{}.ext(0, nil)),
	} {
		var h ClientHello
		_ = h.Parse(body)
		if got := string(h.AppendJA4(nil, OverTCP)); !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func serverHello(version uint16, random string, cipher uint16, extensions builder) builder {
	b := append(builder{}.u16(version), random...).vec8(nil).u16(cipher)
	return append(b, 0).vec16(extensions)
}

func TestServerHelloFields(t *testing.T) {
	random := strings.Repeat("r", 32)
	e := builder{}.ext(16, alpn("h2")).ext(5, nil).ext(18, builder{}.vec16(builder{}.vec16([]byte("sct")))).ext(35, nil).ext(23, nil).
		ext(0xff01, builder{}.vec8([]byte("verify"))).ext(13172, builder{}.vec8([]byte("spdy/3")).vec8([]byte("http/1.1")))
	var h ServerHello
	if err := h.Parse(serverHello(0x0303, random, 0xc02f, e)); err != nil {
		t.Fatal(err)
	}
	if string(h.ALPN) != "h2" || !h.OCSPStapling || len(h.SCTs) != 1 || !h.SessionTicket || !h.ExtendedMaster || !h.SecureRenegotiation || string(h.Renegotiation) != "verify" || len(h.NextProtocols) != 2 || h.HelloRetry || h.NegotiatedVersion() != 0x0303 {
		t.Errorf("%+v", h)
	}
	if got := string(h.AppendJA3SText(nil)); got != "771,49199,16-5-18-35-23-65281-13172" {
		t.Error(got)
	}
	e = builder{}.ext(43, []byte{3, 4}).ext(51, []byte{0, 29}).ext(44, builder{}.vec16([]byte("c"))).ext(41, []byte{0, 1})
	if err := h.Parse(serverHello(0x0303, retryRandom, 0x1301, e)); err != nil || !h.HelloRetry || h.NegotiatedVersion() != 0x0304 || h.KeyShareGroup != 29 || string(h.Cookie) != "c" || !h.PSKSelected || h.PSKIdentity != 1 || h.ALPN != nil {
		t.Errorf("%v %+v", err, h)
	}
}

// TestMalformed holds that what fits is there when the rest is not of its form.
func TestMalformed(t *testing.T) {
	whole := chrome()
	second := builder{}.ext(0, sni("first.example")).ext(0, sni("second.example"))
	bad := builder{}.ext(10, []byte{0, 3, 0, 29, 0}).ext(0, sni("behind.example"))
	for _, c := range []struct {
		name   string
		body   builder
		reason Reason
		number int
		server string
	}{
		{"empty", nil, Cut, 0, ""},
		{"cut before the ciphers", whole[:40], Cut, 0, ""},
		{"cut in the extensions", whole[:len(whole)-100], Cut, 0, "example.org"},
		{"bytes behind", append(slices.Clone(whole), 0), Trailing, 0, "example.org"},
		{"odd ciphers", clientHello(0x0303, builder{0x13, 1, 0x13}, builder{}.ext(0, sni("odd"))), List, 0, "odd"},
		{"malformed extension", clientHello(0x0303, nil, bad), Extension, 10, "behind.example"},
		{"an extension twice", clientHello(0x0303, nil, second), 255, 0, "first.example"},
	} {
		var h ClientHello
		var e *Error
		err := h.Parse(c.body)
		if c.reason == 255 && err != nil || c.reason != 255 && (!errors.As(err, &e) || e.Reason != c.reason || e.Number != c.number) {
			t.Errorf("%s: %v", c.name, err)
		}
		if string(h.ServerName) != c.server {
			t.Errorf("%s: server name %q", c.name, h.ServerName)
		}
	}
}

func TestHellosDoNotAllocate(t *testing.T) {
	client, server := chrome(), serverHello(0x0303, retryRandom, 0x1301, builder{}.ext(16, alpn("h2")))
	var c ClientHello
	var s ServerHello
	var text []byte
	if n := testing.AllocsPerRun(100, func() {
		if c.Parse(client) != nil || s.Parse(server) != nil {
			t.Fatal("malformed")
		}
		text = s.AppendJA3S(c.AppendJA4(c.AppendJA3(text[:0]), OverTCP))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzClientHello(f *testing.F) {
	f.Add([]byte(chrome()))
	f.Add([]byte(chrome()[:60]))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h ClientHello
		_ = h.Parse(b)
		if n := len(h.AppendJA4(nil, OverTCP)); n != 36 {
			t.Errorf("JA4 of %d characters", n)
		}
		if n := len(h.AppendJA3(nil)); n != hex.EncodedLen(16) {
			t.Errorf("JA3 of %d characters", n)
		}
	})
}

func FuzzServerHello(f *testing.F) {
	f.Add([]byte(serverHello(0x0303, retryRandom, 0x1301, builder{}.ext(16, alpn("h2")))))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var h ServerHello
		_ = h.Parse(b)
		h.AppendJA3S(nil)
	})
}
