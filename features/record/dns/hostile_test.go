package dns_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"pcapmill/features/record/dns"
)

// message has one record of the root's in the given section.
func message(section int, typ uint16, data []byte) []byte {
	b := make([]byte, dns.HeaderBytes, dns.HeaderBytes+11+len(data))
	binary.BigEndian.PutUint16(b[6+2*section:], 1)
	return append(b, record(typ, data)...)
}

func record(typ uint16, data []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0}, typ)
	b = append(b, 0, 1, 0, 0, 0, 0)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(data))), data...)
}

// windows are bit maps of n windows of size bytes, with all bits set; step is between
// the windows' numbers.
func windows(n, size, step int) []byte {
	data := []byte{0} // the next name: root
	for i := range n {
		data = append(data, byte(i*step), byte(size))
		data = append(data, strings.Repeat("\xff", size)...)
	}
	return data
}

// TestBitMapWindows: windows rise and have 1 to 32 bytes (RFC 4034 §4.1.2); types past a
// window's 256 would be read as those of another.
func TestBitMapWindows(t *testing.T) {
	for _, c := range []struct {
		name          string
		n, size, step int
		malformed     bool
	}{
		{"two that rise", 2, 1, 1, false},
		{"the longest", 1, 32, 1, false},
		{"too long", 1, 33, 1, true},
		{"empty", 1, 0, 1, true},
		{"twice the same", 2, 1, 0, true},
	} {
		var m dns.Message
		if err := m.Parse(message(dns.Answers, 47, windows(c.n, c.size, c.step)), dns.DNS); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := m.Sections[dns.Answers][0].Malformed; got != c.malformed {
			t.Errorf("%s: malformed %v", c.name, got)
		}
	}
}

// TestDenseBitMap: a bit map makes 80 characters of a byte; it ends at what the message
// may hold, and its types are not allocated one by one.
func TestDenseBitMap(t *testing.T) {
	var m dns.Message
	var e *dns.Error
	if err := m.Parse(message(dns.Answers, 47, windows(256, 32, 1)), dns.DNS); !errors.As(err, &e) || e.Reason != dns.Arena {
		t.Errorf("256 windows: %v", err)
	}
	one := message(dns.Answers, 47, windows(1, 32, 1))
	if n := testing.AllocsPerRun(20, func() { _ = m.Parse(one, dns.DNS) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestSecondOPT: there is one OPT record at the most (RFC 6891 §6.1.1); another does not
// mix with it.
func TestSecondOPT(t *testing.T) {
	b := message(dns.Additionals, 41, []byte{0, 10, 0, 0})
	b = append(b, record(41, []byte{0, 12, 0, 0})...)
	b[11] = 2
	b[len(b)-10] = 1 // upper bits of the second's response code
	b[dns.HeaderBytes+5] = 0
	var m dns.Message
	if err := m.Parse(b, dns.DNS); err != nil || len(m.EDNS.Options) != 1 {
		t.Errorf("%v, options %v", err, m.EDNS.Options)
	}
}

// TestSubnets of clients: no prefix is longer than its address, and no address than those of its family.
func TestSubnets(t *testing.T) {
	for _, c := range []struct{ option, want string }{
		{"\x00\x01\x18\x00\xc0\x00\x02", "192.0.2.0/24"},
		{"\x00\x01\x20\x00\xc0\x00\x02\x01", "192.0.2.1/32"},
		{"\x00\x01\x21\x00\xc0\x00\x02\x01", ""},
		{"\x00\x01\x18\x00\xc0\x00\x02\x01\x01", ""},
		{"\x00\x01\x00\x00", "0.0.0.0/0"},
		{"\x00\x01\x00", ""},
		{"\x00\x02\x38\x00\x20\x01\x0d\xb8\x00\x00\x01", "2001:db8:0:100::/56"},
		{"\x00\x02\x80\x00\x20" + strings.Repeat("\x01", 15), "2001:101:101:101:101:101:101:101/128"},
		{"\x00\x02\x81\x00\x20" + strings.Repeat("\x01", 15), ""},
		{"\x00\x02\x80\x00\x20" + strings.Repeat("\x01", 16), ""},
		{"\x00\x03\x18\x00\xc0\x00\x02", ""},
	} {
		option := append([]byte{0, 8, 0, byte(len(c.option))}, c.option...)
		var m dns.Message
		if err := m.Parse(message(dns.Additionals, 41, option), dns.DNS); err != nil || string(m.Bytes(m.EDNS.Subnet)) != c.want || len(m.EDNS.Options) != 1 {
			t.Errorf("%q: %v, subnet %q, want %q", c.option, err, m.Bytes(m.EDNS.Subnet), c.want)
		}
	}
}

// TestOptionsThatAreCut: those before them are there, and the record is malformed.
func TestOptionsThatAreCut(t *testing.T) {
	for data, want := range map[string]struct {
		options   int
		malformed bool
	}{
		"": {0, false}, "\x00\x03\x00\x00": {1, false}, "\x00\x03\x00\x02ab": {1, false},
		"\x00\x03\x00": {0, true}, "\x00\x03\x00\x02a": {0, true}, "\x00\x03\x00\x02ab\x00": {1, true},
	} {
		var m dns.Message
		err := m.Parse(message(dns.Additionals, 41, []byte(data)), dns.DNS)
		if r := m.Sections[dns.Additionals]; err != nil || len(r) != 1 || r[0].Malformed != want.malformed || len(m.EDNS.Options) != want.options {
			t.Errorf("%q: %+v, options %v, %v", data, r, m.EDNS.Options, err)
		}
	}
}

// TestNetBIOSAddresses are behind their flags, one or several.
func TestNetBIOSAddresses(t *testing.T) {
	for data, want := range map[string]string{
		"\x60\x00\xc0\x00\x02\x01": "192.0.2.1", "\x60\x00\xc0\x00\x02\x01\x00\x00\x0a\x00\x00\x01": "192.0.2.1 10.0.0.1",
		"\x60\x00\xc0\x00\x02\x01\x00": `\# 7 6000c000020100`, "": `\# 0`,
	} {
		var m dns.Message
		err := m.Parse(message(dns.Answers, 32, []byte(data)), dns.NBNS)
		if r := m.Sections[dns.Answers]; err != nil || len(r) != 1 || string(m.Bytes(r[0].Data)) != want || r[0].Malformed != strings.HasPrefix(want, `\`) {
			t.Errorf("%q: %v, %q, want %q", data, err, m.Bytes(r[0].Data), want)
		}
		if err := m.Parse(message(dns.Answers, 32, []byte(data)), dns.DNS); err != nil || m.Sections[dns.Answers][0].Malformed {
			t.Errorf("%q in DNS, where the type is another: %v", data, err)
		}
	}
}

// TestPlausible asks headers alone, as of a message that is still to come.
func TestPlausible(t *testing.T) {
	query := []byte{1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	with := func(at int, b byte) []byte {
		changed := append([]byte{}, query...)
		changed[at] = b
		return changed
	}
	for name, c := range map[string]struct {
		b      []byte
		length int
		want   bool
	}{
		"a query":                 {query, 29, true},
		"shorter than a header":   {query, 11, false},
		"operation 3":             {with(2, 3<<3), 29, false},
		"operation 6":             {with(2, 6<<3), 29, true},
		"operation 7":             {with(2, 7<<3), 29, false},
		"a thousand questions":    {with(4, 4), 29, false},
		"as many as have room":    {with(5, 104), 20, true}, // 12 + 104*5 = 20 + 512
		"one more than have room": {with(5, 105), 20, false},
		"records that have room":  {with(7, 48), 33, true}, // 12 + 5 + 48*11 = 33 + 512
		"a record more":           {with(7, 49), 33, false},
		"zeros":                   {make([]byte, 20), 20, false},
		"a header alone":          {make([]byte, 12), 12, true},
		"zeros of operation 6":    {append([]byte{0, 0, 6 << 3}, make([]byte, 17)...), 20, true},
	} {
		if got := dns.Plausible(c.b, c.length); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestHintIsSymmetric: a query and its answer are of one kind, whatever the ports.
func TestHintIsSymmetric(t *testing.T) {
	ports := []uint16{53, 137, 5353, 5355, 40000}
	for _, a := range ports {
		for _, b := range ports {
			there, _ := dns.Hint(a, b)
			if back, _ := dns.Hint(b, a); there != back {
				t.Errorf("%d and %d: %v there, %v back", a, b, there, back)
			}
		}
	}
}
