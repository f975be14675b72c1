package source

import (
	"strings"
	"testing"
	"time"

	"pcapmill/datasets/label"
)

// What people and their tools write: each parser for itself, so that all runs are about it.

// fuzzed reads content by a format's read, and checks what holds of any result.
func fuzzed(t *testing.T, read func(*reading) error, content string, o Options) {
	t.Helper()
	r := newReading(content, o)
	if err := read(r); err != nil {
		if strings.ContainsAny(r.placed(err).Error(), "\n\r\x1b\x00") {
			t.Errorf("not one clean line: %q", err)
		}
		return
	}
	if s := r.source; s.Rules != int64(len(r.set.Rules)) || s.Events != int64(len(r.set.Events)) {
		t.Errorf("%d rules and %d events, and the source counts %+v", len(r.set.Rules), len(r.set.Events), s)
	}
	for i := range r.set.Events {
		soundEvent(t, &r.set.Events[i])
	}
	for i := range r.set.Rules {
		soundRule(t, &r.set.Rules[i])
	}
	for _, n := range r.source.Notes {
		if strings.ContainsAny(n, "\n\r\x1b\x00") {
			t.Errorf("note %q", n)
		}
	}
}

func soundEvent(t *testing.T, e *label.Event) {
	if e.Label == "" || e.Last < e.Time || !isPort(e.SrcPort) || !isPort(e.DstPort) || e.Protocol < -1 || e.Protocol > 255 || e.Src.Is4In6() || e.Line == 0 {
		t.Errorf("event %+v", e)
	}
}

func soundRule(t *testing.T, r *label.Rule) {
	if r.Label == "" || r.Line == 0 {
		t.Errorf("rule %+v", r)
	}
	for _, at := range r.Times {
		if at.From >= at.To {
			t.Errorf("rule %+v: an empty interval", r)
		}
	}
	for _, p := range append(r.Src, r.Dst...) {
		if p != p.Masked() || p.Addr().Is4In6() {
			t.Errorf("rule %+v: host %v", r, p)
		}
	}
}

func FuzzRules(f *testing.F) {
	f.Add("version: 1\nzone: America/Halifax\ngroups:\n  a: [10.0.0.1, 2001:db8::/32]\n  b: a\ndefaults: {priority: 3, dst: b}\nrules:\n- id: x\n  label: y\n  time: [{from: \"2024-01-01 10:00\", to: 2024-01-02T10:00:00.5Z}]\n  src: a\n  src_ports: [22, 80-90]\n  protocol: tcp\n  where: fwd_packets + rev_packets > 3\n  attempted: auto\n")
	f.Add("version: 1\nrules:\n- {id: a, label: b, time: {from: 2024-01-01, to: 2024-01-09, daily: 22:00-06:00}, fit: inside, direction: reverse, depth: any, vlan: 1}\n")
	f.Add("version: 1\nzone: +02\ngroups:\n  a: ::ffff:10.0.0.0/104\nrules: x\n")
	f.Fuzz(func(t *testing.T, content string) { fuzzed(t, readRules, content, Options{Zone: time.UTC}) })
}

func FuzzNetcap(f *testing.F) {
	f.Add("location: Asia/Singapore\ntimeFormat: \"15:04\"\ndateFormat: Monday-02-01-2006\nattacks:\n- {name: a, num: 1, victims: [10.0.0.1], attackers: [10.0.0.2], date: Monday-01-01-2024, start: 9:00, end: 8:00, proto: HTTP, category: c}\n")
	f.Add("timeFormat: 2006-01-02T15:04:05Z07:00\nattacks:\n- {name: a, ips: [10.0.0.1], start: 2024-01-01T10:00:00.5+02:00, end: 2024-01-02T10:00:00Z}\n")
	f.Fuzz(func(t *testing.T, content string) { fuzzed(t, readAttacks, content, Options{Zone: time.UTC}) })
}

func FuzzLabeler(f *testing.F) {
	f.Add("A, b:\n  - srcIP=all\n  - srcIP!=10.0.0.0/8 & Proto=icmp & dstPort!=53 # c\n  - State=S0'\n  - Bytes>=100 & duration<1.5\n")
	f.Add("A:\n - srcIP=all & x=\n")
	f.Fuzz(func(t *testing.T, content string) { fuzzed(t, readLabeler, content, Options{}) })
}

func FuzzConnLog(f *testing.F) {
	f.Add("#separator \\x09\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tlabel\tdetailedlabel\n1.5\t::1\t1\t::2\t2\ticmp\t2.5\ta\tb\n")
	f.Add(`{"ts":1.5,"id.orig_h":"::1","id.resp_h":"::2","duration":9e99,"label":"a"}`)
	f.Add("#separator \\x20\n#fields ts   label\n1   a\n")
	f.Fuzz(func(t *testing.T, content string) { fuzzed(t, readConn, content, Options{}) })
}

func FuzzTable(f *testing.F) {
	f.Add(" Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Label\n10.0.0.1,1,10.0.0.2,2,6,5/7/2017 3:42,-1,a \x96 b\n", "", "")
	f.Add("time,src_ip,dst_ip,label,duration,end,packet,confidence\n1.5,::1,::2,\"a\"\"\",1e3,,7,1\n", "", "")
	f.Add("a;b\n1;2\n", "", "time=a,label=b,dst_port=b,format=epoch_us")
	f.Add("Date \n2013-07-09 01:00:26.553 4.781 ICMP 10.0.0.1:0 -> 10.0.0.2:8.0 ...... 0 1.2 M 3.4 G 1 Bad thing\n", "nfdump", "")
	f.Add("StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,Label\n2011/08/10 09:46:53.047277,0,icmp,::1,0x0103,  <-,::2,,flow=x-botnet\n", "binetflow", "")
	f.Fuzz(func(t *testing.T, content, preset, mapping string) {
		fuzzed(t, readTable, content, Options{Preset: preset, Mapping: mapping, Zone: time.UTC})
	})
}
