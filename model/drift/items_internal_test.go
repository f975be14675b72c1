package drift

import (
	"math"
	"net/netip"
	"testing"
)

// TestWorst: the verdict is the worst of items and hosts, of those that are not suppressed.
func TestWorst(t *testing.T) {
	why := &Suppression{}
	for name, c := range map[string]struct {
		r    Report
		want Severity
	}{
		"nothing":         {Report{}, None},
		"an item":         {Report{Items: []Item{{Severity: Low}, {Severity: Medium}}}, Medium},
		"a host":          {Report{Items: []Item{{Severity: Low}}, Hosts: []Score{{Severity: Low}, {Severity: High}}}, High},
		"suppressed":      {Report{Items: []Item{{Severity: High, Suppressed: why}}, Hosts: []Score{{Severity: Medium, Suppressed: why}}}, None},
		"suppressed item": {Report{Items: []Item{{Severity: High, Suppressed: why}, {Severity: Low}}}, Low},
		"suppressed host": {Report{Items: []Item{{Severity: Low}}, Hosts: []Score{{Severity: High, Suppressed: why}, {Severity: Medium}}}, Medium},
	} {
		if got := c.r.Worst(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 7: "7", -7: "-7", 999_999: "999999", 1e6: "1e+06", -1e6: "-1e+06", 1234567: "1.23e+06",
		0.5: "0.5", 1.2345: "1.23", 99.94: "99.9", 100.4: "100", -100.6: "-101", 999_999.4: "999999", 1e6 + 0.5: "1e+06", 0.00012345: "0.000123",
	} {
		if got := number(x); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

// TestPopulations: private and link-local hosts are a population of their own, besides that of all.
func TestPopulations(t *testing.T) {
	j := &judge{}
	for host, want := range map[string]int{
		"10.1.2.3": 2, "172.31.0.1": 2, "192.168.0.1": 2, "169.254.0.1": 2, "fd00::1": 2, "fe80::1": 2,
		"192.0.2.1": 1, "172.32.0.1": 1, "2001:db8::1": 1, "127.0.0.1": 1,
	} {
		of := j.of(netip.MustParseAddr(host))
		if len(of) != want || of[0] != &j.people[everybody] || want == 2 && of[1] != &j.people[local] {
			t.Errorf("%s is in %d populations, want %d", host, len(of), want)
		}
	}
}

// TestDeviations by hand: from the mean of the hour and from the middle, in units of what is usual, of the
// floor at least.
func TestDeviations(t *testing.T) {
	u := usual{center: 40, std: 4, floor: 1}
	for _, c := range []struct{ level, floor, want float64 }{{40, 1, 0}, {48, 1, 2}, {36, 1, -1}, {48, 8, 1}} {
		if u.floor = c.floor; math.Abs(u.robustZ(c.level)-c.want) > 1e-12 {
			t.Errorf("level %v, floor %v: robust z %v, want %v", c.level, c.floor, u.robustZ(c.level), c.want)
		}
	}
	slot := moments{n: 3, sum: 36, squares: 440} // 10, 12 and 14: the mean is 12, the deviation 2
	for _, c := range []struct{ level, floor, want float64 }{{12, 1, 0}, {16, 1, 2}, {8, 1, -2}, {16, 8, 0.5}} {
		if u.floor = c.floor; math.Abs(u.z(c.level, slot)-c.want) > 1e-12 {
			t.Errorf("level %v, floor %v: z %v, want %v", c.level, c.floor, u.z(c.level, slot), c.want)
		}
	}
}
