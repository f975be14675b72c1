package rulefile_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/rulefile"
	"pcapmill/datasets/label/source"
)

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// again writes rules and reads them.
func again(t fataler, dir string, rules []label.Rule, notes ...string) []label.Rule {
	t.Helper()
	var b bytes.Buffer
	if err := rulefile.Write(&b, rules, notes); err != nil {
		t.Fatalf("%v", err)
	}
	path := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	set, err := source.Read(context.Background(), []string{path}, source.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return set.Rules
}

// plain is a rule without what hangs on the file that it is in.
func plain(r label.Rule) label.Rule {
	r.Line, r.Source = 0, 0
	return r
}

// TestRoundTrip: any rule that is written is read as the same.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		var rules []label.Rule
		for i := range rapid.IntRange(1, 5).Draw(r, "rules") {
			rules = append(rules, anyRule(r, i))
		}
		got := again(r, dir, rules, "a note\n- {id: x}")
		if len(got) != len(rules) {
			r.Fatalf("%d rules of %d", len(got), len(rules))
		}
		for i := range rules {
			if a, b := fmt.Sprintf("%+v", text(plain(got[i]))), fmt.Sprintf("%+v", text(plain(rules[i]))); a != b {
				r.Fatalf("read  %s\nwrote %s", a, b)
			}
		}
	})
}

// text is a rule whose pointers are values.
func text(r label.Rule) any {
	confidence := math.NaN()
	if r.Confidence != nil {
		confidence = *r.Confidence
	}
	r.Confidence = nil
	return struct {
		label.Rule
		Confidence float64
	}{r, confidence}
}

func anyRule(r *rapid.T, number int) label.Rule {
	word := rapid.StringMatching(`[!-~äß€]([ -~äß€]{0,9}[!-~äß€])?`)
	x := label.Rule{Meaning: label.Meaning{ID: fmt.Sprint("rule-", number), Label: word.Draw(r, "label")}, Depth: label.AnyDepth}
	maybe := func(name string) bool { return rapid.Bool().Draw(r, name) }
	if maybe("category") {
		x.Category, x.MITRE, x.Campaign = word.Draw(r, "category"), "T1046", word.Draw(r, "campaign")
		c := rapid.Float64Range(0, 1).Draw(r, "confidence")
		x.Confidence, x.Priority = &c, rapid.Int32().Draw(r, "priority")
	}
	for range rapid.IntRange(0, 3).Draw(r, "times") {
		from := rapid.Int64Range(-1e18, 4e18).Draw(r, "from")
		i := label.Interval{From: from, To: from + rapid.Int64Range(1, 1e17).Draw(r, "length")}
		switch rapid.IntRange(0, 4).Draw(r, "open") {
		case 0:
			i.From = math.MinInt64
		case 1:
			i.To = math.MaxInt64
		}
		x.Times = append(x.Times, i)
	}
	x.Fit, x.Direction = label.Fit(rapid.IntRange(0, 2).Draw(r, "fit")), label.Direction(rapid.IntRange(0, 2).Draw(r, "direction"))
	if maybe("hosts") {
		x.Src = label.Hosts{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32")}
		x.Dst = label.Hosts{netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("0.0.0.0/0")}
	}
	if maybe("ports") {
		first := rapid.Uint16().Draw(r, "first")
		x.SrcPorts = label.Ports{{First: first, Last: first}}
		x.DstPorts = label.Ports{{First: first, Last: math.MaxUint16}, {First: 0, Last: 0}}
		x.Protocols, x.VLANs = []uint8{6, 0, 255}, []int32{1, 4095}
		x.Depth = rapid.Int32Range(0, 255).Draw(r, "depth")
	}
	if maybe("where") {
		x.Where, x.Captures = `server_name ~ "^a\\.b" and not conn_state in (S0, 'REJ')`, []string{"*.pcap", word.Draw(r, "capture")}
		x.Attempts = []label.Attempt{{Category: 3, Where: "rev_payload_bytes = 0"}, {Category: 0, Where: "fwd_packets > 1"}}
	}
	return x
}

// TestIDs: what a file cannot have becomes what it can, each once.
func TestIDs(t *testing.T) {
	var rules []label.Rule
	for _, id := range []string{"", "a b", "a-b", "A:1.2_x", "-", strings.Repeat("x", 200), strings.Repeat("x", 150), "ü"} {
		rules = append(rules, label.Rule{Meaning: label.Meaning{ID: id, Label: "l"}, Depth: label.AnyDepth})
	}
	var got []string
	for _, r := range again(t, t.TempDir(), rules) {
		got = append(got, r.ID)
	}
	want := []string{"rule", "a-b", "a-b-2", "A:1.2_x", "rule-2", strings.Repeat("x", 100), strings.Repeat("x", 98) + "-2", "rule-3"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// TestManyOfOneID: their number behind the id is not looked for from the beginning each time, which
// took an hour for a configuration of 4 MiB.
func TestManyOfOneID(t *testing.T) {
	rules := make([]label.Rule, 50_000)
	for i := range rules {
		rules[i] = label.Rule{Meaning: label.Meaning{ID: "a", Label: "l"}, Depth: label.AnyDepth}
	}
	var out bytes.Buffer
	if err := rulefile.Write(&out, rules, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "- id: \"a-50000\"\n") != 1 {
		t.Errorf("%.300s", out.String())
	}
}

// TestConfigurations writes netflowlabeler's published configurations as rules, which are then
// the same.
func TestConfigurations(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "captures", "labels", "netflowlabeler", "*.conf*"))
	if err != nil || len(paths) == 0 {
		t.Skip("no configurations", err)
	}
	for _, path := range paths {
		set, err := source.Read(context.Background(), []string{path}, source.Options{})
		if err != nil || len(set.Rules) == 0 {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := again(t, t.TempDir(), set.Rules)
		for i := range set.Rules {
			if got[i].Campaign == "" {
				got[i].Campaign = got[i].ID
			}
			set.Rules[i].Campaign, got[i].ID = set.Rules[i].ID, set.Rules[i].ID // several rules have one there
			if !reflect.DeepEqual(plain(got[i]), plain(set.Rules[i])) {
				t.Errorf("%s: read %+v, wrote %+v", path, got[i], set.Rules[i])
			}
		}
	}
}
