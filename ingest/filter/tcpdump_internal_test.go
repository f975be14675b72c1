package filter

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
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

// compileWith returns the program that tcpdump makes; ok is false where it
// refuses the expression, or makes a program of it that cannot run. An expression that rejects all packets is "ret 0".
func compileWith(t testing.TB, path, dlt, expr string, flags ...string) (Program, bool) {
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
// instruction, before and after optimisation.
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
				tests, err := e.tests(d.link)
				want, ok := compileWith(t, path, d.name, expr, "-O")
				if (err == nil) != ok {
					t.Errorf("%s: we say %v, tcpdump accepts: %v", expr, err, ok)
				}
				if err != nil || !ok {
					continue
				}
				if got := newGraph(tests).layOut(); got.DDD() != want.DDD() {
					t.Errorf("%s, not optimised: ours\n%stcpdump's\n%s", expr, got.DDD(), want.DDD())
					continue
				}
				f, err := e.Compile(d.link)
				want, ok = compileWith(t, path, d.name, expr)
				if (err == nil) != ok {
					t.Errorf("%s, optimised: we say %v, tcpdump accepts: %v", expr, err, ok)
					continue
				}
				if err == nil && f.Program().DDD() != want.DDD() {
					t.Errorf("%s: ours\n%stcpdump's\n%s", expr, f.Program().DDD(), want.DDD())
				}
			}
		})
	}
}
