package filter_test

import (
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"pcapmill/ingest/filter"
)

func TestParseDDD(t *testing.T) {
	const tcpOrUDP = "6\n40 0 0 12\n21 0 3 2048\n48 0 0 23\n21 0 1 6\n6 0 0 262144\n6 0 0 0\n"
	for _, c := range []struct{ name, text, want string }{
		{"as printed", tcpOrUDP, ""},
		{"spaces and an empty line at the end", strings.ReplaceAll(tcpOrUDP, "\n", " \r\n") + "\n", ""},
		{"empty", "", "line 1"},
		{"no number", "ldh [12]\n", "line 1"},
		{"-d output", "(000) ldh      [12]\n", "line 1"},
		{"none", "0\n", "line 1"},
		{"too many said", "70000\n", "line 1"},
		{"fewer", "3\n6 0 0 0\n", "line 1 says 3"},
		{"more", "1\n6 0 0 0\n6 0 0 0\n", "line 3"},
		{"three numbers", "1\n6 0 0\n", "line 2"},
		{"a word", "1\n6 0 0 x\n", "line 2"},
		{"out of range", "1\n6 0 256 0\n", "line 2"},
		{"jump backwards", "3\n0 0 0 1\n5 0 0 4294967294\n6 0 0 0\n", "backwards"},
		{"jump out", "2\n5 0 0 1\n6 0 0 0\n", "out of the program"},
		{"branch out", "2\n21 0 1 0\n6 0 0 0\n", "out of the program"},
		{"no return", "1\n40 0 0 12\n", "return"},
		{"unknown", "2\n255 0 0 0\n6 0 0 0\n", "unknown"},
		{"unknown load", "2\n1000 0 0 0\n6 0 0 0\n", "unknown"},
		{"ancillary data", "2\n40 0 0 4294963200\n6 0 0 0\n", "before the packet"},
		{"register", "2\n2 0 0 16\n6 0 0 0\n", "16 scratch"},
		{"register read", "2\n96 0 0 16\n6 0 0 0\n", "16 scratch"},
		{"division", "2\n52 0 0 0\n6 0 0 0\n", "zero"},
		{"shift", "2\n100 0 0 32\n6 0 0 0\n", "31"},
		{"a long line", "1\n" + strings.Repeat("6", 5000) + "\n", "too long"},
	} {
		p, err := filter.ParseDDD(c.text)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && p.DDD() != tcpOrUDP:
			t.Errorf("%s: %s", c.name, p.DDD())
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want …%s…", c.name, err, c.want)
		}
	}
}

// TestMachine runs hand-written programs: each instruction once.
func TestMachine(t *testing.T) {
	frame := []byte{0x45, 2, 3, 4, 5, 6, 7, 8}
	value := func(code ...bpf.RawInstruction) filter.Program { // accepts where A is not 0 at the end
		return append(code, bpf.RawInstruction{Op: 0x16})
	}
	is := func(k uint32, code ...bpf.RawInstruction) filter.Program {
		return append(code, bpf.RawInstruction{Op: 0x15, Jf: 1, K: k}, bpf.RawInstruction{Op: 6, K: 1}, bpf.RawInstruction{Op: 6})
	}
	in := func(op uint16, k uint32) bpf.RawInstruction { return bpf.RawInstruction{Op: op, K: k} }
	for _, c := range []struct {
		name string
		p    filter.Program
		want bool
	}{
		{"byte", is(3, in(0x30, 2)), true},
		{"half", is(0x0304, in(0x28, 2)), true},
		{"word", is(0x05060708, in(0x20, 4)), true},
		{"word behind the end", is(0, in(0x20, 5)), false},
		{"indirect", is(4, in(0x01, 1), in(0x50, 2)), true},
		{"indirect behind the end, no wrapping", is(4, in(0x01, 0xffffffff), in(0x50, 4)), false},
		{"header length", is(20, in(0xb1, 0), in(0x87, 0)), true},
		{"header length behind the end", is(0, in(0xb1, 8), in(0x87, 0)), false},
		{"length on the wire", is(100, in(0x80, 0)), true},
		{"registers", is(7, in(0x00, 7), in(0x02, 15), in(0x00, 1), in(0x60, 15)), true},
		{"register into X", is(7, in(0x00, 7), in(0x02, 3), in(0x61, 3), in(0x87, 0)), true},
		{"X into register", is(9, in(0x01, 9), in(0x03, 3), in(0x60, 3)), true},
		{"A into X", is(9, in(0x00, 9), in(0x07, 0), in(0x00, 1), in(0x87, 0)), true},
		{"add", is(1, in(0x00, 2), in(0x04, 0xffffffff)), true},
		{"sub X", is(0xffffffff, in(0x00, 2), in(0x01, 3), in(0x1c, 0)), true},
		{"mul", is(6, in(0x00, 2), in(0x24, 3)), true},
		{"div", is(3, in(0x00, 7), in(0x34, 2)), true},
		{"div by X = 0", is(0, in(0x00, 7), in(0x01, 0), in(0x3c, 0)), false},
		{"mod", is(1, in(0x00, 7), in(0x94, 2)), true},
		{"mod by X = 0", is(0, in(0x00, 7), in(0x01, 0), in(0x9c, 0)), false},
		{"or", is(7, in(0x00, 3), in(0x44, 5)), true},
		{"and", is(1, in(0x00, 3), in(0x54, 5)), true},
		{"xor", is(6, in(0x00, 3), in(0xa4, 5)), true},
		{"shift left", is(12, in(0x00, 3), in(0x64, 2)), true},
		{"shift left out", is(0, in(0x00, 3), in(0x01, 32), in(0x6c, 0)), true},
		{"shift right", is(1, in(0x00, 4), in(0x74, 2)), true},
		{"negate", is(0xfffffffd, in(0x00, 3), in(0x84, 0)), true},
		{"return A", value(in(0x00, 3)), true},
		{"return A = 0", value(in(0x00, 0)), false},
		{"jump", filter.Program{in(0x05, 1), in(6, 0), in(6, 1)}, true},
		{"jgt", filter.Program{in(0x00, 5), {Op: 0x25, Jf: 1, K: 4}, in(6, 1), in(6, 0)}, true},
		{"jgt equal", filter.Program{in(0x00, 5), {Op: 0x25, Jf: 1, K: 5}, in(6, 1), in(6, 0)}, false},
		{"jge X", filter.Program{in(0x00, 5), in(0x01, 5), {Op: 0x3d, Jf: 1}, in(6, 1), in(6, 0)}, true},
		{"jset", filter.Program{in(0x00, 5), {Op: 0x45, Jf: 1, K: 2}, in(6, 1), in(6, 0)}, false},
	} {
		if err := c.p.Validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := c.p.Match(frame, 100); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
