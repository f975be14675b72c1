package source

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMomentsHaveTheirInstants: an instant that a person writes down by the clocks of a zone lies
// between the begin and the end of what was written, however coarse it is, on days when clocks
// change too.
func TestMomentsHaveTheirInstants(t *testing.T) {
	zones := []string{"UTC", "America/New_York", "Europe/Prague", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "-03:30"}
	layouts := map[string]time.Duration{"2006-01-02 15:04": time.Minute, "2006-01-02 15:04:05": time.Second, "2006-01-02 15:04:05.000": time.Millisecond, "2006-01-02": day, "2006-01-02T15:04:05.000000000Z07:00": 1}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := ParseZone(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		text := rapid.SampledFrom([]string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04:05.000", "2006-01-02", "2006-01-02T15:04:05.000000000Z07:00"}).Draw(t, "layout")
		start := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		at := time.Unix(start+rapid.Int64Range(0, 3*366*24*3600).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).In(zone)
		if _, change := at.ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "about a change of clocks") {
			at = change.Add(time.Duration(rapid.Int64Range(-int64(3*time.Hour), int64(3*time.Hour)).Draw(t, "from it")))
		}
		m, err := parseMoment(at.Format(text))
		if err != nil {
			t.Fatal(err)
		}
		clocks := times{zone: zone}
		from, err := clocks.begin(m)
		if err != nil {
			t.Fatal(err)
		}
		until, err := clocks.end(m)
		if err != nil || m.unit != layouts[text] {
			t.Fatal(m, err)
		}
		if ns := at.UnixNano(); ns < from || ns >= until || time.Duration(until-from) > m.unit+2*time.Hour {
			t.Errorf("%s in %s is %d to %d, and %d is not in it", at.Format(text), zone, from, until, ns)
		}
	})
}

// TestParseZone tells zones, and what is none.
func TestParseZone(t *testing.T) {
	for s, want := range map[string]int{"UTC": 0, "Z": 0, "+05:45": 20700, "-0330": -12600, "+02": 7200, "Etc/GMT+3": -10800} {
		zone, err := ParseZone(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if _, offset := time.Unix(0, 0).In(zone).Zone(); offset != want {
			t.Errorf("%s is %d s ahead of UTC, want %d", s, offset, want)
		}
	}
	for _, s := range []string{"", "Local", "Mars", "+25:00", "+1", "../etc/passwd", "UTC\n"} {
		if zone, err := ParseZone(s); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, %v", s, zone, err)
		}
	}
}

func TestLayouts(t *testing.T) {
	for text, want := range map[string]layout{
		"02/01/2006 15:04:05":       {dated: true, unit: time.Second},
		"2/1/2006 3:04 PM":          {dated: true, unit: time.Minute},
		"Jan _2 2006 15:04:05Z0700": {dated: true, zoned: true, unit: time.Second},
		"15:04":                     {unit: time.Minute},
		"Monday-02-01-2006":         {dated: true, unit: time.Hour},
		"2006-01 15:04":             {unit: time.Minute},
		"nonsense":                  {unit: time.Hour},
	} {
		if want.text = text; newLayout(text) != want {
			t.Errorf("%q: %+v, want %+v", text, newLayout(text), want)
		}
	}
	l := newLayout("02.01.2006 15:04:05")
	m, err := l.parse("05.07.2017 10:11:12,25")
	if err != nil || m.unit != 10*time.Millisecond || m.wall != time.Date(2017, 7, 5, 10, 11, 12, 250_000_000, time.UTC) {
		t.Errorf("%+v %v", m, err)
	}
}

// TestSplitCSV holds it to encoding/csv, over rows on one line.
func TestSplitCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.SampledFrom([]byte(",;\t|")).Draw(t, "comma")
		want := rapid.SliceOfN(rapid.StringMatching(`[a",;|\t é]{0,6}`), 1, 6).Draw(t, "cells")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = rune(comma)
		if err := w.Write(want); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		got, err := splitCSV(strings.TrimSuffix(b.String(), "\n"), comma, nil)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q %v, want %q", b.String(), got, err, want)
		}
	})
	for _, row := range []string{`"a`, `"a"b`, `a,"b""`} {
		if got, err := splitCSV(row, ',', nil); err == nil {
			t.Errorf("%q: %q", row, got)
		}
	}
}
