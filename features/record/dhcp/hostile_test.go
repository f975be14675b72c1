package dhcp

import (
	"slices"
	"strings"
	"testing"
)

// hostile are messages of about a size, each made to cost more than it should; the
// first byte tells the versions apart.
var hostile = map[string]func(size int) (version int, b []byte){
	"padding":          func(size int) (int, []byte) { return 4, message4(strings.Repeat("\x00", size)) },
	"empty options":    func(size int) (int, []byte) { return 4, message4(strings.Repeat("\x0c\x00", size/2)) },
	"one in pieces":    func(size int) (int, []byte) { return 4, message4(strings.Repeat(opt4(12, "a"), size/3)) },
	"one with classes": func(size int) (int, []byte) { return 4, message4(strings.Repeat(opt4(77, "\x01a"), size/4)) },
	"a class that takes back": func(size int) (int, []byte) {
		return 4, message4(strings.Repeat(opt4(77, "\x01a"), size/4), opt4(77, "\x09"))
	},
	"all codes in turn": func(size int) (int, []byte) {
		var all strings.Builder
		for code := byte(1); code < 255; code++ {
			all.WriteString(opt4(code, "a"))
		}
		return 4, message4(strings.Repeat(all.String(), size/all.Len()))
	},
	"empty options of 6": func(size int) (int, []byte) { return 6, message6(1, strings.Repeat(opt6(99), size/4)) },
	"leases": func(size int) (int, []byte) {
		lease := opt6(5, address, "12345678")
		var ia strings.Builder
		for range size / 2000 {
			ia.WriteString(opt6(3, "123456789012", strings.Repeat(lease, 70)))
		}
		return 6, message6(7, ia.String())
	},
	"empty options in leases": func(size int) (int, []byte) {
		return 6, message6(7, opt6(3, "123456789012", opt6(5, address, "12345678", strings.Repeat(opt6(99), (size-100)/4))))
	},
	"relays": func(size int) (int, []byte) {
		b := message6(1, strings.Repeat(opt6(99), size/4-400))
		for range maxRelays {
			b = relay6(0, b)
		}
		return 6, b
	},
	"many inner messages": func(size int) (int, []byte) {
		return 6, relay6(0, message6(1), strings.Repeat(opt6(optRelayMessage, string(relay6(0, nil))), size/42))
	},
}

func (m *Message) parse(version int, b []byte) error {
	if version == 4 {
		return m.Parse4(b)
	}
	return m.Parse6(b)
}

// TestHostileWork counts the options read and the bytes put together, and holds that both
// grow with the message alone.
func TestHostileWork(t *testing.T) {
	for name, build := range hostile {
		for size := 4000; size <= 60000; size *= 2 {
			version, b := build(size)
			var m Message
			_ = m.parse(version, b)
			if m.options > len(b) || len(m.joined) > len(b) {
				t.Errorf("%s: %d options, %d bytes put together, of %d", name, m.options, len(m.joined), len(b))
			}
		}
	}
}

// TestHostileAllocations holds that a message costs at most its error, once the memory
// is there.
func TestHostileAllocations(t *testing.T) {
	for name, build := range hostile {
		version, b := build(20000)
		var m Message
		if n := testing.AllocsPerRun(5, func() { _ = m.parse(version, b) }); n > 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestRecognise(t *testing.T) {
	four, six := message4(opt4(53, "\x01")), message6(1, opt6(1, duidLL))
	bootp := fixed4()
	zeros := make([]byte, 300)
	for _, c := range []struct {
		name             string
		version          int
		bytes            []byte
		hinted, unhinted bool
	}{
		{"4", 4, four, true, true},
		{"BOOTP", 4, bootp, true, false},
		{"4 that is cut", 4, four[:len(four)-3], true, false},
		{"zeros", 4, zeros, false, false},
		{"zeros of 6", 6, zeros, false, false},
		{"6", 6, six, true, true},
		{"6 that is cut", 6, six[:len(six)-3], true, false},
		{"6 without identifiers", 6, message6(11, opt6(8, "ab")), true, false},
		{"6 of a type that there is not", 6, append([]byte{99}, six[1:]...), false, false},
		{"6 through a relay", 6, relay6(0, six), true, true},
		{"4 of operation 3", 4, append([]byte{3}, four[1:]...), false, false},
		{"4 of operation 2", 4, append([]byte{2}, four[1:]...), true, true},
		{"4 without a type", 4, message4(opt4(12, "host")), true, false},
		{"4 with a bad option", 4, message4(opt4(53, "\x01"), opt4(12, "")), true, false},
		{"4 with another cookie", 4, append(append(slices.Clone(fixed4()), "cook"...), opt4(53, "\x01")+"\xff"...), true, false},
		{"4 without its end", 4, four[:atServer-1], false, false},
		{"6 with a server alone", 6, message6(2, opt6(2, duidLL)), true, true},
		{"6 with a bad option", 6, message6(1, opt6(1, duidLL), opt6(8, "a")), true, false},
		{"6 of the first type that there is not", 6, append([]byte{byte(len(typeNames6))}, six[1:]...), false, false},
		{"6 of three bytes", 6, six[:3], false, false},
		{"text", 4, []byte(strings.Repeat("text ", 80)), false, false},
	} {
		var m Message
		recognise := m.Recognise4
		if c.version == 6 {
			recognise = m.Recognise6
		}
		if hinted, unhinted := recognise(c.bytes, true, false), recognise(c.bytes, false, false); hinted != c.hinted || unhinted != c.unhinted {
			t.Errorf("%s: %v with the port, %v without", c.name, hinted, unhinted)
		}
	}
}

// FuzzMessage reads anything as both versions, twice with the same memory: the second
// reading says the same.
func FuzzMessage(f *testing.F) {
	for _, build := range hostile {
		_, b := build(4000)
		f.Add(b)
	}
	f.Add(message4(opt4(12, ""), opt4(12, ""), opt4(60, "a"), opt4(60, "b"))) // in pieces, all empty
	f.Add(message4(opt4(52, "\x03"), opt4(53, "\x01"), opt4(61, "\xff0000"+duidLL), opt4(81, "\x04\x00\x00\x01a\x00"), opt4(82, "\x01\x01a"), opt4(124, unhex("00000009 02 01 61"))))
	f.Add(relay6(0, message6(1, opt6(1, duidLL), opt6(25, "123456789012", opt6(26, "12345678\x40", address)), opt6(39, "\x00\x01a\x00"), opt6(16, "1234\x00\x01a")), opt6(79, "\x00\x01abcdef")))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Message
		for _, version := range []int{4, 6} {
			_ = m.parse(version, b)
			first := show6(&m)
			if len(m.joined) > len(b) || len(m.Codes) > len(b) {
				t.Fatalf("%d bytes put together, %d options, of %d bytes", len(m.joined), len(m.Codes), len(b))
			}
			_ = m.parse(version, slices.Clone(b))
			if second := show6(&m); second != first {
				t.Fatalf("first %s\nthen  %s", first, second)
			}
		}
		m.Recognise4(b, false, false)
		m.Recognise6(b, false, false)
	})
}

// TestHint: each port speaks for its version, at either side, and no other does.
func TestHint(t *testing.T) {
	for port, versions := range map[uint16][2]bool{67: {true, false}, 68: {true, false}, 4011: {true, false}, 546: {false, true}, 547: {false, true}, 66: {}, 69: {}, 545: {}, 548: {}} {
		for _, p := range [][2]uint16{{port, 9}, {9, port}} {
			if got := [2]bool{Hint4(p[0], p[1]), Hint6(p[0], p[1])}; got != versions || Hint(p[0], p[1]) != (versions[0] || versions[1]) {
				t.Errorf("ports %v: %v", p, got)
			}
		}
	}
}
