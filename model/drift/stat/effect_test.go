package stat_test

import (
	"testing"

	"pcapmill/model/drift/stat"
	"pcapmill/model/drift/stat/stattest"
)

// TestCohenD by hand. Within host a: 1 3 | 4 6; within b: 11 13 | 16 18. Steps 3 and 5,
// squares around the means of hosts and sides 2 each, eight in all with four degrees of
// freedom.
func TestCohenD(t *testing.T) {
	b := []stat.Point{{"a", 0, 1}, {"a", 1, 3}, {"b", 0, 11}, {"b", 1, 13}}
	c := []stat.Point{{"a", 5, 4}, {"a", 6, 6}, {"b", 5, 16}, {"b", 6, 18}}
	d, ok := stat.CohenD(b, c, 0.1)
	if !ok {
		t.Fatal("eight values are enough")
	}
	stattest.Near(t, "d of the same hosts", d, 4/1.4142135623730951, 1e-12)
	for i := range c {
		c[i].Host = "new " + c[i].Host
	}
	d, _ = stat.CohenD(b, c, 0.1) // means 7 and 11; squares 104 and 148, six degrees
	stattest.Near(t, "d of others", d, 4/6.48074069840786, 1e-12)
	d, _ = stat.CohenD([]stat.Point{{"a", 0, 1}, {"a", 1, 1}}, []stat.Point{{"a", 2, 3}, {"a", 3, 3}}, 0.5)
	stattest.Near(t, "d from a floor", d, 4, 1e-12)
	if _, ok := stat.CohenD(b[:1], c, 1); ok {
		t.Error("one value has no deviation")
	}
}

// TestDeviations from the mean of a host over both sides: 0 and 4 around 4 with 8.
func TestDeviations(t *testing.T) {
	b, c := stat.Deviations([]stat.Point{{"a", 0, 0}, {"x", 0, 9}}, []stat.Point{{"a", 1, 4}, {"a", 2, 8}})
	if b[0].Value != 4 || b[1].Value != 0 || c[0].Value != 0 || c[1].Value != 4 {
		t.Error(b, c)
	}
}

// TestHostsThatCameAndWent do not count while most are the same.
func TestHostsThatCameAndWent(t *testing.T) {
	var b, c []stat.Point
	for h := range 12 {
		for w := range 4 {
			host := string(rune('a' + h))
			b = append(b, stat.Point{Host: host, Window: int64(w), Value: float64(w + h)})
			c = append(c, stat.Point{Host: host, Window: int64(10 + w), Value: float64(w + h)})
		}
	}
	came := append(c[:len(c):len(c)], stat.Point{Host: "new", Window: 10, Value: 1e6}, stat.Point{Host: "new", Window: 11, Value: 1e6})
	cuts := stat.Cuts(stat.Values(b), 10)
	d := stat.DefaultDraws()
	for name, test := range map[string]func(c []stat.Point) (stat.Result, bool){
		"ByHost":         func(c []stat.Point) (stat.Result, bool) { return stat.ByHost(b, c, d) },
		"DistanceByHost": func(c []stat.Point) (stat.Result, bool) { return stat.DistanceByHost(b, c, cuts, stat.PSI, d) },
	} {
		without, ok := test(c)
		with, _ := test(came)
		if !ok || without != with || without.Units != 12 || without.P != 1 {
			t.Error(name, without, with)
		}
	}
	if d, _ := stat.CohenD(b, came, 0.1); d != 0 {
		t.Error("nobody changed, but d is", d)
	}
}
