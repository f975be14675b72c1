package dns

import (
	"errors"
	"testing"
)

// TestServiceVectors are the records of RFC 9460 appendix D.
func TestServiceVectors(t *testing.T) {
	const target = "03 666f6f 07 6578616d706c65 03 636f6d 00 " // foo.example.com
	const org = "03 666f6f 07 6578616d706c65 03 6f7267 00 "    // foo.example.org
	for _, c := range []struct{ figure, data, want string }{
		{"2", "0000 " + target, "0 foo.example.com"},
		{"3", "0001 00", "1 ."},
		{"4", "0010 " + target + "0003 0002 0035", "16 foo.example.com port=53"},
		{"5", "0001 " + target + "029b 0005 68656c6c6f", `1 foo.example.com key667="hello"`},
		{"6", "0001 " + target + "029b 0009 68656c6c6fd2716f6f", `1 foo.example.com key667="hello\210qoo"`},
		{"7", "0001 " + target + "0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001", "1 foo.example.com ipv6hint=2001:db8::1,2001:db8::53:1"},
		{"8", "0001 07 6578616d706c65 03 636f6d 00 0006 0010 20010db8012203440000000000c00002 21", ""},
		{"9", "0010 " + org + "0000 0004 00010004 0001 0009 026832 0568332d3139 0004 0004 c0000201", "16 foo.example.org mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1"},
		{"10", "0010 " + org + "0001 000c 08 665c6f6f2c626172 02 6832", `16 foo.example.org alpn=f\\\\oo\\,bar,h2`},
		{"a key twice", "0001 00 0003 0002 0050 0003 0002 0050", ""},
		{"keys that descend", "0001 00 0003 0002 0050 0001 0003 026832", ""},
		{"a port without a value", "0001 00 0003 0000", ""},
		{"addresses without a value", "0001 00 0004 0000", ""},
		{"a value of no-default-alpn", "0001 00 0002 0001 41", ""},
		{"an empty protocol", "0001 00 0001 0001 00", ""},
	} {
		check(t, c.figure, one(typeSVCB, unhex(c.data)), c.want)
	}
}

// check holds the data of the only answer to want, "" for malformed.
func check(t *testing.T, name string, b []byte, want string) {
	t.Helper()
	var m Message
	if err := m.Parse(b, DNS); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	r := m.Sections[Answers][0]
	if got := string(m.Bytes(r.Data)); r.Malformed != (want == "") || want != "" && got != want {
		t.Errorf("%s: %s, malformed %v, want %s", name, got, r.Malformed, want)
	}
}

// TestTypeMaps are the examples of RFC 4034 §4.3 and RFC 5155 appendix A, and what is
// not in order.
func TestTypeMaps(t *testing.T) {
	const next = "\x04host\xc0\x0c"
	// The hash of RFC 5155 is 2t7b4g4vsa5smi47k61mv5bv1a22bojr.
	const hash = "14 174eb2409fe28bcb4887a1836f957f0a8425e27b "
	for _, c := range []struct {
		name string
		typ  uint16
		data string
		want string
	}{
		{"RFC 4034", 47, next + unhex("0006 400100000003 041b 000000000000000000000000000000000000000000000000000020"), "host.example.org A MX RRSIG NSEC TYPE1234"},
		{"no types", 47, "\x00", "."},
		{"an empty window", 47, "\x00" + unhex("0000"), ""},
		{"a window too long", 47, "\x00" + unhex("0021") + string(make([]byte, 33)), ""},
		{"windows that descend", 47, "\x00" + unhex("010140 000140"), ""},
		{"a window twice", 47, "\x00" + unhex("000140 000140"), ""},
		{"RFC 5155", 50, unhex("01 01 000c 04 aabbccdd " + hash + "0007 22010000000290"), "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM"},
		{"without salt", 50, unhex("01 00 0000 00 " + hash), "1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
		{"without a hash", 50, unhex("01 00 0000 00 00"), ""},
		{"a cut salt", 50, unhex("01 00 0000 09 aa"), ""},
		{"CAA without a tag", 257, "\x00\x00x", ""},
		{"CAA with an odd tag", 257, "\x00\x02i\x00x", ""},
	} {
		check(t, c.name, one(c.typ, c.data), c.want)
	}
}

// TestUpdate deletes all addresses of a name (RFC 2136 §2.5.2).
func TestUpdate(t *testing.T) {
	b := header(5<<11, 1, 0, 2, 0).name("example", "org").u16(6, 1)
	b = b.u16(0xc00c, 1, 255, 0, 0, 0).u16(0xc00c, 1, 1, 0, 0, 0)
	var m Message
	if err := m.Parse(b, DNS); err != nil {
		t.Fatal(err)
	}
	if r := m.Sections[Authorities]; r[0].Malformed || !r[1].Malformed || OpcodeName(DNS, m.Opcode()) != "UPDATE" {
		t.Errorf("%+v", r)
	}
}

// TestErrorPlace has the third record of the authorities cut; the error outlives the Message.
func TestErrorPlace(t *testing.T) {
	b := header(QR, 1, 1, 3, 0).name("a").u16(1, 1)
	for range 3 {
		b = b.record(12, 1, "\x01\x02\x03\x04")
	}
	at := len(b)
	b = b.record(12, 5, "\x03x")
	var m Message
	err := m.Parse(b[:len(b)-1], DNS)
	_ = m.Parse(nil, DNS)
	var e *Error
	if !errors.As(err, &e) || *e != (Error{Cut, at, 1 + Authorities, 2}) {
		t.Errorf("%+v, want an offset of %d", e, at)
	}
}

func TestOpcodeNames(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		opcode uint8
		want   string
	}{{DNS, 0, "QUERY"}, {DNS, 4, "NOTIFY"}, {DNS, 3, "OPCODE3"}, {MDNS, 15, "OPCODE15"}, {NBNS, 5, "REGISTRATION"}, {NBNS, 14, "OPCODE14"}} {
		if got := OpcodeName(c.kind, c.opcode); got != c.want {
			t.Errorf("opcode %d of %v: %s, want %s", c.opcode, c.kind, got, c.want)
		}
	}
}

// TestRcodeNames: a name that another node has, and one in conflict, are other codes of DNS.
func TestRcodeNames(t *testing.T) {
	for _, c := range []struct {
		kind  Kind
		rcode uint16
		want  string
	}{
		{DNS, 3, "NXDOMAIN"}, {NBNS, 3, "NXDOMAIN"}, {DNS, 6, "YXDOMAIN"}, {LLMNR, 7, "YXRRSET"}, {NBNS, 6, "ACT_ERR"},
		{NBNS, 7, "CFT_ERR"}, {NBNS, 8, "NXRRSET"}, {DNS, 23, "BADCOOKIE"}, {DNS, 24, "RCODE24"},
	} {
		if got := RcodeName(c.kind, c.rcode); got != c.want {
			t.Errorf("%s %d: %s, want %s", c.kind, c.rcode, got, c.want)
		}
	}
}
