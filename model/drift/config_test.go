package drift_test

import (
	"math"
	"testing"

	"pcapmill/model/drift"
)

func TestConfig(t *testing.T) {
	if err := drift.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*drift.Config){
		"bands that fall":  func(c *drift.Config) { c.Index[2] = 1 },
		"bands of nothing": func(c *drift.Config) { c.PSI = drift.Bands{} },
		"NaN":              func(c *drift.Config) { c.Effect[0] = math.NaN() },
		"rate":             func(c *drift.Config) { c.FalseRate = 1 },
		"bins":             func(c *drift.Config) { c.Bins = 1 },
		"draws":            func(c *drift.Config) { c.Draws.Most = 10 },
		"no items":         func(c *drift.Config) { c.MostItems = 0 },
	} {
		c := drift.DefaultConfig()
		if change(&c); c.Validate() == nil {
			t.Errorf("%s passes", what)
		}
	}
}

// TestBandsOfNetDNA: each begins at its bound, and 4.31 is high.
func TestBandsOfNetDNA(t *testing.T) {
	for index, want := range map[float64]drift.Severity{
		0: drift.None, 1.999: drift.None, 2: drift.Low, 3: drift.Medium, 4: drift.High, 4.31: drift.High, 5: drift.Critical, 20: drift.Critical,
	} {
		if got := drift.DefaultConfig().Index.Of(index); got != want {
			t.Errorf("%v is %v, not %v", index, got, want)
		}
	}
	for s := drift.None; s <= drift.Critical; s++ {
		text, _ := s.MarshalText()
		var back drift.Severity
		if err := back.UnmarshalText(text); err != nil || back != s || s.Action() == "" {
			t.Error(s, err)
		}
	}
	if _, err := drift.ParseSeverity("dire"); err == nil {
		t.Error("no such severity")
	}
}
