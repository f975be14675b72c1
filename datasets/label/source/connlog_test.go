package source_test

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

const connTSV = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n" +
	"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tcommunity_id\tlabel\tdetailedlabel\n" +
	"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tinterval\tstring\tstring\tstring\n" +
	"1500000000.123456\tC1\t10.0.0.1\t4000\t2001:db8::1\t80\ttcp\t2.000001\t1:x\tMalicious\tC2-HTTP\n" +
	"1500000001.500000\tC2\tfe80::1\t135\tff02::1\t136\ticmp\t-\t-\tBenign\t(empty)\n" +
	"1500000002.000000\tC3\t10.0.0.1\t1\t10.0.0.2\t2\tudp\t-\t-\t(empty)\t(empty)\n" +
	"1500000003.000000\tC4\t10.0.0.1\t1\t10.0.0.2\t2\tudp\t-\t-\t-\t-\n" +
	"1500000004.000000\tC5\t10.0.0\t1\t10.0.0.2\t2\tudp\t-\t-\tMalicious\tx\n" +
	"yesterday\tC6\t10.0.0.1\t1\t10.0.0.2\t2\tudp\t-\t-\tMalicious\tx\n" +
	"1500000004.000000\tC7\t10.0.0.1\t1\t10.0.0.2\n"

func TestConnLog(t *testing.T) {
	set, err := read(t, "conn.log", connTSV, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.ZeekConn || s.Events != 2 || s.Skipped != 2 || s.Refused != 3 || s.Refusals[0].Line != 12 {
		t.Fatalf("%+v", s)
	}
	at := utc("2017-07-14 02:40:00.123456")
	want := label.Event{
		Meaning: label.Meaning{Label: "Malicious", Category: "C2-HTTP", Line: 8},
		Time:    at, Last: at + 2_000_001_000, Precision: 1000, Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("2001:db8::1"),
		SrcPort: 4000, DstPort: 80, Protocol: 6, Depth: label.AnyDepth, Community: "1:x",
	}
	if set.Events[0] != want {
		t.Errorf("got  %+v\nwant %+v", set.Events[0], want)
	}
	if e := set.Events[1]; e.Protocol != 58 || e.SrcPort != 135 || e.DstPort != 136 || e.Last != e.Time || e.Category != "" || e.Label != "Benign" {
		t.Errorf("%+v", e)
	}
	set, err = read(t, "conn.log", connTSV, source.Options{SkipLabels: []string{"benign"}})
	if err != nil || len(set.Events) != 1 || set.Sources[0].Skipped != 3 {
		t.Errorf("%+v %v", set, err)
	}
}

// TestConnLogOfIoT23: its last three columns have three spaces between them.
func TestConnLogOfIoT23(t *testing.T) {
	content := strings.NewReplacer("\tlabel\tdetailedlabel", "   label   detailed-label", "\tMalicious\tC2-HTTP", "   Malicious   C2-HTTP",
		"\tBenign\t(empty)", "   Benign   -", "\t-\t-\n", "   -   -\n", "\t(empty)\t(empty)", "   (empty)   -").Replace(connTSV)
	set, err := read(t, "conn.log.labeled", content, source.Options{})
	if err != nil || len(set.Events) != 2 || set.Events[0].Category != "C2-HTTP" || set.Events[0].Community != "1:x" || set.Events[1].Category != "" {
		t.Errorf("%+v %v", set, err)
	}
}

func TestConnLogAsJSON(t *testing.T) {
	const lines = `{"ts":79.681977,"uid":"C","id.orig_h":"10.0.2.15","id.orig_p":546,"id.resp_h":"10.0.0.2","id.resp_p":547,"proto":"udp","duration":63.02690299999995,"label":"Malicious","detailedlabel":"scan"}
{"ts":80,"id.orig_h":"10.0.2.15","id.orig_p":8,"id.resp_h":"10.0.0.2","id.resp_p":0,"proto":"icmp"}
{"ts":80,"label":"Malicious"}
{"ts":
{"ts":"1970-01-01T00:01:19.681977Z","id.orig_h":"10.0.2.15","id.orig_p":546,"id.resp_h":"10.0.0.2","id.resp_p":547,"proto":"udp","duration":1,"label":"Malicious"}
`
	set, err := read(t, "x", lines, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Kind != label.ZeekConn || s.Events != 2 || s.Skipped != 1 || s.Refused != 2 {
		t.Fatalf("%+v", s)
	}
	if e := set.Events[1]; e.Time != 79_681_977_000 || e.Last != 80_681_977_000 || e.Precision != 1000 {
		t.Errorf("as of ISO 8601: %+v", e)
	}
	if e := set.Events[0]; e.Time != 79_681_977_000 || e.Last != 79_681_977_000+63_026_902_999 || e.Category != "scan" || e.DstPort != 547 {
		t.Errorf("%+v", e)
	}
}

// TestConnLogDurations: JSON writes small numbers with an exponent, as Zeek does those below a microsecond and
// Python those below 0.1 ms.
func TestConnLogDurations(t *testing.T) {
	for duration, want := range map[string]int64{
		"9.5367431640625e-07": 954, "3.0994415283203125e-06": 3099, "1E-4": 100_000, "2.5e+1": 25_000_000_000, "0.000003": 3000, "0": 0,
		"-1e-3": -1, "1e300": -1, "1e": -1, `"1e-3 s"`: -1,
	} {
		line := `{"ts":80,"id.orig_h":"10.0.0.1","id.orig_p":1,"id.resp_h":"10.0.0.2","id.resp_p":2,"proto":"udp","label":"Malicious","duration":`
		set, err := read(t, "x", line+"1}\n"+line+duration+"}\n", source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := int64(-1)
		if len(set.Events) == 2 {
			got = set.Events[1].Last - set.Events[1].Time
		}
		if got != want || set.Sources[0].Refused != int64(2-len(set.Events)) {
			t.Errorf("%s: %d ns, want %d; %+v", duration, got, want, set.Sources[0].Refusals)
		}
	}
}

func TestConnLogWithoutLabels(t *testing.T) {
	plain := strings.NewReplacer("\tlabel\tdetailedlabel", "\tx\ty").Replace(connTSV)
	if _, err := read(t, "conn.log", plain, source.Options{}); !errors.Is(err, source.ErrFormat) {
		t.Error(err)
	}
	plain = strings.Join(strings.SplitAfter(plain, "\n")[:8], "")
	if _, err := read(t, "conn.log", plain, source.Options{Format: "zeek_conn"}); !errors.Is(err, source.ErrContent) || !strings.Contains(err.Error(), "without a field label") {
		t.Error(err)
	}
}

// TestSharedConnLog reads the labelled conn.log of Slips: all its rows, each with its label.
func TestSharedConnLog(t *testing.T) {
	path := filepath.Join(sharedtest.Dir(t), "captures", "labels", "slips", "test18-malicious-ctu-sme-11-win__zeek-labeled__conn.log.labeled")
	set, err := source.Read(context.Background(), []string{path}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range set.Events {
		count[e.Label]++
	}
	if s := set.Sources[0]; s.Events != 766 || s.Refused+s.Skipped != 0 || count["Malicious"] != 719 || count["Benign"] != 44 || count["Unknown"] != 3 {
		t.Errorf("%+v %v", s, count)
	}
	first := slices.MinFunc(set.Events, func(a, b label.Event) int { return int(a.Line - b.Line) })
	if first.Line != 9 || first.Time != 1677024003714845000 || first.Last-first.Time != 37629000 || first.Category != "From_malicious-To_malicious-Malware_data_exfiltration-RemcosRAT" {
		t.Errorf("%+v", first)
	}
}
