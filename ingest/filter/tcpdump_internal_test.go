package filter

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"pcapmill/ingest/packet"
)

// dlts are tcpdump's names of the link types that are compiled for.
var dlts = []struct {
	link packet.LinkType
	name string
}{
	{packet.LinkEthernet, "EN10MB"}, {packet.LinkRaw, "RAW"}, {packet.LinkNull, "NULL"}, {packet.LinkLoop, "LOOP"},
	{packet.LinkSLL, "LINUX_SLL"}, {packet.LinkSLL2, "LINUX_SLL2"}, {packet.LinkIPv4, "IPV4"}, {packet.LinkIPv6, "IPV6"},
}

// expressions reads testdata/expressions.txt.
func expressions(t testing.TB) []string {
	t.Helper()
	f, err := os.Open("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if line := strings.TrimSpace(lines.Text()); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// tcpdump returns the path of tcpdump, or skips.
func tcpdump(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skip("tcpdump is not installed: nothing to compare with")
	}
	return path
}

const rejectsAll = "expression rejects all packets"

// compiled keeps what tcpdump has said, as several tests ask the same.
var compiled sync.Map

type compilation struct {
	program Program
	ok      bool
}

// compileWith returns the program that tcpdump makes; ok is false where it
// refuses the expression, or makes a program of it that cannot run. An expression that rejects all packets is "ret 0".
func compileWith(t testing.TB, path, dlt, expr string, flags ...string) (Program, bool) {
	t.Helper()
	key := strings.Join(append(flags, dlt, expr), "\x00")
	if c, ok := compiled.Load(key); ok {
		return c.(compilation).program, c.(compilation).ok
	}
	program, ok := runTcpdump(t, path, dlt, expr, flags...)
	compiled.Store(key, compilation{program, ok})
	return program, ok
}

func runTcpdump(t testing.TB, path, dlt, expr string, flags ...string) (Program, bool) {
	t.Helper()
	cmd := exec.Command(path, append(flags, "-y", dlt, "-ddd", "--", expr)...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && strings.Contains(complaint.String(), rejectsAll):
		return Program{{Op: opReturn}}, true
	case errors.As(err, &exit):
		return nil, false
	case err != nil:
		t.Fatal(err)
	}
	p, err := ParseDDD(string(out))
	if err != nil && strings.Contains(err.Error(), "reads before the packet") {
		return nil, false // tcpdump folds a negative index into an offset that no machine has
	}
	if err != nil {
		t.Fatalf("%s %s: tcpdump's program: %v", dlt, expr, err)
	}
	return p, true
}

// TestSameProgram compares our programs with tcpdump's, instruction by
// instruction, for Ethernet also before optimisation.
func TestSameProgram(t *testing.T) {
	path := tcpdump(t)
	for _, d := range dlts {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			for _, expr := range expressions(t) {
				e, err := Parse(expr)
				if err != nil {
					t.Errorf("%s: %v", expr, err)
					continue
				}
				if d.link == packet.LinkEthernet {
					want, _ := compileWith(t, path, d.name, expr, "-O")
					if got := unoptimised(t, e, d.link); got.DDD() != want.DDD() {
						t.Errorf("%s, not optimised: ours\n%stcpdump's\n%s", expr, got.DDD(), want.DDD())
					}
				}
				f, err := e.Compile(d.link)
				want, ok := compileWith(t, path, d.name, expr)
				if (err == nil) != ok {
					t.Errorf("%s: we say %v, tcpdump accepts: %v", expr, err, ok)
				}
				if err == nil && ok && f.Program().DDD() != want.DDD() {
					t.Errorf("%s: ours\n%stcpdump's\n%s", expr, f.Program().DDD(), want.DDD())
				}
			}
		})
	}
}

// unoptimised is the program as it is before the optimiser.
func unoptimised(t testing.TB, e *Expr, link packet.LinkType) Program {
	t.Helper()
	tests, err := e.tests(link)
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	return newGraph(tests).layOut()
}

// TestTcpdumpMiscompiles: libpcap 1.10.3 makes programs of these that read from
// wrong places: it believes that a register holds a value whose store it has
// taken out. Ours must say what the program before the optimiser says.
func TestTcpdumpMiscompiles(t *testing.T) {
	frames := sampleFrames(t, 12)
	for _, c := range []struct {
		link packet.LinkType
		dlt  string
		expr string
	}{
		{packet.LinkEthernet, "EN10MB", "not udp[0:2] >= - 2 and udp portrange 80-90"},
		{packet.LinkRaw, "RAW", "ether[9:4] > (2 * - len) and (len & ip[0]) >= ip[9:4] or not udp or ip or proto 6"},
	} {
		e, err := Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		f, err := e.Compile(c.link)
		if err != nil {
			t.Fatal(err)
		}
		path := tcpdump(t)
		optimised, _ := compileWith(t, path, c.dlt, c.expr)
		plain, _ := compileWith(t, path, c.dlt, c.expr, "-O")
		wrong := 0
		for _, s := range frames[c.link] {
			if len(s.frame) < 100 {
				continue // optimised or not may differ by right where a load runs behind the end
			}
			want := plain.Match(s.frame, s.wire)
			if f.Match(s.frame, s.wire) != want || f.Program().Match(s.frame, s.wire) != want {
				t.Errorf("%s: %s frame %d: the plain program says %v", c.expr, s.file, s.n, want)
			}
			if optimised.Match(s.frame, s.wire) != want {
				wrong++
			}
		}
		t.Logf("%s: tcpdump's program is the one it should be: %v; it errs on %d frames", c.expr, optimised.DDD() == f.Program().DDD(), wrong)
	}
}
