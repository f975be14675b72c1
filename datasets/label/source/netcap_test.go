package source_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/rulefile"
	"pcapmill/datasets/label/source"
)

const netcapAttacks = `location: America/Halifax
timeFormat: "15:04"
dateFormat: Monday-02-01-2006
attacks:
  - name: Guessing
    date: Wednesday-14-02-2018
    victims: [10.0.0.5, 203.0.113.5]
    attackers: [198.51.100.4, 198.51.100.5]
    start: 9:32
    end: 10:09
    proto: FTP
    category: DoS
    mitre: T1110
    notes: first run
  - name: Night
    num: 7
    date: Wednesday-14-02-2018
    ips: [10.0.0.5]
    start: 23:50
    end: 00:10
    proto: UDP
    category: DDoS
  - name: Inside
    date: Thursday-15-02-2018
    victims: [10.0.0.5]
    attackers: [198.51.100.4]
    flagVictimTraffic: true
    start: 14:00
    end: 15:37
    proto: Unknown
    category: infiltration
  - name: ""
    date: nothing
`

// sides says whether a rule takes a flow between two hosts, either way round.
func sides(r *label.Rule, a, b string) bool {
	x, y := netip.MustParseAddr(a), netip.MustParseAddr(b)
	return r.Direction == label.AnyWay && (r.Src.Has(x) && r.Dst.Has(y) || r.Src.Has(y) && r.Dst.Has(x))
}

// inTime says whether a flow meets a rule in time.
func inTime(r *label.Rule, from, to string) bool {
	return r.Fit == label.Overlaps && slices.ContainsFunc(r.Times, func(i label.Interval) bool { return utc(from) < i.To && i.From <= utc(to) })
}

func TestNetcapDefectsAreMended(t *testing.T) {
	set, err := read(t, "attacks.yml", netcapAttacks, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.NetcapAttacks || s.Rules != 3 || s.Skipped != 1 || s.Zone != "America/Halifax" {
		t.Fatalf("%+v", s)
	}
	guessing, night, inside := &set.Rules[0], &set.Rules[1], &set.Rules[2]
	const attacker, other, victim, stranger = "198.51.100.4", "198.51.100.5", "10.0.0.5", "192.0.2.9"
	for what, ok := range map[string]bool{
		"an attacker and a victim":                sides(guessing, attacker, victim) && sides(guessing, "203.0.113.5", other),
		"no two attackers":                        !sides(guessing, attacker, other),
		"no attacker with another":                !sides(guessing, attacker, stranger),
		"ips with anyone":                         sides(night, victim, stranger) && !sides(night, attacker, stranger),
		"a flagged victim with anyone":            sides(inside, victim, stranger) && sides(inside, attacker, victim),
		"a flagged attack leaves attackers alone": !sides(inside, attacker, stranger),
		"the last minute":                         inTime(guessing, "2018-02-14 14:09:59.9", "2018-02-14 14:10:01"),
		"not the minute behind":                   !inTime(guessing, "2018-02-14 14:10:00", "2018-02-14 14:10:01"),
		"a flow that began before":                inTime(guessing, "2018-02-14 13:00:00", "2018-02-14 13:32:00"),
		"before midnight":                         inTime(night, "2018-02-15 03:50:00", "2018-02-15 03:51:00"),
		"after midnight":                          inTime(night, "2018-02-15 04:10:59", "2018-02-15 04:11:59"),
		"no longer":                               !inTime(night, "2018-02-15 04:11:00", "2018-02-15 23:00:00") && !inTime(night, "2018-02-14 04:00:00", "2018-02-15 03:49:59"),
		"a protocol of applications":              slices.Equal(guessing.Protocols, []uint8{6}),
		"a transport":                             slices.Equal(night.Protocols, []uint8{17}),
		"no protocol":                             inside.Protocols == nil,
		"the name is the label":                   guessing.Label == "Guessing" && guessing.Category == "DoS" && guessing.MITRE == "T1110",
		"a category within another's":             guessing.Category == "DoS" && night.Category == "DDoS" && guessing.Priority == night.Priority,
		"numbers":                                 guessing.ID == "attack-1" && night.ID == "7" && inside.ID == "attack-3",
		"lines":                                   guessing.Line == 5 && night.Line == 15,
	} {
		if !ok {
			t.Errorf("%s: %+v", what, set.Rules)
		}
	}
	for _, says := range []string{
		"netcap labels with the category", "netcap labels by a connection's first packet", "netcap drops a category",
		"3 attacks end to the minute", "1 attacks end before they begin", "1 attacks name a protocol, which netcap ignores",
		"1 attacks name a protocol of applications", "1 attacks have attackers and victims", "1 attacks flag all traffic of victims",
	} {
		if !slices.ContainsFunc(s.Notes, func(n string) bool { return strings.HasPrefix(n, says) }) {
			t.Errorf("no note %q in %q", says, s.Notes)
		}
	}
}

// TestNetcapDatesInTimesCountOnce: netcap adds the date to times that have it, and gets the year 4038.
func TestNetcapDatesInTimesCountOnce(t *testing.T) {
	const swat = "location: Asia/Singapore\ntimeFormat: 2006/1/2 15:04:05\ndateFormat: 2006/1/2\nattacks:\n" +
		"- {name: a, ips: [10.0.0.1], start: 2019/12/6 10:30:00, end: 2019/12/6 10:35:00, date: 2019/12/6, proto: CIP}\n"
	set, err := read(t, "swat.yml", swat, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := label.Interval{From: utc("2019-12-06 02:30:00"), To: utc("2019-12-06 02:35:01")}
	if r := set.Rules[0]; r.Times[0] != want || !slices.Equal(r.Protocols, []uint8{6, 17}) {
		t.Errorf("%+v, want %v", r, want)
	}
	if !slices.ContainsFunc(set.Sources[0].Notes, func(n string) bool { return strings.HasPrefix(n, "1 attacks have the date in their times too") }) {
		t.Errorf("%q", set.Sources[0].Notes)
	}
}

func TestNetcapErrors(t *testing.T) {
	attack := func(fields string) string {
		return "location: UTC\ntimeFormat: \"15:04\"\ndateFormat: 2006-01-02\nattacks:\n- {name: a, date: 2024-01-01, start: 10:00, end: 10:01, " + fields + "}\n"
	}
	for content, says := range map[string]string{
		attack("ips: [10.0.0.1], victims: [10.0.0.2]"):                                `:5: attack "a": has ips and attackers or victims`,
		attack("attackers: [10.0.0.1]"):                                               "has no ips and no victims",
		attack("victims: [10.0.0.1]"):                                                 "neither attackers nor flagVictimTraffic",
		attack("ips: [here]"):                                                         `"here" is neither an address nor the name of a group`,
		attack("ip: [10.0.0.1]"):                                                      `an attack has no key "ip"; did you mean ips`,
		strings.Replace(attack("ips: [10.0.0.1]"), "2024-01-01", "Monday", 1):         "which is the dateFormat",
		strings.Replace(attack("ips: [10.0.0.1]"), "10:01", "10h", 1):                 `end: "10h" is no time as "15:04", which is the timeFormat`,
		strings.Replace(attack("ips: [10.0.0.1]"), "15:04", "nonsense", 1):            "is no layout with hours and minutes",
		strings.Replace(attack("ips: [10.0.0.1]"), "location: UTC", "location: X", 1): `location: "X" is no zone`,
		"location: UTC\ntimeFormat: 2006-01-02 15:04\nattacks:\n- {name: a, ips: [10.0.0.1], start: 2024-01-01 10:00, end: 2024-01-01 09:00}\n": "it ends before it begins",
		"attacks: []\n": "timeFormat: ",
	} {
		_, err := read(t, "x", content, source.Options{})
		if !errors.Is(err, source.ErrRules) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q:\n%v\nwant %q", content, err, says)
		}
	}
	naive := strings.Replace(attack("ips: [10.0.0.1]"), "location: UTC\n", "", 1)
	if _, err := read(t, "x", naive, source.Options{}); !errors.Is(err, source.ErrZone) {
		t.Error(err)
	}
	if set, err := read(t, "x", naive, source.Options{Zone: time.UTC}); err != nil || set.Rules[0].Times[0].From != utc("2024-01-01 10:00:00") {
		t.Error(err)
	}
}

// TestNetcapMITRE: people write there what they like; rules made of it must be rules.
func TestNetcapMITRE(t *testing.T) {
	for said, want := range map[string]string{
		"T1110": "T1110", "T1059.001": "T1059.001", "TA0008": "TA0008", "T1190, T1059": "T1190", "TA0001 Initial Access": "TA0001", "Execution": "", "XT1110": "", "T11100": "",
	} {
		set, err := read(t, "attacks.yml", strings.Replace(netcapAttacks, "mitre: T1110", `mitre: "`+said+`"`, 1), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if set.Rules[0].MITRE != want {
			t.Errorf("%q is %q, want %q", said, set.Rules[0].MITRE, want)
		}
		noted := slices.ContainsFunc(set.Sources[0].Notes, func(n string) bool { return strings.Contains(n, "mitre") })
		if noted != (said != want) {
			t.Errorf("%q: notes %q", said, set.Sources[0].Notes)
		}
		var file strings.Builder
		if err := rulefile.Write(&file, set.Rules, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := read(t, "rules.yaml", file.String(), source.Options{}); err != nil {
			t.Errorf("%q: %v", said, err)
		}
	}
}
