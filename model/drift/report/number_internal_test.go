package report

import (
	"math"
	"testing"
)

func TestReadable(t *testing.T) {
	for _, c := range []struct {
		unit string
		v    float64
		want string
	}{
		{"ns", 0, "0s"}, {"ns", 999, "999ns"}, {"ns", 1.04e6, "1.04ms"}, {"ns", 2.4e8, "240ms"}, {"ns", 8.6634567e9, "8.663s"}, {"ns", -1.5e6, "-1.5ms"},
		{"ns", 3.6e12, "1h0m0s"}, {"ns", 1e30, "1e+30 ns"}, {"ns", -1e30, "-1e+30 ns"}, {"ms", 1500, "1.5s"}, {"s", 0.25, "250ms"},
		{"bytes", 0, "0 B"}, {"bytes", 999, "999 B"}, {"bytes", 999.5, "1 kB"}, {"bytes", 1.2e9, "1.2 GB"}, {"bytes", -2500, "-2.5 kB"}, {"bytes", 1e30, "1e+12 EB"},
		{"bytes/s", 333.3, "333 B/s"}, {"1/s", 0.02954, "0.02954/s"}, {"1/ms", 2, "2/ms"},
		{"ratio", 0.0123456, "0.01235"}, {"count", 1234567, "1,234,567"}, {"count", -1234, "-1,234"}, {"count", 999, "999"}, {"", 1276.4, "1,276"}, {"", 123.456, "123.5"},
		{"packets", 12, "12"}, {"factor", 2.5, "×2.5"}, {"bits", 3.25, "3.25 bits"}, {"", 1e20, "1e+20"}, {"", 12345678.9, "12,345,679"},
		{"count", math.Inf(1), "+Inf"}, {"ns", math.NaN(), "NaN ns"},
	} {
		if got := readable(c.unit, &c.v); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.v, c.unit, got, c.want)
		}
	}
	if got := readable("ns", nil); got != "-" {
		t.Errorf("unknown: %q", got)
	}
}

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		s     string
		cells int
		want  int
	}{{"", 10, 1}, {"one two", 10, 1}, {"one two", 6, 2}, {"a-very-long-word b", 5, 2}, {"one two three", 1, 3}, {"日本 語", 5, 2}} {
		got := broken(c.s, c.cells)
		if len(got) != c.want {
			t.Errorf("%q in %d cells: %q", c.s, c.cells, got)
		}
	}
}
