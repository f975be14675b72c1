package source_test

import (
	"net/netip"
	"strings"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

const noticeHead = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tnotice\n#open\t2024-01-02-03-04-05\n" +
	"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tnote\tmsg\tsub\tsrc\tdst\tp\tsuppress_for\n#types\ttime\n"

func TestNoticeTSV(t *testing.T) {
	content := noticeHead + strings.Join([]string{
		"1704164645.123456\tC1\t10.0.0.1\t4096\t10.0.0.2\t443\ttcp\tSSL::Invalid_Server_Cert\twith a\\x09tab\t-\t10.0.0.1\t10.0.0.2\t443\t3600.000000",
		"1704164646.5\tC2\tfe80::1\t135\tfe80::2\t136\ticmp\tOwn::Kind\t(empty)\t-\t-\t-\t-\t3600.000000",
		"1704164700.000000\t-\t-\t-\t-\t-\t-\tScan::Port_Scan\t10.0.0.9 scanned at least 15 unique ports of host 10.0.0.2 in 0m5s\tremote\t10.0.0.9\t10.0.0.2\t-\t3600.000000",
		"1704164701.000000\t-\t-\t-\t-\t-\t-\tSSH::Password_Guessing\t10.0.0.9 appears to be guessing\t-\t10.0.0.9\t-\t22/tcp\t3600.000000",
		"1704164702.000000\t-\t-\t-\t-\t-\t-\tCaptureLoss::Too_Much_Loss\tlost\t-\t-\t-\t-\t3600.000000",
		"1704164703.000000\t-\t-",
		"1704164703.000000\t-\t-\t-\t-\t-\t-\t-\tno note\t-\t-\t-\t-\t3600.000000",
		"#close\t2024-01-02-03-04-06",
	}, "\n")
	set, err := read(t, "x", content, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.ZeekNotice || s.Events != 3 || s.Rules != 1 || s.Skipped != 1 || s.Refused != 2 {
		t.Fatalf("%+v", s)
	}
	want := label.Event{
		Meaning: label.Meaning{ID: "SSL::Invalid_Server_Cert", Label: "SSL::Invalid_Server_Cert", Category: "SSL", Priority: -2, Line: 9},
		Time:    1704164645123456000, Last: 1704164645123456000, Precision: 1000,
		Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"), SrcPort: 4096, DstPort: 443, Protocol: 6, Depth: label.AnyDepth,
	}
	if set.Events[0] != want {
		t.Errorf("got  %+v\nwant %+v", set.Events[0], want)
	}
	if e := set.Events[1]; e.Protocol != 58 || e.SrcPort != 135 || e.DstPort != 136 {
		t.Errorf("ICMPv6 %+v", e)
	}
	if e := set.Events[2]; e.Dst.IsValid() || e.DstPort != 22 || e.Protocol != label.None || e.SrcPort != label.None {
		t.Errorf("guessing %+v", e)
	}
	rule := set.Rules[0]
	if rule.Times[0] != (label.Interval{From: 1704164694000000000, To: 1704164700000001000}) || rule.Src[0].String() != "10.0.0.9/32" || rule.Dst[0].String() != "10.0.0.2/32" || rule.Line != 11 || rule.Label != "Scan::Port_Scan" {
		t.Errorf("scan %+v", rule)
	}
}

func TestNoticeJSON(t *testing.T) {
	content := `{"ts":1704164645.123456,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":4096,"id.resp_h":"10.0.0.2","id.resp_p":443,"proto":"tcp","note":"Own::Kind","msg":"a","actions":["Notice::ACTION_LOG"],"suppress_for":3600.0}
{"ts":"2024-01-02T03:04:05.123456Z","src":"10.0.0.9","p":53,"proto":"udp","note":"Other","msg":"b"}
{"ts":true,"note":"x"}`
	for _, mark := range []string{"", "\ufeff"} {
		noticeJSON(t, mark+content)
	}
}

func noticeJSON(t *testing.T, content string) {
	t.Helper()
	set, err := read(t, "x", content, source.Options{})
	if err != nil || len(set.Events) != 2 || set.Sources[0].Refused != 1 {
		t.Fatalf("%v %+v", err, set)
	}
	a, b := set.Events[0], set.Events[1]
	if a.Time != b.Time || a.Time != 1704164645123456000 || a.SrcPort != 4096 || a.Protocol != 6 {
		t.Errorf("%+v %+v", a, b)
	}
	if b.Protocol != 17 || b.DstPort != 53 || b.Category != "" || b.Label != "Other" {
		t.Errorf("%+v", b)
	}
}
