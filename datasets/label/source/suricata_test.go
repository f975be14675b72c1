package source_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

// read reads content from a file of a name.
func read(t testing.TB, name, content string, o source.Options) (*label.Set, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return source.Read(context.Background(), []string{path}, o)
}

const eveAlert = `{"timestamp":"2024-05-06T09:08:07.123456+0200","flow_id":7,"pcap_cnt":41,"tx_id":2,"event_type":"alert","src_ip":"2001:0db8:0000:0000:0000:0000:0000:0001","src_port":53000,"dest_ip":"2001:0db8:0000:0000:0000:0000:0000:0002","dest_port":443,"proto":"TCP","community_id":"1:abc","alert":{"action":"allowed","gid":1,"signature_id":9000001,"rev":3,"signature":"Own rule, one","category":"Odd things","severity":1,"metadata":{"mitre_technique_id":["T1071.001","T1090"]}}}`

func TestEVE(t *testing.T) {
	lines := []string{
		eveAlert,
		`{"timestamp":"2024-05-06T07:08:07.5Z","event_type":"flow","proto":"TCP"}`,
		`{"timestamp":"2024-05-06T07:08:07.5Z","event_type":"alert","src_ip":"10.0.0.1","dest_ip":"10.0.0.2","proto":"ICMP","icmp_type":8,"icmp_code":0,"tx_id":"9","tunnel":{"src_ip":"1.1.1.1","dest_ip":"2.2.2.2","proto":"UDP","depth":2,"pcap_cnt":5},"alert":{"gid":1,"signature_id":2,"signature":"Ping","category":"","severity":3}}`,
		`{"timestamp":"2024-05-06T07:08:08.000000+0000","event_type":"alert","src_ip":"::ffff:10.0.0.1","dest_ip":"10.0.0.2","proto":"PROTO:041","alert":{"gid":1,"signature_id":3,"signature":"","category":"","severity":0}}`,
		`{"timestamp":"2024-05-06T07:08:08.000000+0000","event_type":"alert","pcap_cnt":9,"alert":{"gid":1,"signature_id":2200003,"signature":"decoder","category":"","severity":3}}`,
		`{"timestamp":"2024-05-06T07:08:08.000000+0000","event_type":"alert","src_ip":"10.0.0","dest_ip":"10.0.0.2","proto":"TCP","alert":{"gid":1,"signature_id":3}}`,
		`{"timestamp":"2024-05-06T07:08:08.000000+0000","event_type":"alert","src_ip":"10.0.0.1"`,
	}
	set, err := read(t, "any.name", strings.Join(lines, "\n"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.SuricataEVE || s.Events != 3 || s.Skipped != 2 || s.Refused != 2 || s.Zone != "" || len(s.Notes) != 1 {
		t.Fatalf("%+v", s)
	}
	if got := s.Refusals; got[0].Line != 6 || !strings.Contains(got[0].Reason, `"10.0.0" is no address`) || got[1].Line != 7 {
		t.Errorf("refusals %+v", got)
	}
	at := time.Date(2024, 5, 6, 7, 8, 7, 123456000, time.UTC).UnixNano()
	want := label.Event{
		Meaning: label.Meaning{ID: "1:9000001", Label: "Odd things", Category: "Odd things", MITRE: "T1071.001", Priority: -1, Line: 1},
		Time:    at, Last: at, Precision: 1000, Src: netip.MustParseAddr("2001:db8::1"), Dst: netip.MustParseAddr("2001:db8::2"),
		SrcPort: 53000, DstPort: 443, Protocol: 6, Community: "1:abc", Packet: 41, Transaction: 3,
	}
	if set.Events[0] != want {
		t.Errorf("got  %+v\nwant %+v", set.Events[0], want)
	}
	ping, bare := set.Events[1], set.Events[2]
	if ping.Label != "Ping" || ping.SrcPort != 8 || ping.DstPort != 0 || ping.Protocol != 1 || ping.Depth != 2 || ping.Packet != 5 || ping.Transaction != 0 || ping.Precision != 1e8 || ping.Priority != -3 {
		t.Errorf("ping %+v", ping)
	}
	if bare.Label != "1:3" || bare.Protocol != 41 || bare.SrcPort != label.None || bare.Src != netip.MustParseAddr("10.0.0.1") || bare.Priority != -256 {
		t.Errorf("bare %+v", bare)
	}
}

func TestEVELabelIsTheSignatureOnRequest(t *testing.T) {
	set, err := read(t, "eve.json", eveAlert, source.Options{AlertLabel: source.LabelSignature})
	if err != nil || set.Events[0].Label != "Own rule, one" || set.Events[0].Category != "Odd things" {
		t.Errorf("%v %+v", err, set)
	}
}

func TestPacketNumbersOverSeveralCapturesAreLeftOut(t *testing.T) {
	of := func(name string) string {
		return strings.Replace(eveAlert, `"proto"`, `"pcap_filename":"`+name+`","proto"`, 1)
	}
	for content, want := range map[string]int64{of("a.pcap") + "\n" + of("a.pcap"): 41, of("a.pcap") + "\n" + of("b.pcap"): 0} {
		set, err := read(t, "eve.json", content, source.Options{})
		if err != nil || set.Events[1].Packet != want || (len(set.Sources[0].Notes) == 1) != (want == 0) {
			t.Errorf("%v %+v", err, set)
		}
	}
}

func TestFast(t *testing.T) {
	lines := []string{
		`05/06/2024-09:08:07.123456  [**] [1:9000001:3] Own rule, one [**] [Classification: Odd things] [Priority: 1] {TCP} 2001:0db8:0000:0000:0000:0000:0000:0001:53000 -> 2001:0db8:0000:0000:0000:0000:0000:0002:443`,
		`05/06/2024-09:08:07.123456  [wDrop] [**] [1:2:1] a [**] [Classification: x] [Priority: 1] {TCP} 1.1.1.1:1 -> 2.2.2.2:2 [**] [Classification: (null)] [Priority: 3] {IPv6-ICMP} fe80:0000:0000:0000:0000:0000:0000:0001:135 -> ff02:0000:0000:0000:0000:0000:0000:0001:0`,
		`05/06/2024-09:08:07.123456  [Drop] [**] [1:3:1] (null) [**] [Classification: ] [Priority: 3] {PROTO:041} 10.0.0.1:0 -> 10.0.0.2:0`,
		`05/06/2024-09:08:07.123456  [**] [116:4:1] (snort_decoder) text [**] [Priority: 3] {UDP} fe80::1 -> 10.0.0.2:53`,
		`05/06/2024-09:08:07.123456  [**] [1:2200121:1] Ethertype unknown [**] [Classification: Generic Protocol Command Decode] [Priority: 3] [**] [Raw pkt: 00 01 ] [pcap file packet: 4]`,
		`05/06-09:08:07.123456  [**] [1:3:1] no year [**] [Classification: x] [Priority: 3] {TCP} 10.0.0.1:1 -> 10.0.0.2:2`,
		`05/06/2024-09:08:07.123456  [**] [1:3:1] cut [**] [Classif`,
	}
	zone := time.FixedZone("here", 2*3600)
	set, err := read(t, "any.name", strings.Join(lines, "\n"), source.Options{Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.SuricataFast || s.Events != 4 || s.Skipped != 1 || s.Refused != 2 || s.Zone != "here" {
		t.Fatalf("%+v", s)
	}
	at := time.Date(2024, 5, 6, 7, 8, 7, 123456000, time.UTC).UnixNano()
	want := label.Event{
		Meaning: label.Meaning{ID: "1:9000001", Label: "Odd things", Category: "Odd things", Priority: -1, Line: 1},
		Time:    at, Last: at, Precision: 1000, Src: netip.MustParseAddr("2001:db8::1"), Dst: netip.MustParseAddr("2001:db8::2"),
		SrcPort: 53000, DstPort: 443, Protocol: 6, Depth: label.AnyDepth,
	}
	if set.Events[0] != want {
		t.Errorf("got  %+v\nwant %+v", set.Events[0], want)
	}
	if e := set.Events[1]; e.Label != "a [**] [Classification: x] [Priority: 1] {TCP} 1.1.1.1:1 -> 2.2.2.2:2" || e.Category != "" || e.Protocol != 58 || e.SrcPort != 135 || e.DstPort != 0 || e.Src != netip.MustParseAddr("fe80::1") {
		t.Errorf("a signature like a line: %+v", e)
	}
	if e := set.Events[2]; e.Label != "1:3" || e.Protocol != 41 || e.SrcPort != label.None {
		t.Errorf("no texts: %+v", e)
	}
	if e := set.Events[3]; e.ID != "116:4" || e.Label != "(snort_decoder) text" || e.SrcPort != label.None || e.DstPort != 53 {
		t.Errorf("snort: %+v", e)
	}
}

func TestFastNeedsAZone(t *testing.T) {
	_, err := read(t, "fast.log", "\n05/06/2024-09:08:07.1  [**] [1:3:1] x [**] [Classification: x] [Priority: 3] {TCP} 10.0.0.1:1 -> 10.0.0.2:2", source.Options{})
	var there *source.Error
	if !errors.Is(err, source.ErrZone) || !errors.As(err, &there) || there.Line != 2 || !strings.Contains(err.Error(), "--zone") {
		t.Error(err)
	}
}

// sharedAlert is a row of the truth, with what two readings of it must have in common.
type sharedAlert struct {
	Capture     string
	Timestamp   string
	Src, Dst    string
	SID         int64
	SrcIP       string `json:"src_ip"`
	DestIP      string `json:"dest_ip"`
	CommunityID string `json:"community_id"`
	PcapCnt     int64  `json:"pcap_cnt"`
	Signature   string
	Category    string
	Severity    int32
}

func truthOfAlerts(t *testing.T, dir string) map[string][]sharedAlert {
	f, err := os.Open(filepath.Join(dir, "truth", "suricata_alerts.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]sharedAlert{}
	for s := bufio.NewScanner(z); s.Scan(); {
		var a sharedAlert
		if err := json.Unmarshal(s.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		all[filepath.Dir(a.Capture)] = append(all[filepath.Dir(a.Capture)], a)
	}
	return all
}

// TestSharedSuricata compares both logs of each labelled capture with each other, and with the
// truth where that has the capture.
func TestSharedSuricata(t *testing.T) {
	dir := sharedtest.Dir(t)
	truth, alerts, judged := truthOfAlerts(t, dir), 0, 0
	logs, err := filepath.Glob(filepath.Join(dir, "captures", "labels", "*", "eve.json"))
	if err != nil || len(logs) < 40 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	for _, path := range logs {
		folder := filepath.Dir(path)
		set, err := source.Read(context.Background(), []string{path, filepath.Join(folder, "fast.log")}, source.Options{Zone: time.UTC})
		if err != nil {
			t.Error(err)
			continue
		}
		eve, fast := set.Events[:set.Sources[0].Events], set.Events[set.Sources[0].Events:]
		if set.Sources[0].Refused+set.Sources[1].Refused > 0 {
			t.Errorf("%s: refused %+v %+v", folder, set.Sources[0].Refusals, set.Sources[1].Refusals)
		}
		compareLogs(t, folder, eve, fast)
		alerts += len(eve)
		rows, ok := truth[filepath.Join("labels", filepath.Base(folder))]
		if other := ofTruth(t, folder); ok && other != nil {
			compareTruth(t, folder, other, rows)
			judged += len(rows)
		}
	}
	t.Logf("%d alerts in %d pairs of logs, %d of them in the truth", alerts, len(logs), judged)
	if alerts != 941 || judged < 500 {
		t.Errorf("%d alerts, %d judged", alerts, judged)
	}
}

// ofTruth returns the alerts of a folder that are of the rules that the truth is of, nil where
// it has none: those of test.rules are others.
func ofTruth(t *testing.T, folder string) []label.Event {
	path := filepath.Join(folder, "eve.et2015.json")
	if _, err := os.Stat(path); err != nil {
		path = filepath.Join(folder, "eve.json")
		if _, err := os.Stat(filepath.Join(folder, "test.rules")); err == nil {
			return nil
		}
	}
	set, err := source.Read(context.Background(), []string{path}, source.Options{})
	if err != nil {
		t.Error(err)
		return nil
	}
	return set.Events
}

func compareLogs(t *testing.T, folder string, eve, fast []label.Event) {
	if len(eve) != len(fast) {
		t.Errorf("%s: %d alerts in eve.json and %d in fast.log", folder, len(eve), len(fast))
		return
	}
	for i := range eve {
		e, f := eve[i], fast[i]
		e.Meaning.Source, f.Meaning.Source, e.Line, f.Line = 0, 0, 0, 0
		e.Community, e.Packet, e.Transaction, e.Capture, e.Depth, f.Depth = "", 0, 0, "", 0, 0
		e.MITRE, e.Began = "", 0
		if e != f {
			t.Errorf("%s: alert %d is\n%+v in eve.json and\n%+v in fast.log", folder, i, e, f)
		}
	}
}

func compareTruth(t *testing.T, folder string, eve []label.Event, rows []sharedAlert) {
	if len(eve) != len(rows) {
		t.Errorf("%s: %d alerts, %d in the truth", folder, len(eve), len(rows))
		return
	}
	left := map[string]int{}
	for i := range rows {
		w := &rows[i]
		at, err := time.Parse("2006-01-02T15:04:05.999999-0700", w.Timestamp)
		if err != nil {
			t.Fatal(err)
		}
		left[alertKey(at, w.SrcIP, w.DestIP, w.CommunityID, w.Severity)]++
	}
	for i := range eve {
		e := &eve[i]
		key := alertKey(time.Unix(0, e.Time), e.Src.String(), e.Dst.String(), e.Community, -e.Priority)
		if left[key]--; left[key] < 0 {
			t.Errorf("%s: not in the truth: %+v", folder, e)
		}
	}
}

func alertKey(at time.Time, src, dst, community string, severity int32) string {
	return at.UTC().String() + netip.MustParseAddr(src).Unmap().String() + netip.MustParseAddr(dst).Unmap().String() + community + string(rune('0'+severity))
}
