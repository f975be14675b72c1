package filter

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// sample is one frame of a capture.
type sample struct {
	frame []byte
	wire  uint32
	file  string
	n     int
}

// sampleFrames returns frames of the shared captures by link type: all frames of
// small captures, the first most of each other one.
func sampleFrames(t testing.TB, most int) map[packet.LinkType][]sample {
	t.Helper()
	root := filepath.Join(sharedtest.Dir(t), "captures")
	var files []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	out := map[packet.LinkType][]sample{}
	seen := map[string]bool{} // one frame is enough of each
	for _, path := range files {
		readFrames(path, most, func(link packet.LinkType, s sample) {
			key := link.String() + string(s.frame)
			if !seen[key] {
				seen[key] = true
				s.file, _ = filepath.Rel(root, path)
				out[link] = append(out[link], s)
			}
		})
	}
	return out
}

// readFrames hands out the first frames of a file if it is a capture.
func readFrames(path string, most int, f func(packet.LinkType, sample)) {
	file, err := os.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	plain, err := decompress.Open(file, decompress.DefaultConfig())
	if err != nil {
		return
	}
	r, err := capfile.NewReader(plain, capfile.DefaultConfig())
	if err != nil {
		return
	}
	for n := 0; err == nil && n < most; {
		var b packet.Block
		err = r.Fill(&b)
		for _, rec := range b.Records {
			if n++; n > most {
				return
			}
			s := sample{frame: b.Data[rec.Offset : rec.Offset+rec.CapLen], wire: rec.WireLen, n: n}
			f(r.Interfaces()[rec.Interface].Link, s)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return // damaged: what came before is good
	}
}

// machine is a program in the machine of golang.org/x/net, or in ours where it
// negates: that machine knows the instruction but cannot run it.
type machine struct {
	vm      *bpf.VM
	program Program
}

func newMachine(t testing.TB, p Program) machine {
	t.Helper()
	instructions, ok := bpf.Disassemble(p)
	if !ok {
		t.Fatalf("not all instructions are known:\n%s", p.DDD())
	}
	vm, err := bpf.NewVM(instructions)
	if err != nil {
		t.Fatalf("%v:\n%s", err, p.DDD())
	}
	for _, in := range p {
		if in.Op == opNegate {
			return machine{program: p}
		}
	}
	return machine{vm: vm}
}

func (m machine) match(t testing.TB, frame []byte) bool {
	t.Helper()
	if m.vm == nil {
		return m.program.Match(frame, uint32(len(frame)))
	}
	n, err := m.vm.Run(frame)
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}

// TestAgainstTcpdump runs tcpdump's program in the machine of golang.org/x/net
// over the frames of the shared captures, and compares it with the decision list
// and with our program, in that machine and in ours. That machine takes the
// captured length for len, so the others are given that too; a second round asks
// with the wire length, for which tcpdump's program runs in our machine.
func TestAgainstTcpdump(t *testing.T) {
	path := tcpdump(t)
	most := 6
	if os.Getenv("PCAPMILL_ACCEPT") != "" {
		most = 2000
	}
	frames := sampleFrames(t, most)
	names := map[packet.LinkType]string{packet.LinkRawBSD: "RAW", packet.LinkRawOpen: "RAW"}
	for _, d := range dlts {
		names[d.link] = d.name
	}
	list := expressions(t)
	for link, samples := range frames {
		dlt, ok := names[link]
		if !ok {
			continue
		}
		t.Run(dlt, func(t *testing.T) {
			t.Parallel()
			compared, matched, accepted, negating := 0, 0, 0, 0
			for _, expr := range list {
				f, want, ok := compileBoth(t, path, dlt, link, expr)
				if !ok {
					continue
				}
				accepted++
				theirs, ours := newMachine(t, want), newMachine(t, f.Program())
				if theirs.vm == nil {
					negating++
				}
				for i := range samples {
					s := &samples[i]
					captured := uint32(len(s.frame))
					verdict := theirs.match(t, s.frame)
					got := [...]bool{ours.match(t, s.frame), f.Program().Match(s.frame, captured), f.Match(s.frame, captured)}
					if got != [...]bool{verdict, verdict, verdict} {
						t.Errorf("%s: %s frame %d: tcpdump %v; our program, in our machine, decision list: %v", expr, s.file, s.n, verdict, got)
					}
					verdict = want.Match(s.frame, s.wire)
					if f.Program().Match(s.frame, s.wire) != verdict || f.Match(s.frame, s.wire) != verdict {
						t.Errorf("%s: %s frame %d: tcpdump %v with the wire length", expr, s.file, s.n, verdict)
					}
					compared++
					if verdict {
						matched++
					}
				}
			}
			t.Logf("%d of %d expressions × %d frames: %d comparisons, %d matches; %d programs negate and ran in our machine",
				accepted, len(list), len(samples), compared, matched, negating)
		})
	}
}

// compileBoth compiles with us and with tcpdump; ok is false where both refuse.
func compileBoth(t *testing.T, path, dlt string, link packet.LinkType, expr string) (*Filter, Program, bool) {
	t.Helper()
	want, accepted := compileWith(t, path, dlt, expr)
	e, err := Parse(expr)
	if err != nil {
		t.Errorf("%s: %v", expr, err)
		return nil, nil, false
	}
	f, err := e.Compile(link)
	if (err == nil) != accepted {
		t.Errorf("%s: we say %v, tcpdump accepts: %v", expr, err, accepted)
	}
	return f, want, err == nil && accepted
}

// TestSampleCovers says which link types and how many frames the comparison has,
// and that each class of frame is there.
func TestSampleCovers(t *testing.T) {
	frames := sampleFrames(t, 12)
	counts := map[string]int{}
	for link, samples := range frames {
		for i := range samples {
			s := &samples[i]
			var w packet.Walker
			var v packet.View
			out := w.Walk(s.frame, s.wire, link, &v)
			counts[out.String()]++
			for name, is := range map[string]bool{
				"vlan": v.Link&packet.LinkHasVLAN != 0, "mpls": v.Link&packet.LinkHasMPLS != 0, "pppoe": v.Link&packet.LinkHasPPPoE != 0,
				"v4": v.Version == 4, "v6": v.Version == 6, "fragment": v.Quality&(packet.FirstFragment|packet.LaterFragment) != 0,
				"cut": s.wire > uint32(len(s.frame)), "options": v.Version == 4 && v.L4 > v.L3+20,
			} {
				if is {
					counts[name]++
				}
			}
		}
		counts["link "+link.String()] = len(samples)
	}
	var lines []string
	for _, class := range []string{
		"vlan", "mpls", "pppoe", "v4", "v6", "fragment", "cut", "options", "malformed_l2", "malformed_l3", "malformed_l4",
		"link ethernet", "link raw", "link null", "link loop", "link linux_sll", "link linux_sll2", "link ipv4", "link ipv6",
	} {
		if counts[class] == 0 {
			t.Errorf("no frame of class %q", class)
		}
	}
	for class, n := range counts {
		lines = append(lines, fmt.Sprintf("%s: %d", class, n))
	}
	sort.Strings(lines)
	t.Log(strings.Join(lines, ", "))
}
