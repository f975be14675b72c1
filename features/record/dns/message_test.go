package dns

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// builder writes messages byte by byte.
type builder []byte

func header(flags uint16, counts ...uint16) builder {
	b := builder{0x12, 0x34, byte(flags >> 8), byte(flags)}
	for _, n := range counts {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return b
}

// name appends labels and the root.
func (b builder) name(labels ...string) builder {
	for _, l := range labels {
		b = append(append(b, byte(len(l))), l...)
	}
	return append(b, 0)
}

func (b builder) u16(values ...uint16) builder {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, v)
	}
	return b
}

// record appends a record of the name at a pointer.
func (b builder) record(pointer, typ uint16, data string) builder {
	b = b.u16(0xc000|pointer, typ, 1, 0, 300, uint16(len(data)))
	return append(b, data...)
}

func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestRecordData holds the presentation form of each type to the RFC that defines it.
func TestRecordData(t *testing.T) {
	for _, c := range []struct {
		typ        uint16
		data, want string
		malformed  bool
	}{
		{1, unhex("c0000201"), "192.0.2.1", false},
		{1, unhex("c00002"), `\# 3 c00002`, true},
		{28, unhex("20010db8000000000000000000000001"), "2001:db8::1", false},
		{2, "\x03ns1\xc0\x0c", "ns1.example.org", false},
		{5, "\xc0\x0c", "example.org", false},
		{12, "\x01*\xc0\x0c", "*.example.org", false},
		{39, "\x00", ".", false},
		{15, "\x00\x0a\x04mail\xc0\x0c", "10 mail.example.org", false},
		{33, unhex("0001 0002 01bb") + "\x01a\xc0\x0c", "1 2 443 a.example.org", false},
		{6, "\x02ns\xc0\x0c\x05admin\xc0\x0c" + unhex("00000001 00000e10 00000258 00093a80 0000003c"), "ns.example.org admin.example.org 1 3600 600 604800 60", false},
		{16, "\x05v=1\"x\x00\x02\x01\\", `"v=1\"x" "" "\001\\"`, false},
		{16, "", `\# 0`, true},
		{16, "\x05abc", `\# 4 05616263`, true},
		{13, "\x03x86\x05Linux", `"x86" "Linux"`, false},
		{35, unhex("000a 0064") + "\x01u\x07E2U+sip\x04!.!!\x00", `10 100 "u" "E2U+sip" "!.!!" .`, false},
		{43, unhex("ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118"), "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118", false}, // RFC 4034 5.4
		{44, unhex("02 01 123456789abcdef6"), "2 1 123456789abcdef6", false},
		{52, unhex("03 01 01 d2ab"), "3 1 1 d2ab", false},
		{48, unhex("0100 03 05 01020304"), "256 3 5 AQIDBA==", false},
		{46, unhex("0001 05 02 00015180 00000002 00000001 0a52") + "\x00" + unhex("ffee"), "A 5 2 86400 2 1 2642 . /+4=", false},
		{47, "\x04host\xc0\x0c" + unhex("00 06 40 01 00 00 00 03"), "host.example.org A MX RRSIG NSEC", false}, // the map of RFC 4034 4.3
		{64, unhex("0000") + "\x03svc\xc0\x0c", "0 svc.example.org", false},
		{65, unhex("0001 00 0001 0006") + "\x02h2\x02h3" + unhex("0003 0002 01bb 0004 0004 c0000201 029b 0005") + "hello", `1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1 key667="hello"`, false}, // as in RFC 9460 D.2
		{65, unhex("0001 00 0000 0002 0004 0002 0000 0005 0002 abcd 0006 0010 20010db8000000000000000000000001"), "1 . mandatory=ipv4hint no-default-alpn ech=q80= ipv6hint=2001:db8::1", false},
		{65, unhex("0001 00 0003 0001 01"), `\# 8 0001000003000101`, true},
		{257, "\x00\x05issueca.example.net", `0 issue "ca.example.net"`, false},
		{65280, unhex("abcd"), `\# 2 abcd`, false},
	} {
		b := append(header(QR|RD|RA, 1, 1, 0, 0).name("example", "org").u16(c.typ, 1).record(12, c.typ, c.data), "tail"...)
		var m Message
		if err := m.Parse(b, DNS); err != nil {
			t.Errorf("type %d: %v", c.typ, err)
			continue
		}
		r := &m.Sections[Answers][0]
		if got := string(m.Bytes(r.Data)); got != c.want || r.Malformed != c.malformed || r.TTL != 300 || m.Trailing != 4 {
			t.Errorf("type %d: got %q, malformed %v, TTL %d, %d bytes behind; want %q, %v", c.typ, got, r.Malformed, r.TTL, m.Trailing, c.want, c.malformed)
		}
		if got := string(m.Bytes(r.Name)); got != "example.org" {
			t.Errorf("type %d: name %q", c.typ, got)
		}
	}
}

// TestFlags: bits of one kind mean something else in another.
func TestFlags(t *testing.T) {
	const all = AA | TC | RD | RA | AD | CD
	for kind, want := range map[Kind]uint16{DNS: all, MDNS: all, LLMNR: TC, NBNS: AA | TC | RD | RA} {
		m := Message{Kind: kind, Flags: 0xffff}
		none := Message{Kind: kind}
		for bit := uint16(1); bit != 0; bit <<= 1 {
			if bit&all != 0 && (m.Has(bit) != (want&bit != 0) || none.Has(bit)) {
				t.Errorf("%v: bit %#x", kind, bit)
			}
		}
	}
}

func TestNames(t *testing.T) {
	netbios := "FHEPFCELEHFCEPFFFACACACACACACABN" // WORKGROUP<1d> in the encoding of RFC 1001
	for _, c := range []struct {
		kind Kind
		name string
		want string
	}{
		{DNS, "\x00", "."},
		{DNS, "\x03a.b\x01\\\x02\x00\xff\x01 \x00", `a\.b.\\.\000\255. `},
		{DNS, "\x20" + netbios + "\x00", netbios},
		{NBNS, "\x20" + netbios + "\x00", "WORKGROUP<1d>"},
		{NBNS, "\x20" + netbios + "\x05scope\x00", "WORKGROUP<1d>.scope"},
		{NBNS, "\x20" + strings.Repeat("z", 32) + "\x00", strings.Repeat("z", 32)},
		{DNS, strings.Repeat("\x01a", 127) + "\x00", strings.Repeat("a.", 126) + "a"},
	} {
		var m Message
		if err := m.Parse(append(header(0, 1, 0, 0, 0), c.name+"\x00\x01\x00\x01"...), c.kind); err != nil {
			t.Errorf("%q: %v", c.name, err)
		} else if got := string(m.Bytes(m.Questions[0].Name)); got != c.want {
			t.Errorf("%q is %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCompression is the example of RFC 1035 §4.1.4.
func TestCompression(t *testing.T) {
	b := make(builder, 92)
	copy(b, header(QR, 4, 0, 0, 0))
	put := func(at int, s string) { copy(b[at:], s) }
	put(12, "\x01F\x03ISI\x04ARPA\x00\x00\x01\x00\x01")
	put(28, "\x03FOO\xc0\x0c\x00\x01\x00\x01")
	put(38, "\xc0\x12\x00\x01\x00\x01")
	put(44, "\x00\x00\x01\x00\x01")
	var m Message
	if err := m.Parse(b[:49], DNS); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"F.ISI.ARPA", "FOO.F.ISI.ARPA", "ARPA", "."} {
		if got := string(m.Bytes(m.Questions[i].Name)); got != want {
			t.Errorf("question %d: %q, want %q", i, got, want)
		}
	}
}

func TestEDNS(t *testing.T) {
	b := header(QR|3, 0, 0, 0, 1)
	b = append(b, 0)
	b = b.u16(41, 1232, 0x0102, 0x8000, 4+7)
	b = b.u16(8, 7, 1, 24<<8)
	b = append(b, 192, 0, 2)
	var m Message
	if err := m.Parse(b, DNS); err != nil {
		t.Fatal(err)
	}
	e := m.EDNS
	if !e.Present || e.UDPSize != 1232 || e.Version != 2 || !e.DO || m.Rcode != 1<<4|3 || len(e.Options) != 1 || e.Options[0] != 8 || string(m.Bytes(e.Subnet)) != "192.0.2.0/24" {
		t.Errorf("%+v, rcode %d, subnet %q", e, m.Rcode, m.Bytes(e.Subnet))
	}
}

func TestMulticast(t *testing.T) {
	b := header(0, 1, 1, 0, 0).name("a", "local").u16(1, 0x8001)
	b = b.u16(0xc00c, 1, 0x8001, 0, 120, 4)
	b = append(b, 192, 0, 2, 7)
	var m Message
	if err := m.Parse(b, MDNS); err != nil {
		t.Fatal(err)
	}
	if q, r := m.Questions[0], m.Sections[Answers][0]; !q.Unicast || q.Class != 1 || !r.Flush || r.Class != 1 {
		t.Errorf("%+v %+v", q, r)
	}
	if err := m.Parse(b, DNS); err != nil || m.Questions[0].Class != 0x8001 {
		t.Errorf("in DNS: %+v, %v", m.Questions[0], err)
	}
}

func TestMalformed(t *testing.T) {
	question := slices.Clip(header(0, 2, 0, 0, 0).name("ok").u16(1, 1))
	at := len(question)
	for _, c := range []struct {
		name   string
		bytes  builder
		reason Reason
		offset int
		read   int // questions before it
	}{
		{"short", builder{1, 2, 3}, Header, 3, 0},
		{"nothing behind the header", header(0, 1, 0, 0, 0), Cut, 12, 0},
		{"cut question", append(question, "\x01a\x00\x00"...), Cut, at, 1},
		{"cut label", append(question, "\x09a"...), Cut, at, 1},
		{"pointer to itself", question.u16(0xc000|uint16(at), 1, 1), Pointer, at, 1},
		{"pointer forwards", question.u16(0xc000|uint16(at+2), 1, 1), Pointer, at, 1},
		{"pointers in a circle", append(question, "\x01a\xc0\x0c\x00\x01\x00\x01"...), 0, -1, 2}, // backwards: fine
		{"label kind", append(question, 0x40, 0), Label, at, 1},
		{"long", append(question, strings.Repeat("\x01a", 128)+"\x00\x00\x01\x00\x01"...), Long, at + 254, 1},
	} {
		var m Message
		err := m.Parse(c.bytes, DNS)
		var e *Error
		if c.offset < 0 {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		} else if !errors.As(err, &e) || e.Reason != c.reason || e.Offset != c.offset {
			t.Errorf("%s: %v, want %v", c.name, err, &Error{Reason: c.reason, Offset: c.offset})
		}
		if len(m.Questions) != c.read || e != nil && (e.Section != 0 || e.Entry != c.read) {
			t.Errorf("%s: %d questions before it, want %d", c.name, len(m.Questions), c.read)
		}
	}
}

// TestExpansion holds that names cannot make little into much.
func TestExpansion(t *testing.T) {
	b := header(QR, 1, 4000, 0, 0).name(strings.Repeat("\x00", 63), strings.Repeat("\x00", 63), strings.Repeat("\x00", 63), strings.Repeat("\x00", 57)).u16(1, 1)
	for range 4000 {
		b = b.record(12, 5, "\xc0\x0c")
	}
	var m Message
	var e *Error
	if err := m.Parse(b, DNS); !errors.As(err, &e) || e.Reason != Arena {
		t.Errorf("error %v", err)
	}
	if most := minArena + arenaPerByte*len(b) + 4*maxName; len(m.texts) > most {
		t.Errorf("%d bytes of text from %d, want at most %d", len(m.texts), len(b), most)
	}
}

// TestPointerChains holds that a name follows a bounded number of pointers.
func TestPointerChains(t *testing.T) {
	b := header(0, 2, 0, 0, 0)
	b = b.name().u16(1, 1)
	last := 12
	for range 200 { // each to the one before
		b = b.u16(0xc000 | uint16(last))
		last = len(b) - 2
	}
	var m Message
	m.reset(b, DNS)
	if _, _, err := m.name(12+5+2*126, false); err != nil {
		t.Errorf("127 pointers: %v", err)
	}
	if _, _, err := m.name(12+5+2*127, false); err == nil {
		t.Error("128 pointers are followed")
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	b := header(QR, 1, 9, 0, 1).name("example", "org").u16(1, 1).record(12, 1, "\x01\x02\x03\x04").record(12, 16, "\x03abc")
	b = b.record(12, 28, string(make([]byte, 16))).record(12, 15, "\x00\x0a\xc0\x0c").record(12, 6, "\xc0\x0c\xc0\x0c"+string(make([]byte, 20)))
	b = b.record(12, 65, unhex("0001 00 0000 0002 0003 0001 0003 026832 0003 0002 01bb 0004 0004 c0000201 0005 0002 abcd"))
	b = b.record(12, 47, "\x00"+unhex("0006 400100000003 0401 ff")).record(12, 50, unhex("01 01 000c 01 aa 01 17 0001 22")).record(12, 1, "broken")
	b = append(b, 0).u16(41, 1232, 0, 0, 11, 8, 7, 1, 24<<8)
	b = append(b, 192, 0, 2)
	var m Message
	if n := testing.AllocsPerRun(100, func() {
		if m.Parse(b, DNS) != nil {
			t.Fatal("malformed")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRecognise(t *testing.T) {
	query := header(RD, 1, 0, 0, 0).name("example", "org").u16(1, 1)
	odd := append(builder{}, query...)
	odd[2] |= 15 << 3
	var m Message
	for _, c := range []struct {
		name     string
		bytes    []byte
		src, dst uint16
		kind     Kind
		want     bool
	}{
		{"query", query, 40000, 53, DNS, true},
		{"multicast", query, 5353, 5353, MDNS, true},
		{"llmnr", query, 40000, 5355, LLMNR, true},
		{"on another port", query, 40000, 4000, DNS, true},
		{"of class 3 there", header(RD, 1, 0, 0, 0).name("example", "org").u16(1, 3), 40000, 4000, DNS, true},
		{"of any class there", header(RD, 1, 0, 0, 0).name("example", "org").u16(1, 255), 40000, 4000, DNS, true},
		{"of class 2 there", header(RD, 1, 0, 0, 0).name("example", "org").u16(1, 2), 40000, 4000, DNS, false},
		{"of no known type there", header(RD, 1, 0, 0, 0).name("example", "org").u16(40000, 1), 40000, 4000, DNS, false},
		{"of an odd name there", header(RD, 1, 0, 0, 0).name("exa\x00mple", "org").u16(1, 1), 40000, 4000, DNS, false},
		{"unknown operation there", odd, 40000, 4000, DNS, false},
		{"without a question there", header(QR|1, 0, 0, 0, 0), 4000, 40000, DNS, false},
		{"with a byte more there", append(query[:len(query):len(query)], 0), 40000, 4000, DNS, false},
		{"zeros", make([]byte, 100), 40000, 53, DNS, false},
		{"a refusal without a question", header(QR|1, 0, 0, 0, 0), 53, 40000, DNS, true},
		{"unknown operation", odd, 40000, 53, DNS, true},
		{"unknown operation, malformed", odd[:20], 40000, 53, DNS, false},
		{"short", query[:11], 40000, 53, DNS, false},
		{"more entries than room", header(0, 60000, 0, 0, 0), 40000, 53, DNS, false},
	} {
		kind, got := m.Recognise(c.bytes, c.src, c.dst, false)
		if got != c.want || got && kind != c.kind {
			t.Errorf("%s: %v %v", c.name, kind, got)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	hinted := 0
	for range 20000 {
		b := make([]byte, 20+rng.IntN(1000))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		if _, ok := m.Recognise(b, 1000, 2000, false); ok {
			t.Errorf("random bytes are taken for a message: %x", b)
		}
		if _, ok := m.Recognise(b, 53, 2000, false); ok {
			hinted++
		}
	}
	if hinted > 20 {
		t.Errorf("%d of 20,000 random datagrams of port 53 are taken for messages", hinted)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(header(QR, 1, 1, 0, 0).name("example", "org").u16(1, 1).record(12, 5, "\xc0\x0c")), uint8(0))
	f.Add([]byte(header(0, 1, 0, 0, 1).name("a", "local").u16(255, 0x8001)), uint8(1))
	f.Add([]byte(header(QR, 1, 1, 0, 0).name("x").u16(65, 1).record(12, 65, unhex("0001 00 0001 0003 02")+"h2")), uint8(0))
	f.Add([]byte(header(QR, 1, 1, 0, 0).name("FHEPFCELEHFCEPFFFACACACACACACABN").u16(32, 1).record(12, 32, "\x00\x00\x01\x02\x03\x04")), uint8(3))
	f.Add([]byte(one(47, "\x04host\xc0\x0c"+unhex("0006 400100000003"))), uint8(0))
	f.Add([]byte(one(50, unhex("01 01 000c 01 aa 01 17 0001 22"))), uint8(0))
	f.Add([]byte(append(header(0, 0, 0, 0, 1), 0).u16(41, 1232, 0, 0, 8, 8, 4, 1, 0)), uint8(0))
	for _, build := range hostile {
		f.Add([]byte(build(1500)), uint8(0))
	}
	f.Fuzz(func(t *testing.T, b []byte, k uint8) {
		kind := Kind(k % 4)
		var m, again Message
		err := m.Parse(b, kind)
		if most := minArena + arenaPerByte*len(b) + 4*maxName + 4*len(b) + 64; len(m.texts) > most {
			t.Fatalf("%d bytes of text from %d", len(m.texts), len(b))
		}
		if most := stepsPerByte * (len(b) + 200); m.steps > most {
			t.Fatalf("%d steps in %d bytes", m.steps, len(b))
		}
		_ = again.Parse([]byte("something else that was there before"), DNS)
		if err2 := again.Parse(b, kind); (err == nil) != (err2 == nil) || string(again.texts) != string(m.texts) || again.Trailing != m.Trailing {
			t.Fatalf("parsed twice: %v %q and %v %q", err, m.texts, err2, again.texts)
		}
		if err == nil && (m.Trailing < 0 || len(m.Questions) != int(m.Counts[0]) || len(m.Sections[Answers]) != int(m.Counts[1])) {
			t.Fatalf("%d trailing, %d questions, counts %v", m.Trailing, len(m.Questions), m.Counts)
		}
		again.Recognise(b, 1, 2, false)
	})
}
