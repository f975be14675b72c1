package main

import (
	"math"
	"testing"
)

func TestParseInstant(t *testing.T) {
	for text, want := range map[string]int64{
		"0":                              0,
		"1772442000":                     1772442000_000000000,
		"1772442000.5":                   1772442000_500000000,
		"1772442000.000000001":           1772442000_000000001,
		"-1":                             -1_000000000,
		"-1.25":                          -1_250000000,
		"-0.25":                          -250000000,
		"9223372036.854775807":           math.MaxInt64,
		"1772442000000000001":            1772442000_000000001,
		"17724420000000000":              17724420_000000000,
		"2026-03-02T09:00:00Z":           1772442000_000000000,
		"2026-03-02T10:00:00.25+01:00":   1772442000_250000000,
		"2026-03-02T09:00:00.123456789Z": 1772442000_123456789,
		"1969-12-31T23:59:59Z":           -1_000000000,
	} {
		if got, err := parseInstant(text); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "now", "2026-03-02", "2026-03-02T09:00:00", "2026-03-02 09:00:00", "1.2.3", "1e9", "0x10", "1.", ".5",
		"1.0000000001", "17724420001234", "9223372037", "99999999999999999999", "1500-01-01T00:00:00Z", "2300-01-01T00:00:00Z", "+5", "--5",
	} {
		if got, err := parseInstant(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}

func FuzzInstant(f *testing.F) {
	for _, s := range []string{"1772442000.5", "2026-03-02T09:00:00Z", "1772442000000000001", "-0.25"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ns, err := parseInstant(s)
		if err != nil {
			return
		}
		text, err := instant{ns, true}.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseInstant(string(text)); err != nil || again != ns {
			t.Errorf("%q is %d, printed %s, read back %d, %v", s, ns, text, again, err)
		}
	})
}
