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

// TestImpossibleSubnet: no prefix is longer than its address.
func TestImpossibleSubnet(t *testing.T) {
	for want, option := range map[string][]byte{
		"192.0.2.0/24": {0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2},
		"":             {0, 8, 0, 7, 0, 1, 33, 0, 192, 0, 2},
	} {
		var m dns.Message
		if err := m.Parse(message(dns.Additionals, 41, option), dns.DNS); err != nil || string(m.Bytes(m.EDNS.Subnet)) != want {
			t.Errorf("%v, subnet %q, want %q", err, m.Bytes(m.EDNS.Subnet), want)
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
