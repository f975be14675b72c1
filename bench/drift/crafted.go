package drift

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pcapmill/bench/traffic"
)

// crafted are the captures of shared/captures/drift/crafted by the beginning of their
// names, and how they differ from the first three.
var crafted = []struct {
	name      string
	reference bool
	kind      traffic.ChangeKind
}{
	{"w0_", true, traffic.Unchanged},
	{"w1_", true, traffic.Unchanged},
	{"w2_", true, traffic.Unchanged},
	{"w3_", false, traffic.LargerSizes},
	{"w4_", false, traffic.NewService},
	{"w5_", false, traffic.HigherRate},
	{"w6_", false, traffic.DividedLoad},
	{"w7_", false, traffic.GrowingSizes},
	{"w8_", false, traffic.MissingNames},
	{"w9_", false, traffic.Unchanged},
}

// craftedService is a service of w4.
const craftedService = "203.0.113.200:8443"

// JudgeCrafted makes tables of the crafted captures in folder/crafted, builds the baseline
// of the first three, and has the others judged.
func JudgeCrafted(binary, captures, folder string) ([]Verdict, error) {
	dir := filepath.Join(folder, "crafted")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	base := filepath.Join(dir, baselineFile)
	var references []string
	var verdicts []Verdict
	for _, c := range crafted {
		out, err := craftedTables(binary, captures, dir, c.name)
		if err != nil {
			return nil, err
		}
		if c.reference {
			references = append(references, out)
			continue
		}
		if len(verdicts) == 0 {
			if err := build(binary, base, references); err != nil {
				return nil, err
			}
		}
		v := Verdict{Network: "crafted", Group: "crafted", Hour: filepath.Base(out), Kind: c.kind}
		if v.Report, v.Flagged, err = drift(binary, base, out); err != nil {
			return nil, err
		}
		v.Named = v.Report.names(c.kind, craftedService)
		verdicts = append(verdicts, v)
	}
	return verdicts, nil
}

// craftedTables makes the tables of the capture whose name begins so.
func craftedTables(binary, captures, dir, begin string) (string, error) {
	found, err := filepath.Glob(filepath.Join(captures, begin+"*.pcap.gz"))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d captures %s* in %s", len(found), begin, captures)
	}
	out := filepath.Join(dir, strings.TrimSuffix(begin, "_"))
	return out, run(binary, found[0], out)
}
