package source_test

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/sharedtest"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

// halifax is the zone of CIC-IDS2017, three hours behind UTC in summer.
func halifax(t testing.TB) *time.Location {
	zone, err := source.ParseZone("America/Halifax")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func hasNote(s label.Source, start string) bool {
	return slices.ContainsFunc(s.Notes, func(n string) bool { return strings.HasPrefix(n, start) })
}

const cic2017 = `Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Total Fwd Packets, Label
x,192.168.10.5,49188,10.0.0.7,80,6,5/7/2017 8:42,1500000,3,BENIGN
x,172.16.0.1,40000,192.168.10.50,80,6,5/7/2017 2:58,-1,3,DoS Hulk
x,172.16.0.1,40000,192.168.10.50,80,6,05/07/2017 12:01:30,0,3,Web Attack ` + "\x96" + ` XSS
x,192.168.10.5,0,10.0.0.7,0,0,5/7/2017 9:00,0,3,Odd
x,192.168.10.5,0,10.0.0.7,0,0,5/7/2017 13:00,0,3,Odd
x,192.168.10.5,0,10.0.0.7,0,0,31/6/2017 9:00,0,3,Odd
,,,,,,,,,
x,192.168.10.5,0,10.0.0.7
`

func TestCIC2017(t *testing.T) {
	set, err := read(t, "Wednesday.csv", cic2017, source.Options{Zone: halifax(t)})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.CSV || s.Events != 4 || s.Skipped != 1 || s.Refused != 3 || s.Zone != "America/Halifax" {
		t.Fatalf("%+v", s)
	}
	for i, want := range []string{"clock of 24 hours", "is no time as", "4 cells, and the header has 10"} {
		if !strings.Contains(s.Refusals[i].Reason, want) || s.Refusals[i].Line != []int64{6, 7, 9}[i] {
			t.Errorf("%+v, want %q", s.Refusals[i], want)
		}
	}
	for _, start := range []string{"read as cic-ids2017", "its clock has 12 hours", "1 texts are no UTF-8", "1 durations are below 0"} {
		if !hasNote(s, start) {
			t.Errorf("no note %q in %q", start, s.Notes)
		}
	}
	at := utc("2017-07-05 11:42:00")
	want := label.Event{
		Meaning: label.Meaning{Label: "BENIGN", Line: 2}, Time: at, Last: at + 1_500_000_000, Precision: int64(time.Minute),
		Src: netip.MustParseAddr("192.168.10.5"), Dst: netip.MustParseAddr("10.0.0.7"), SrcPort: 49188, DstPort: 80, Protocol: 6, Depth: label.AnyDepth,
	}
	if set.Events[0] != want {
		t.Errorf("got  %+v\nwant %+v", set.Events[0], want)
	}
	if e := set.Events[1]; e.Time != utc("2017-07-05 17:58:00") || e.Last != e.Time {
		t.Errorf("two to three in the afternoon: %+v", e)
	}
	if e := set.Events[2]; e.Time != utc("2017-07-05 15:01:30") || e.Precision != int64(time.Second) || e.Label != "Web Attack – XSS" {
		t.Errorf("noon: %+v", e)
	}
	if e := set.Events[3]; e.Protocol != label.None || e.SrcPort != label.None {
		t.Errorf("no ports: %+v", e)
	}
	_, err = read(t, "Wednesday.csv", cic2017, source.Options{})
	if !errors.Is(err, source.ErrZone) || !strings.Contains(err.Error(), "Wednesday.csv:2 ") || !strings.Contains(err.Error(), "those of cic-ids2017 are of America/Halifax") {
		t.Error(err)
	}
	if set, err = read(t, "x", cic2017, source.Options{Zone: time.UTC, SkipLabels: []string{"benign"}}); err != nil || len(set.Events) != 3 || set.Sources[0].Skipped != 2 {
		t.Errorf("%+v %v", set, err)
	}
}

func TestCIC2018(t *testing.T) {
	const content = "Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Label\n22,6,14/02/2018 02:05:01,2000000,3,SSH-Bruteforce\nDst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Label\n80,6,14/02/2018 10:00:00,1,1,Benign\n80,6,15/02/2018 10:00:00 PM,1,1,Benign\n"
	set, err := read(t, "x", content, source.Options{Zone: halifax(t)})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Events != 3 || s.Skipped != 1 || s.Refused != 0 || !hasNote(s, "read as cic-ids2018") || !hasNote(s, "its header comes 1 times more") {
		t.Fatalf("%+v", s)
	}
	if e := set.Events[0]; e.Time != utc("2018-02-14 18:05:01") || e.Last-e.Time != 2e9 || e.Src.IsValid() || e.SrcPort != label.None || e.DstPort != 22 {
		t.Errorf("%+v", e)
	}
	if e := set.Events[2]; e.Time != utc("2018-02-16 02:00:00") {
		t.Errorf("%+v", e)
	}
	const small = "Dst Port,Protocol,Timestamp,Flow Duration,Label\n22,6,14/02/2018 07:05:01 am,1,x\n22,6,14/02/2018 02:05:01 pm,1,x\n"
	set, err = read(t, "x", small, source.Options{Zone: halifax(t), Preset: "cic-ids2018", Mapping: "format=02/01/2006 03:04:05 pm"})
	if err != nil || len(set.Events) != 2 || set.Events[0].Time != utc("2018-02-14 11:05:01") || set.Events[1].Time != utc("2018-02-14 18:05:01") {
		t.Errorf("am and pm in small letters: %+v, %v", set, err)
	}
}

func TestUNSW(t *testing.T) {
	const truth = "Start time,Last time,Attack category,Attack subcategory,Protocol,Source IP,Source Port,Destination IP,Destination Port,Attack Name,Attack Reference,.\n" +
		"1421927414,1421927416, Fuzzers ,HTTP,tcp,175.45.176.0,13284,149.171.126.16,80,\"name, (with comma) \"\"quoted\"\"\",-,.\n" +
		"1421927415,1421927415,Reconnaissance,,icmp,175.45.176.3,0x0303,149.171.126.18,0x4efd,n,-,.\n" +
		"1421927415,1421927415,Analysis,,unas,175.45.176.3,0,149.171.126.18,0,n,-,.\n" +
		"1421927415,1421927415,Analysis,,arp,175.45.176.3,0,149.171.126.18,0,n,-,.\n" +
		"1421927417,1421927415,Analysis,,tcp,175.45.176.3,0,149.171.126.18,0,n,-,.\n"
	set, err := read(t, "x", truth, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Events != 3 || s.Skipped != 1 || s.Refused != 1 || s.Zone != "" || !hasNote(s, "read as unsw-nb15-gt") {
		t.Fatalf("%+v", s)
	}
	if e := set.Events[0]; e.Label != "Fuzzers" || e.Category != "HTTP" || e.Time != 1421927414e9 || e.Last != 1421927416e9 || e.Precision != 1e9 || e.DstPort != 80 {
		t.Errorf("%+v", e)
	}
	if e := set.Events[1]; e.SrcPort != 3 || e.DstPort != 3 || e.Protocol != 1 {
		t.Errorf("port unreachable: %+v", e)
	}
	if e := set.Events[2]; e.Protocol != label.None {
		t.Errorf("unassigned: %+v", e)
	}
	row := func(verdict, category, port string) string {
		cells := slices.Repeat([]string{"0"}, 49)
		copy(cells, []string{"59.166.0.0", port, "149.171.126.6", "0x0035", "udp"})
		cells[28], cells[29], cells[47], cells[48] = "1421927414", "1421927415", category, verdict
		return strings.Join(cells, ",") + "\n"
	}
	set, err = read(t, "x", row("0", "", "1390")+row("1", " Exploits", "0x000c")+row("1", "", "1")+row("0", "Exploits", "1"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Events != 2 || s.Refused != 2 || !hasNote(s, "read as unsw-nb15") {
		t.Fatalf("%+v", s)
	}
	if a, b := set.Events[0], set.Events[1]; a.Label != "Normal" || a.DstPort != 53 || a.Line != 1 || b.Label != "Exploits" || b.SrcPort != 12 || b.Last-b.Time != 1e9 {
		t.Errorf("%+v %+v", a, b)
	}
}

func TestBinetflow(t *testing.T) {
	const content = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n" +
		"2011/08/10 09:46:53.047277,3550.182373,udp,212.50.71.179,39678,  <->,147.32.84.229,13363,CON,0,0,12,875,413,flow=Background-UDP-Established\n" +
		"2011/08/10 09:46:53.047277,0,tcp,147.32.84.165,1027,   ->,74.125.232.195,80,S_,0,0,1,60,60,flow=From-Botnet-V42-TCP-Attempt\n" +
		"2011/08/10 09:46:53.047277,0,tcp,147.32.84.165,1027,  <-,74.125.232.195,80,S_,0,0,1,60,60,flow=To-Normal-V42-TCP\n" +
		"2011/08/10 09:46:53.047277,0,icmp,147.32.84.165,0x0008,  <->,74.125.232.195,0x7208,ECO,0,0,1,60,60,Botnet\n" +
		"2011/08/10 09:46:53.047277,0,icmp,147.32.84.165,0x0103,  <-,74.125.232.195,,URH,0,0,1,60,60,own words\n" +
		"2011/08/10 09:46:53.047277,0,rtp,147.32.84.165,5000,   ->,74.125.232.195,5002,CON,0,0,1,60,60,flow=Background\n" +
		"2011/08/10 09:46:53.047277,0,arp,147.32.84.165,,   who,74.125.232.195,,CON,0,0,1,60,60,flow=Background\n" +
		"2011/08/10 09:46:53.047277,0,tcp,147.32.84.165,1,   ->,74.125.232.195,2,CON,0,0,1,60,60,\n"
	prague, err := source.ParseZone("Europe/Prague")
	if err != nil {
		t.Fatal(err)
	}
	set, err := read(t, "x", content, source.Options{Zone: prague})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Events != 6 || s.Skipped != 2 || s.Refused != 0 {
		t.Fatalf("%+v", s)
	}
	for i, want := range []struct {
		label, category, src string
		srcPort, dstPort     int32
		protocol             int32
	}{
		{"Background", "Background-UDP-Established", "212.50.71.179", 39678, 13363, 17},
		{"Botnet", "From-Botnet-V42-TCP-Attempt", "147.32.84.165", 1027, 80, 6},
		{"Normal", "To-Normal-V42-TCP", "74.125.232.195", 80, 1027, 6},
		{"Botnet", "Botnet", "147.32.84.165", 8, 0, 1},
		{"own words", "own words", "74.125.232.195", 3, 1, 1},
		{"Background", "Background", "147.32.84.165", 5000, 5002, 17},
	} {
		e := set.Events[i]
		if e.Label != want.label || e.Category != want.category || e.Src.String() != want.src || e.SrcPort != want.srcPort || e.DstPort != want.dstPort || e.Protocol != want.protocol || e.Precision != 1000 || e.Time != utc("2011-08-10 07:46:53.047277") {
			t.Errorf("%d: %+v, want %+v", i, e, want)
		}
	}
	if e := set.Events[0]; e.Last-e.Time != 3550182373000 {
		t.Errorf("%+v", e)
	}
	if set, err = read(t, "x", content, source.Options{Zone: prague, SkipLabels: []string{"Background", "normal"}}); err != nil || len(set.Events) != 3 {
		t.Errorf("%d events, %v", len(set.Events), err)
	}
}

func TestNFDump(t *testing.T) {
	const content = "Date flow start Duration        Proto   Src IP Addr:Port        Dst IP Addr:Port        Flags   Tos     Packets Bytes   Flows  Label\n" +
		"2013-07-09 01:00:23.040\t\t0.028 UDP\t8.8.8.8:53\t-> 10.0.0.150:49058        ......   0     1 126   1  Background\n" +
		"2013-07-09 01:00:26.553\t\t4.781 IGMP\t10.0.0.150:0:0\t-> 224.0.0.22:0:0        ......   0     4 160   1  Background\n" +
		"2013-07-09 01:00:26.553 4.781 ICMP 2001:db8::1:0 -> 2001:db8::2:8.0 ...... 0 1.2 M 3.4 G 1 Bad thing\n" +
		"2013-07-09 01:00:26.553 4.781 TCP 2001:db8::1:80 -> 2001:db8::2:81 ...... 0 1 3 1\n" +
		"2013-07-09 01:00:26.553 4.781 TCP 10.0.0.1:80 -> 10.0.0.2 ...... 0 1 3 1 One\n" +
		"2013-07-09 01:00:26.553 4.781 TCP 10.0.0.1:80 <- 10.0.0.2:1 ...... 0 1 3 1 One\n" +
		"2013-07-09 01:00:26.553 4.781 TCP 2001:db8::1:4.80 -> ::ffff:10.0.0.2.81 ...... 0 1 3 1 Six\n" +
		"2013-07-09 01:00:26.553 4.781 ICMP6 2001:db8::1.0 -> 2001:db8::2.128.0 ...... 0 1 3 1 Six\n" +
		"2013-07-09 01:00:26.553 4.781 TCP 2001:d..0::1.80 -> 2001:db8::2.81 ...... 0 1 3 1 Six\n" +
		"Summary: total flows: 6\n"
	set, err := read(t, "x", content, source.Options{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Events != 6 || s.Skipped != 3 || s.Refused != 2 || !hasNote(s, "read as nfdump") {
		t.Fatalf("%+v", s)
	}
	at := utc("2013-07-09 01:00:23.04")
	want := label.Event{
		Meaning: label.Meaning{Label: "Background", Line: 2}, Time: at, Last: at + 28e6, Precision: 1e6,
		Src: netip.MustParseAddr("8.8.8.8"), Dst: netip.MustParseAddr("10.0.0.150"), SrcPort: 53, DstPort: 49058, Protocol: 17, Depth: label.AnyDepth,
	}
	if set.Events[0] != want {
		t.Errorf("got  %+v\nwant %+v", set.Events[0], want)
	}
	if e := set.Events[1]; e.Protocol != 2 || e.SrcPort != label.None || e.Dst.String() != "224.0.0.22" {
		t.Errorf("%+v", e)
	}
	if e := set.Events[2]; e.Dst.String() != "2001:db8::2" || e.SrcPort != 8 || e.DstPort != 0 || e.Label != "Bad" || e.Category != "thing" {
		t.Errorf("%+v", e)
	}
	if e := set.Events[3]; e.DstPort != label.None || e.SrcPort != 80 {
		t.Errorf("%+v", e)
	}
	if e := set.Events[4]; e.Src.String() != "2001:db8::1:4" || e.SrcPort != 80 || e.Dst.String() != "10.0.0.2" || e.DstPort != 81 {
		t.Errorf("ports of IPv6: %+v", e)
	}
	if e := set.Events[5]; e.Src.String() != "2001:db8::1" || e.Dst.String() != "2001:db8::2" || e.SrcPort != 128 || e.DstPort != 0 {
		t.Errorf("type of ICMPv6: %+v", e)
	}
}

func TestMapping(t *testing.T) {
	const content = "when;\"from;host\";to;what;class;sure;frames\n1500000000250;10.0.0.1;10.0.0.2;\"a \"\"b\"\"\";c;0.5;7\n1500000000251;10.0.0.1;10.0.0.2;b;c;1.5;7\n1500000000252;10.0.0.1;10.0.0.2;b;c;1;x\n"
	mapping := "time=when,\"src_ip=from;host\",dst_ip=TO,label=what,category=class,confidence=sure,packet=frames,format=epoch_ms"
	set, err := read(t, "x", content, source.Options{Mapping: mapping})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Sources[0]; s.Events != 1 || s.Refused != 2 || s.Kind != label.CSV {
		t.Fatalf("%+v", s)
	}
	e := set.Events[0]
	if e.Time != 1500000000250e6 || e.Precision != 1e6 || e.Label != `a "b"` || e.Category != "c" || *e.Confidence != 0.5 || e.Packet != 7 || e.Protocol != label.None {
		t.Errorf("%+v", e)
	}
	bare := "10.0.0.1|14/02/2018 03:05|1.5|x\n10.0.0.1|14/02/2018 11:05|1.5|x\n"
	set, err = read(t, "x", bare, source.Options{Zone: time.UTC, Mapping: "header=no,delimiter=pipe,src_ip=1,time=2,duration=3,label=4,format=02/01/2006 15:04,afternoon_before=8,duration_unit=ms"})
	if err != nil || len(set.Events) != 2 || set.Events[0].Time != utc("2018-02-14 15:05:00") || set.Events[1].Time != utc("2018-02-14 11:05:00") || set.Events[0].Last-set.Events[0].Time != 1_500_000 {
		t.Errorf("%+v %v", set, err)
	}
	zoned := "time,src_ip,dst_ip,label\n2024-05-06T01:00:00.5+02:00,10.0.0.1,10.0.0.2,x\n1500000000,10.0.0.1,10.0.0.2,y\n"
	set, err = read(t, "x", zoned, source.Options{})
	if err != nil || len(set.Events) != 2 || set.Events[0].Time != utc("2024-05-05 23:00:00.5") || set.Events[1].Time != 1500000000e9 {
		t.Errorf("columns by name: %+v %v", set, err)
	}
	set, err = read(t, "x", strings.ReplaceAll(cic2017, " Label", " Verdict"), source.Options{Zone: time.UTC, Preset: "cic-ids2017", Mapping: "label=Verdict"})
	if err != nil || len(set.Events) != 4 {
		t.Errorf("a preset with another column: %v", err)
	}
}

// TestPortsThatAreNone: protocols without ports have none, whatever a table says, and of ICMP types and codes
// have a byte. Blanks around the parts of a mapping count for nothing.
func TestPortsThatAreNone(t *testing.T) {
	for row, want := range map[string][2]int32{
		"80,81,6": {80, 81}, "80,81,17": {80, 81}, "80,81,132": {80, 81}, "80,81,": {80, 81}, "80,81,47": {label.None, label.None}, "0,0,50": {label.None, label.None},
		"8,255,1": {8, 255}, "255,0,58": {255, 0}, "256,0,1": {label.None, label.None}, "8,256,58": {label.None, label.None},
	} {
		content := "when,src_ip,dst_ip,src_port,dst_port,protocol,label\n1500000000,10.0.0.1,10.0.0.2," + row + ",x\n"
		mapping := " time = when , src_ip=src_ip, dst_ip=dst_ip, src_port=src_port, dst_port=dst_port, protocol=protocol, label=label "
		set, err := read(t, "x", content, source.Options{Mapping: mapping})
		if err != nil || len(set.Events) != 1 || set.Events[0].SrcPort != want[0] || set.Events[0].DstPort != want[1] {
			t.Errorf("%s: %+v, %v: want %d", row, set, err, want)
		}
	}
}

func TestMappingErrors(t *testing.T) {
	const content = "time,src_ip,dst_ip,label\n1,10.0.0.1,10.0.0.2,x\n"
	for _, c := range []struct {
		o    source.Options
		kind error
		says string
	}{
		{source.Options{Mapping: "tiem=a"}, source.ErrOptions, "tiem: no such key; did you mean time"},
		{source.Options{Mapping: "time"}, source.ErrOptions, `"time": want key=value`},
		{source.Options{Mapping: "time=a,format=15:04"}, source.ErrOptions, "is no layout with date and clock"},
		{source.Options{Mapping: "time=a,duration_unit=h"}, source.ErrOptions, "none of s, ms, us, ns"},
		{source.Options{Mapping: "time=a,delimiter=ab"}, source.ErrOptions, "no single character"},
		{source.Options{Mapping: "time=a,header=no"}, source.ErrOptions, `"a" is no number of a column`},
		{source.Options{Mapping: "time=a,afternoon_before=13"}, source.ErrOptions, "no whole number from 1 to 12"},
		{source.Options{Mapping: `time=a,"label=b`}, source.ErrOptions, "a quote is not closed"},
		{source.Options{Mapping: "time=time,label=labl"}, source.ErrOptions, `no column is called "labl", which is mapped to label; did you mean label`},
		{source.Options{Mapping: "time=time,label=label"}, source.ErrFormat, "rows could be about any flow"},
		{source.Options{Mapping: "time=time,src_ip=src_ip"}, source.ErrFormat, "no column for label"},
		{source.Options{Preset: "cic"}, source.ErrOptions, `"cic" is no preset`},
		{source.Options{Preset: "binetflow"}, source.ErrFormat, "no column for time"},
		{source.Options{Format: "csv", SkipLabels: []string{"x"}}, nil, ""},
	} {
		_, err := read(t, "x", content, c.o)
		if !errors.Is(err, c.kind) || c.kind != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.says)
		}
	}
	if _, err := read(t, "x", "time,src_ip,dst_ip,label\nx,10.0.0.1,10.0.0.2,x\n1,10.0.0.1,10.0.0.2\n", source.Options{}); !errors.Is(err, source.ErrContent) {
		t.Errorf("all rows refused: %v", err)
	}
	if _, err := read(t, "x", "a,b,c\n1,2,3\n", source.Options{}); !errors.Is(err, source.ErrFormat) {
		t.Errorf("no table of labels: %v", err)
	}
}

// TestRowsInAnHourThatComesTwice take the earlier instant, which a note counts.
func TestRowsInAnHourThatComesTwice(t *testing.T) {
	newYork, err := source.ParseZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	set, err := read(t, "x", "time,src_ip,dst_ip,label\n2024-11-03 01:30:00,10.0.0.1,10.0.0.2,x\n2024-11-03 03:30:00,10.0.0.1,10.0.0.2,x\n", source.Options{Zone: newYork})
	if err != nil || set.Events[0].Time != utc("2024-11-03 05:30:00") || set.Events[1].Time != utc("2024-11-03 08:30:00") || !hasNote(set.Sources[0], "1 times are of an hour") {
		t.Errorf("%+v %v", set, err)
	}
}

// TestSharedTables reads the tables of flows among the shared captures. The binetflows of Slips
// have no labels.
func TestSharedTables(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "labels")
	for name, want := range map[string]struct {
		events, skipped int64
		labels          map[string]int
	}{
		"netflowlabeler/nfcapd.sample1.labeled": {35, 1, map[string]int{"Background": 31, "Test-Label": 4}},
		"slips/test11-portscan.binetflow":       {0, 66, map[string]int{}},
		"slips/test3-mixed.binetflow":           {0, 89, map[string]int{}},
	} {
		set, err := source.Read(context.Background(), []string{filepath.Join(dir, name)}, source.Options{Zone: time.UTC})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		count := map[string]int{}
		for _, e := range set.Events {
			count[e.Label]++
		}
		s := set.Sources[0]
		if s.Events != want.events || s.Skipped != want.skipped || s.Refused != 0 || len(count) != len(want.labels) {
			t.Errorf("%s: %+v %v", name, s, count)
		}
		for l, n := range want.labels {
			if count[l] != n {
				t.Errorf("%s: %d of %s, want %d", name, count[l], l, n)
			}
		}
	}
}
