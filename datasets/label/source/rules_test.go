package source_test

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

const fullRules = `version: 1
zone: America/Halifax
groups:
  outside: [205.0.2.73, 2001:db8::/32]
  attackers: [outside, 172.16.0.1]        # behind the NAT, and before it
  victims: 192.168.10.0/24
defaults:
  priority: 10
  category: brute force
  dst: victims
rules:
  - id: ssh-1
    label: SSH
    mitre: T1110.001
    campaign: night
    confidence: 0.9
    time: {from: "2017-07-04 14:09", to: "2017-07-04 15:09"}
    fit: start
    src: attackers
    dst_ports: [22, 8000-8100]
    src_ports: 1024-65535
    protocol: [tcp, 17]
    direction: reverse
    depth: 0
    vlan: [7, 4095]
    where: fwd_packets + rev_packets > 4 and not conn_state in (S0, REJ)
    captures: ["*.pcap", day/tuesday.*]
    attempted: auto
  - id: ssh-2
    label: SSH
    category: other
    priority: -3
    dst: [10.0.0.1, "::ffff:10.0.0.0/120"]
    time:
      - {from: 2017-07-04T14:09:30Z, to: "2017-07-04T17:09:30.25+03:00"}
      - {from: 2017-07-04, to: 2017-07-05}
      - {to: "2017-07-09 00:00:01"}
    attempted:
      - {category: 3, where: "rev_payload_bytes = 0"}
  - {id: any, label: benign, depth: any, dst: any}
`

func utc(s string) int64 {
	t, err := time.Parse("2006-01-02 15:04:05.999999999", s)
	if err != nil {
		panic(err)
	}
	return t.UnixNano()
}

func TestRules(t *testing.T) {
	set, err := read(t, "r.yaml", fullRules, source.Options{Zone: time.UTC}) // the file's zone counts
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.YAMLRules || s.Rules != 3 || s.Zone != "America/Halifax" || len(s.Notes) != 0 {
		t.Fatalf("%+v", s)
	}
	first, second, third := set.Rules[0], set.Rules[1], set.Rules[2]
	if first.ID != "ssh-1" || first.Label != "SSH" || first.Category != "brute force" || first.MITRE != "T1110.001" || first.Campaign != "night" || first.Priority != 10 || *first.Confidence != 0.9 || first.Line != 12 {
		t.Errorf("%+v", first.Meaning)
	}
	if hosts(first.Src) != "205.0.2.73/32 2001:db8::/32 172.16.0.1/32" || hosts(first.Dst) != "192.168.10.0/24" || first.Direction != label.Reverse || first.Fit != label.Starts || first.Depth != 0 {
		t.Errorf("%+v", first)
	}
	if !slices.Equal(first.SrcPorts, label.Ports{{First: 1024, Last: 65535}}) || !slices.Equal(first.DstPorts, label.Ports{{First: 22, Last: 22}, {First: 8000, Last: 8100}}) || !slices.Equal(first.Protocols, []uint8{6, 17}) || !slices.Equal(first.VLANs, []int32{7, 4095}) {
		t.Errorf("%+v", first)
	}
	if first.Where != "fwd_packets + rev_packets > 4 and not conn_state in (S0, REJ)" || !slices.Equal(first.Captures, []string{"*.pcap", "day/tuesday.*"}) || len(first.Attempts) != 3 || first.Attempts[0].Category != 6 {
		t.Errorf("%+v", first)
	}
	// 14:09 to 15:09 by a clock three hours behind UTC, the last minute with it.
	if !slices.Equal(first.Times, []label.Interval{{From: utc("2017-07-04 17:09:00"), To: utc("2017-07-04 18:10:00")}}) {
		t.Errorf("%v", first.Times)
	}
	if second.Category != "other" || second.Priority != -3 || hosts(second.Dst) != "10.0.0.1/32 10.0.0.0/24" || second.Src != nil || second.Attempts[0] != (label.Attempt{Category: 3, Where: "rev_payload_bytes = 0"}) {
		t.Errorf("%+v", second)
	}
	if want := []label.Interval{
		{From: utc("2017-07-04 14:09:30"), To: utc("2017-07-04 14:09:30.26")},
		{From: utc("2017-07-04 03:00:00"), To: utc("2017-07-06 03:00:00")},
		{From: label.Always().From, To: utc("2017-07-09 03:00:02")},
	}; !slices.Equal(second.Times, want) {
		t.Errorf("%v, want %v", second.Times, want)
	}
	if third.Depth != label.AnyDepth || third.Times != nil || third.Dst != nil || third.Line != 40 {
		t.Errorf("%+v", third)
	}
}

// TestGroupOfAny: a list with a group that is any has every host.
func TestGroupOfAny(t *testing.T) {
	set, err := read(t, "r.yaml", "version: 1\ngroups: {all: any, some: [all, 10.0.0.2]}\nrules: [{id: a, label: b, src: [10.0.0.1, all], dst: some}]\n", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r := set.Rules[0]; r.Src != nil || r.Dst != nil {
		t.Errorf("src %v, dst %v", r.Src, r.Dst)
	}
}

// TestRulesOverClockChanges: New York put clocks forward on 10 March 2024 at 2:00 and back on
// 3 November at 2:00.
func TestRulesOverClockChanges(t *testing.T) {
	times := func(zone, stretch string) ([]label.Interval, label.Source, error) {
		set, err := read(t, "r.yaml", "version: 1\nzone: "+zone+"\nrules:\n- {id: a, label: b, time: "+stretch+"}\n", source.Options{})
		if err != nil {
			return nil, label.Source{}, err
		}
		return set.Rules[0].Times, set.Sources[0], nil
	}
	for _, c := range []struct {
		zone, stretch string
		want          label.Interval
		notes         int
	}{
		{"America/New_York", `{from: "2024-03-10 01:59", to: "2024-03-10 03:00"}`, label.Interval{From: utc("2024-03-10 06:59:00"), To: utc("2024-03-10 07:01:00")}, 0},
		{"America/New_York", `{from: "2024-11-03 01:30", to: "2024-11-03 01:30"}`, label.Interval{From: utc("2024-11-03 05:30:00"), To: utc("2024-11-03 06:31:00")}, 1},
		{"America/New_York", `{from: "2024-11-03", to: "2024-11-03"}`, label.Interval{From: utc("2024-11-03 04:00:00"), To: utc("2024-11-04 05:00:00")}, 0},
		{`"+05:45"`, `{from: "2024-11-03 05:45", to: "2024-11-03 05:45:00"}`, label.Interval{From: utc("2024-11-03 00:00:00"), To: utc("2024-11-03 00:00:01")}, 0},
		{"Asia/Kathmandu", `{from: "2024-11-03 05:45:00.5", to: "2024-11-03 05:45:00.500"}`, label.Interval{From: utc("2024-11-03 00:00:00.5"), To: utc("2024-11-03 00:00:00.501")}, 0},
	} {
		got, s, err := times(c.zone, c.stretch)
		if err != nil || len(got) != 1 || got[0] != c.want || len(s.Notes) != c.notes {
			t.Errorf("%s %s: %v %q %v, want %v", c.zone, c.stretch, got, s.Notes, err, c.want)
		}
	}
	if _, _, err := times("America/New_York", `{from: "2024-03-10 02:30", to: "2024-03-10 04:00"}`); err == nil || !strings.Contains(err.Error(), "never showed 2024-03-10 02:30:00") {
		t.Error(err)
	}
	nights, _, err := times("America/New_York", `{daily: "22:00-06:00", from: 2024-11-01, to: 2024-11-03}`)
	want := []label.Interval{
		{From: utc("2024-11-02 02:00:00"), To: utc("2024-11-02 10:01:00")},
		{From: utc("2024-11-03 02:00:00"), To: utc("2024-11-03 11:01:00")}, // an hour more
		{From: utc("2024-11-04 03:00:00"), To: utc("2024-11-04 11:01:00")},
	}
	if err != nil || !slices.Equal(nights, want) {
		t.Errorf("%v %v, want %v", nights, err, want)
	}
}

// TestDocumentedRules: the examples of docs/label-rules.md are what they say.
func TestDocumentedRules(t *testing.T) {
	page, err := os.ReadFile("../../../docs/label-rules.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```")
	set, err := read(t, "x", strings.TrimPrefix(blocks[1], "yaml\n"), source.Options{})
	if err != nil || len(set.Rules) != 3 || set.Rules[1].Times[0] != (label.Interval{From: utc("2017-07-05 02:50:00"), To: utc("2017-07-05 03:11:00")}) {
		t.Fatalf("%+v %v", set, err)
	}
	stretches := strings.Split(strings.TrimPrefix(blocks[3], "yaml\n"), "time:")
	for _, s := range stretches[1:] {
		if _, err := read(t, "x", "version: 1\nrules:\n- id: a\n  label: b\n  time:"+strings.ReplaceAll(s, "\n", "\n  "), source.Options{Zone: time.UTC}); err != nil {
			t.Errorf("time:%s: %v", s, err)
		}
	}
	auto := strings.ReplaceAll(strings.TrimPrefix(blocks[5], "yaml\n"), "\n", "\n  ")
	set, err = read(t, "x", "version: 1\nrules:\n- {id: a, label: b, attempted: auto}\n- id: c\n  label: d\n  "+auto, source.Options{})
	if err != nil || len(stretches) != 6 || !slices.Equal(set.Rules[0].Attempts, set.Rules[1].Attempts) {
		t.Errorf("%+v %v", set, err)
	}
}

// TestRulesShareGroups: a large group that many rules name alone is kept once; lists that have it
// with others are bounded.
func TestRulesShareGroups(t *testing.T) {
	group := "version: 1\ngroups: {g: [" + strings.Repeat("10.0.0.1, ", 5000) + "]}\nrules:\n"
	one := strings.Repeat("- {id: IDN, label: b, src: g}\n", 300)
	for i := range 300 {
		one = strings.Replace(one, "IDN", "r"+strconv.Itoa(i), 1)
	}
	set, err := read(t, "x", group+one, source.Options{})
	if err != nil || len(set.Rules) != 300 || &set.Rules[0].Src[0] != &set.Rules[299].Src[0] {
		t.Error(err)
	}
	if _, err = read(t, "x", group+strings.ReplaceAll(one, "src: g", "src: [g, 10.0.0.2]"), source.Options{}); !errors.Is(err, source.ErrLimit) || !strings.Contains(err.Error(), "more than 1000000 hosts") {
		t.Error(err)
	}
}

// TestDailyHoursThatClocksSkipped begin when they did: at 2:00 in New York.
func TestDailyHoursThatClocksSkipped(t *testing.T) {
	set, err := read(t, "x", "version: 1\nzone: America/New_York\nrules:\n- {id: a, label: b, time: {daily: \"02:30-03:30\", from: 2024-03-09, to: 2024-03-10}}\n", source.Options{})
	want := []label.Interval{
		{From: utc("2024-03-09 07:30:00"), To: utc("2024-03-09 08:31:00")},
		{From: utc("2024-03-10 07:00:00"), To: utc("2024-03-10 07:31:00")},
	}
	if err != nil || !slices.Equal(set.Rules[0].Times, want) {
		t.Errorf("%v, want %v: %v", set, want, err)
	}
}

func TestRulesRefuseNaiveTimes(t *testing.T) {
	const naive = "version: 1\nrules:\n- id: a\n  label: b\n  time: {from: \"2024-01-01 10:00\"}\n"
	_, err := read(t, "r.yaml", naive, source.Options{})
	if !errors.Is(err, source.ErrZone) || !strings.Contains(err.Error(), "r.yaml:5: ") {
		t.Error(err)
	}
	set, err := read(t, "r.yaml", naive, source.Options{Zone: time.FixedZone("+01:00", 3600)})
	if err != nil || set.Rules[0].Times[0].From != utc("2024-01-01 09:00:00") || set.Sources[0].Zone != "+01:00" {
		t.Errorf("%+v %v", set, err)
	}
	zoned := strings.Replace(naive, "2024-01-01 10:00", "2024-01-01T10:00:00+02:00", 1)
	if set, err = read(t, "r.yaml", zoned, source.Options{}); err != nil || set.Rules[0].Times[0].From != utc("2024-01-01 08:00:00") || set.Sources[0].Zone != "" {
		t.Errorf("%+v %v", set, err)
	}
}

// TestRulesErrors: each says the line, and what could have been meant.
func TestRulesErrors(t *testing.T) {
	rule := func(lines string) string {
		return "version: 1\nzone: UTC\nrules:\n- id: a\n  label: b\n  " + lines + "\n"
	}
	for content, says := range map[string]string{
		rule("prioritty: 1"):                                           `:6: rule "a": a rule has no key "prioritty"; did you mean priority`,
		rule("src: 10.0.0.1/8"):                                        `:6: rule "a": src: "10.0.0.1/8" has address bits behind its length: want 10.0.0.0/8`,
		rule("src: atackers"):                                          `"atackers" is neither an address nor the name of a group`,
		rule("src: 10.0.0.256"):                                        `"10.0.0.256" is no address`,
		rule("src: []"):                                                "an empty list",
		rule("src:\n  - 10.0.0.1\n  - 10.0.0.x"):                       ":8: ",
		rule("dst_ports: 90-80"):                                       `"90-80" is no port or range`,
		rule("dst_ports: 65536"):                                       `is no port or range`,
		rule("protocol: tpc"):                                          `"tpc" is no IP protocol`,
		rule("direction: foward"):                                      "did you mean forward",
		rule("fit: overlaps"):                                          "did you mean overlap",
		rule("depth: -1"):                                              "no whole number from 0 to 255",
		rule("vlan: 4096"):                                             "no whole number from 0 to 4095",
		rule("confidence: 1.1"):                                        "not between 0 and 1",
		rule("mitre: brute force"):                                     "no id of ATT&CK",
		rule("where: fwd_pakets > 1"):                                  `:6: rule "a": where: table flows has no column fwd_pakets; did you mean fwd_packets`,
		rule("where: ''"):                                              "where: is empty",
		rule("attempted: yes"):                                         "want auto, none or a list",
		rule("attempted: [{category: 7, where: protocol = 6}]"):        "no whole number from 0 to 6",
		rule("attempted: [{where: protocol = 6}]"):                     "want category and where",
		rule("captures: ['']"):                                         "an empty pattern",
		rule("time: {from: \"2024-13-01 10:00\"}"):                     `is not on the calendar or the clock`,
		rule("time: {from: yesterday}"):                                `"yesterday" is no time such as`,
		rule("time: {from: 2024-01-02, to: 2024-01-01}"):               "it ends before it begins",
		rule("time: {}"):                                               "want from, to or both",
		rule("time: []"):                                               "an empty list",
		rule("time: {until: 2024-01-01}"):                              `time has no key "until"`,
		rule("time: {from: 2024-01-01, to: 2024-01-02, daily: 22:00}"): "no span of a day such as 22:00-06:00",
		rule("time: {from: \"2024-01-01 10:00\", to: 2024-01-02, daily: 22:00-06:00}"): "want from and to as dates",
		rule("time: {from: 0001-01-01, to: 9999-01-01, daily: 22:00-06:00}"):           "cannot be written in nanoseconds",
		rule("time: {from: 1700-01-01, to: 2200-01-01, daily: 22:00-06:00}"):           "more than 100000 intervals",
		rule("label: c"): "label",
		"version: 2\nrules: [{id: a, label: b}]\n":                              `version is "2": this build reads version: 1`,
		"rules: [{id: a, label: b}]\n":                                          `version is ""`,
		"version: 1\nrules: []\n":                                               "has no rules",
		"version: 1\nrules:\n- {id: a, label: b}\n- {id: a, label: c}\n":        `:4: rule "a": its id is that of the rule in line 3`,
		"version: 1\nrules:\n- {id: a b, label: b}\n":                           "id: want letters",
		"version: 1\nrules:\n- {label: b}\n":                                    "has no id",
		"version: 1\nrules:\n- {id: a}\n":                                       "has no label",
		"version: 1\ngroups: {1a: 10.0.0.1}\nrules: [{id: a, label: b}]\n":      "no name of a group",
		"version: 1\ngroups: {a: b, b: 10.0.0.1}\nrules: [{id: a, label: b}]\n": `"b" is neither an address nor the name of a group`,
		"version: 1\nzone: Mars/Base\nrules: [{id: a, label: b}]\n":             `:2: zone: "Mars/Base" is no zone`,
		"version: 1\nzone: Local\nrules: [{id: a, label: b}]\n":                 "want a zone such as",
		"version: 1\nrules: [{id: a, label: &x b}]\n":                           "anchors, aliases and merges are not taken",
		"version: 1\nrules: [\n":                                                "r.yaml",
	} {
		_, err := read(t, "r.yaml", content, source.Options{})
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q:\n%v\nwant %q", content, err, says)
		}
		if !errors.Is(err, source.ErrRules) && !errors.Is(err, source.ErrLimit) {
			t.Errorf("%q: %v is no ErrRules", content, err)
		}
	}
}
