package watch

import (
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"pcapmill/model/drift"
	"pcapmill/model/windows"
)

// TestLacked: what segments lack adds up. What the kernel dropped is known where one segment knows.
func TestLacked(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	one := &kept{Commit: Commit{First: 100, Last: 400, Lacks: Lacks{Packets: 1, Malformed: 2, EvictedFlows: 3, StreamBytes: 4, GapBytes: 5, Damaged: true}}}
	two := &kept{Commit: Commit{First: 500, Last: 501, Lacks: Lacks{Packets: 10, Malformed: 20, Dropped: n(60), EvictedFlows: 30, StreamBytes: 40, GapBytes: 50}}}
	three := &kept{Commit: Commit{First: 9, Last: 2, Lacks: Lacks{Dropped: n(600), Damaged: true}}} // without packets
	for name, c := range map[string]struct {
		of   []*kept
		want windows.Recorded
	}{
		"nothing": {nil, windows.Recorded{}},
		"one":     {[]*kept{one}, windows.Recorded{Inputs: 1, Cut: 1, Packets: 1, Malformed: 2, EvictedFlows: 3, StreamBytes: 4, GapBytes: 5, CoveredNs: 300}},
		"three": {[]*kept{one, two, three}, windows.Recorded{
			Inputs: 3, Cut: 2, Packets: 11, Malformed: 22, Dropped: n(660), EvictedFlows: 33, StreamBytes: 44, GapBytes: 55, CoveredNs: 301,
		}},
	} {
		if got := lacked(c.of); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, *got, c.want)
		}
	}
	if *two.Lacks.Dropped != 60 {
		t.Error("a sum changed what was summed")
	}
}

// TestCovers: a segment covers a stretch in which it has time, and has windows within one where they begin in it.
func TestCovers(t *testing.T) {
	k := &kept{Commit: Commit{First: 100, Last: 200, Clock: 1}, Windows: []window{{Start: 100}, {Start: 150}}}
	for stretch, want := range map[[2]int64][2]bool{
		{0, 100}: {false, false}, {0, 101}: {true, true}, {100, 150}: {true, true}, {101, 150}: {true, false}, {150, 160}: {true, true}, {199, 300}: {true, false}, {200, 300}: {false, false},
	} {
		if got := [2]bool{k.covers(stretch[0], stretch[1]), k.within(stretch[0], stretch[1])}; got != want {
			t.Errorf("%v: covers and within are %v, want %v", stretch, got, want)
		}
	}
	if k.Clock = 0; k.covers(0, 1000) { // it had no packets
		t.Error("a segment without a clock covers time")
	}
}

// TestValidPaths: parts are inside of OUT, written in the plain way.
func TestValidPaths(t *testing.T) {
	for path, want := range map[string]bool{
		"hosts/a.parquet": true, "a": true, "..a": true, "": false, "/a": false, "..": false, "../a": false, "a/../b": false, "a//b": false, "./a": false, "a/": false,
	} {
		if got := (&Commit{Parts: []Part{{Path: "fine"}, {Path: path}}}).valid(); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

// TestFiles are those of a table that have rows.
func TestFiles(t *testing.T) {
	c := Commit{Parts: []Part{{"hosts", "h/1", 1}, {"hosts", "h/2", 0}, {"pairs", "p/1", 5}, {"hosts", "h/3", 2}}}
	if got := c.files("out", "hosts"); !slices.Equal(got, []string{filepath.Join("out", "h", "1"), filepath.Join("out", "h", "3")}) {
		t.Error(got)
	}
}

// TestConfigRefused: values on both sides of what can be.
func TestConfigRefused(t *testing.T) {
	good := func(change func(c *Config)) *Config {
		c := DefaultConfig()
		c.Out = "out"
		change(&c)
		return &c
	}
	for name, c := range map[string]struct {
		config *Config
		ok     bool
	}{
		"defaults":              {good(func(*Config) {}), true},
		"nothing is covered":    {good(func(c *Config) { c.Covered = 0 }), true},
		"all is covered":        {good(func(c *Config) { c.Covered = 1 }), true},
		"no waiting":            {good(func(c *Config) { c.Period, c.Late, c.Life = 0, 0, 0 }), true},
		"three windows":         {good(func(c *Config) { c.Together = 3 * c.Window }), true},
		"no folder":             {good(func(c *Config) { c.Out = "" }), false},
		"less than nothing":     {good(func(c *Config) { c.Covered = -0.01 }), false},
		"more than all":         {good(func(c *Config) { c.Covered = 1.01 }), false},
		"no share":              {good(func(c *Config) { c.Covered = math.NaN() }), false},
		"alerts of everything":  {good(func(c *Config) { c.From = drift.None }), false},
		"period below 0":        {good(func(c *Config) { c.Period = -1 }), false},
		"late below 0":          {good(func(c *Config) { c.Late = -1 }), false},
		"life below 0":          {good(func(c *Config) { c.Life = -1 }), false},
		"no window":             {good(func(c *Config) { c.Window = 0 }), false},
		"a window and a half":   {good(func(c *Config) { c.Together = c.Window * 3 / 2 }), false},
		"less than a window":    {good(func(c *Config) { c.Together = -c.Window }), false},
		"a baseline's mistakes": {good(func(c *Config) { c.Drift.MostItems = 0 }), false},
		"rules without memory":  {good(func(c *Config) { c.Engine.Memory = 0 }), false},
	} {
		if err := c.config.Validate(); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestStretch: windows are judged an hour together, or the least number of them that is as long.
func TestStretch(t *testing.T) {
	for window, want := range map[time.Duration]time.Duration{
		10 * time.Minute: time.Hour, 7 * time.Minute: 63 * time.Minute, time.Hour: time.Hour, 2 * time.Hour: 2 * time.Hour, 59 * time.Minute: 118 * time.Minute,
	} {
		if got := (&Config{Window: window}).Stretch(); got != want {
			t.Errorf("windows of %v are judged %v together, want %v", window, got, want)
		}
	}
	if got := (&Config{Window: time.Minute, Together: 5 * time.Minute}).Stretch(); got != 5*time.Minute {
		t.Error(got)
	}
}
