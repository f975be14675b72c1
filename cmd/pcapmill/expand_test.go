package main

import (
	"math"
	"testing"
)

func TestExpandLimit(t *testing.T) {
	for text, want := range map[string]expandLimit{
		"1100:1":       {1100, 0},
		"1:1":          {1, 0},
		"off":          {math.MaxInt64, 0},
		"1B":           {math.MaxInt64, 1},
		"50GiB":        {math.MaxInt64, 50 << 30},
		"3MB":          {math.MaxInt64, 3_000_000},
		"2000:1,1TiB":  {2000, 1 << 40},
		"7kB,2000:1":   {2000, 7000},
		"8388607TiB":   {math.MaxInt64, 8388607 << 40},
		"9223372036GB": {math.MaxInt64, 9223372036e9},
	} {
		var got expandLimit
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
		shown, err := got.MarshalText()
		var again expandLimit
		if err != nil || again.UnmarshalText(shown) != nil || again != want {
			t.Errorf("%q: shown as %q, read back as %+v", text, shown, again)
		}
	}
	for _, bad := range []string{
		"", ",", "1100", "0:1", "-1:1", "1100:2", "1.5:1", "5:1,6:1", "1GiB,2GiB", "1GiB,", "0B", "-1B", "B", "1gib",
		"8388608TiB", "99999999999999999999:1", "off,1GiB", "Off",
	} {
		var got expandLimit
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}
