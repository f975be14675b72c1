package source

import (
	"bufio"
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pcapmill/datasets/label"
	"pcapmill/outputs/where"
)

// fuzz reads data as a format does, and checks what holds of any result.
func fuzz(t *testing.T, data []byte, read func(*reading) error) {
	o := Options{Zone: time.FixedZone("z", 5400), MaxEvents: 1000}.withDefaults()
	r := &reading{
		ctx: context.Background(), opts: &o, set: &label.Set{}, texts: newTexts(),
		path: "file", in: bufio.NewReader(bytes.NewReader(data)),
	}
	if err := read(r); err != nil {
		if strings.ContainsAny(r.placed(err).Error(), "\n\x1b") {
			t.Errorf("a message of more than a line: %q", err)
		}
		return
	}
	s := &r.source
	if int64(len(r.set.Events)) != s.Events || int64(len(r.set.Rules)) != s.Rules || int64(len(s.Refusals)) != min(s.Refused, maxRefusals) {
		t.Errorf("counts %+v", s)
	}
	for _, refusal := range s.Refusals {
		if strings.ContainsAny(refusal.Reason, "\n\x1b") {
			t.Errorf("a reason of more than a line: %q", refusal.Reason)
		}
	}
	for i := range r.set.Events {
		e := &r.set.Events[i]
		if sound(e) != nil || e.Label == "" || !utf8.ValidString(e.Label) || e.Line == 0 || e.Src.Is4In6() || e.Dst.Zone() != "" {
			t.Errorf("unsound %+v", e)
		}
	}
}

func FuzzEVE(f *testing.F) {
	for _, seed := range []string{
		`{"timestamp":"2024-05-06T09:08:07.123456+0200","event_type":"alert","src_ip":"fe80::1%eth0","src_port":1,"dest_ip":"::ffff:1.2.3.4","proto":"TCP","alert":{"gid":1,"signature_id":2,"signature":"s","category":"c","severity":1,"metadata":{"mitre_technique_id":["T1046"]}}}`,
		`{"timestamp":"2024-05-06 09:08:07","event_type":"alert","src_ip":"1.1.1.1","dest_ip":"1.1.1.2","proto":"007","icmp_type":300,"tunnel":{"depth":1},"alert":{"severity":-1}}`,
		"{\"alert\"}\n{}\n[1]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, data, readEVE) })
}

func FuzzFast(f *testing.F) {
	for _, seed := range []string{
		"05/06/2024-09:08:07.123456  [**] [1:2:3] a [**] [Classification: c] [Priority: 1] {TCP} ::1:53000 -> 2001:db8::2:443",
		"05/06/24-09:08:07.1  [Drop] [**] [1:2:3] (null) [**] [Priority: 999] {PROTO:255} 1.1.1.1 -> 1.1.1.2:0",
		"05/06/2024-24:08:07.1  [wDrop] [**] [1:2:3] a [**] [Classification: ] [Priority: 1] [**] [Raw pkt: 00 ]",
		"} {\n]  [**] [1:1:1] } -> {",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, data, readFast) })
}

func FuzzNotice(f *testing.F) {
	for _, seed := range []string{
		"#separator \\x09\n#path\tnotice\n#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tnote\tmsg\tsrc\tp\n" +
			"1.5\t1.1.1.1\t1\tfe80::1\t2\ticmp\tA::B\tx\\x0a\t-\t-\n-1.5\t-\t-\t-\t-\ttcp\tScan::X\tin 0m5s\t1.1.1.1\t80/tcp",
		`{"ts":1e9,"note":"A","src":"1.1.1.1"}` + "\n" + `{"ts":"2024-01-02T03:04:05Z","note":"A::","dst":"::1","p":1}`,
		"#separator \\x\n#fields\\x\n#fields\ta\ta\n\\x",
		"#\n#separator \n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, data, readNotice) })
}

func FuzzPcapML(f *testing.F) {
	f.Add([]byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00" +
		"\x01\x00\x00\x00\x14\x00\x00\x00\x65\x00\x00\x00\x00\x00\x00\x00\x14\x00\x00\x00" +
		"\x06\x00\x00\x00\x4c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x1c\x00\x00\x00\x1c\x00\x00\x00" +
		"\x45\x00\x00\x1c\x00\x00\x00\x00\x40\x11\x00\x00\x0a\x00\x00\x01\x0a\x00\x00\x02\x00\x01\x00\x02\x00\x08\x00\x00" +
		"\x01\x00\x05\x007,abc\x00\x00\x00\x00\x00\x00\x00\x4c\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) { fuzz(t, data, readPcapML) })
}

// FuzzComment reads comments, times and patterns, which are small languages of their own.
func FuzzComment(f *testing.F) {
	for _, seed := range []string{"s=0,proc=curl,dir=lan2wan", "1820,windows-10,k=v", "2024-05-06T09:08:07.123456+02:00", "1704164645.123456789", "a*=b", "(?P<label>x)y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if m, ok := pcapMLComment(s); ok && (m.Label == "" || m.Campaign == "") {
			t.Errorf("%q: %+v", s, m)
		}
		r := newReading("", Options{Zone: time.UTC})
		if ns, precision, err := r.instant(s); err == nil {
			again := time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.999999999Z")
			if back, _, err := r.instant(again); err != nil || back != ns || precision < 0 {
				t.Errorf("%q is %d, %s is %d, %v", s, ns, again, back, err)
			}
		}
		if ns, _, err := epoch(s); err == nil && time.Unix(0, ns).UnixNano() != ns {
			t.Errorf("%q: %d", s, ns)
		}
		if p, err := parseName(s); err == nil {
			p.fit(s)
			if g := literalGlob(s); !parsedGlob(g, s) {
				t.Errorf("%q does not fit %q", s, g)
			}
		}
	})
}

func parsedGlob(glob, s string) bool {
	return where.NewGlob(glob).Match([]byte(s)) || !utf8.ValidString(s)
}
