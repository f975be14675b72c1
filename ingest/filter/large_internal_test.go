package filter

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
)

func repeated(n int, sep string, part func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = part(i)
	}
	return strings.Join(parts, sep)
}

// TestLarge: expressions of many parts compile to what tcpdump makes of them,
// jumps beyond the reach of a branch included; what is beyond the limits is
// refused at once.
func TestLarge(t *testing.T) {
	host := func(i int) string { return fmt.Sprintf("host 10.%d.%d.1", i/250, i%250) }
	alternating := func(i int) string { return fmt.Sprintf("ether[%d] = %d or ether[%d] = %d", i%2, i, i+20, i) }
	frames := fuzzFrames()
	for _, c := range []struct {
		name, text string
		refused    bool
	}{
		{"hosts", repeated(60, " or ", host), false},
		{"not hosts", "ip and not " + repeated(100, " and not ", host), false},
		{"TCP ports", repeated(80, " or ", func(i int) string { return fmt.Sprintf("tcp port %d", i+1) }), false},
		{"accessors", repeated(150, " or ", func(i int) string { return fmt.Sprintf("tcp[%d] = %d", i, i) }), false},
		{"two loads in turn", repeated(150, " or ", alternating), false},
		{"two loads in turn, all", repeated(150, " and ", func(i int) string { return "(" + alternating(i) + ")" }), false},
		{"a long sum", "ip[0] + " + repeated(15000, "+", func(int) string { return "1 " }) + " = 5", false},
		{"numbers in brackets", strings.Repeat("(", 150) + "ip[0]" + strings.Repeat(")", 150) + " = 69", false},
		{"too many hosts", repeated(1500, " or ", host), true},
		{"too many registers", repeated(1, "", func(int) string {
			return strings.Repeat("(ip[0] + ", 20) + "1" + strings.Repeat(")", 20) + " = 1"
		}), true},
	} {
		e, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f, err := e.Compile(packet.LinkEthernet)
		if (err != nil) != c.refused {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil {
			continue
		}
		agree(t, c.name, f, frames)
	}
}

// TestTooLarge: what is refused for its size takes memory that grows with its length.
func TestTooLarge(t *testing.T) {
	e, err := Parse(repeated(5000, " or ", func(i int) string { return fmt.Sprintf("host %d", i+1) }))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = e.Compile(packet.LinkEthernet)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; err == nil || n > 256<<20 {
		t.Errorf("%d bytes allocated, %v", n, err)
	}
}

// TestLargeSameProgram compares some of them with tcpdump's.
func TestLargeSameProgram(t *testing.T) {
	path := tcpdump(t)
	for name, text := range map[string]string{
		"hosts":       repeated(60, " or ", func(i int) string { return fmt.Sprintf("host 10.0.%d.1", i) }),
		"alternating": repeated(150, " or ", func(i int) string { return fmt.Sprintf("ether[%d] = %d or ether[%d] = %d", i%2, i, i+20, i) }),
		"pairs":       repeated(40, " or ", func(i int) string { return fmt.Sprintf("(tcp or udp) and host 10.0.0.%d and port %d", i, i) }),
		"ports":       repeated(80, " or ", func(i int) string { return fmt.Sprintf("tcp port %d", i+1) }),
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		f, err := e.Compile(packet.LinkEthernet)
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := compileWith(t, path, "EN10MB", text); !ok || want.DDD() != f.Program().DDD() {
			t.Errorf("%s: %d instructions, tcpdump has %d", name, len(f.Program()), len(want))
		}
	}
}
