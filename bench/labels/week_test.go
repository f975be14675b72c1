package labels_test

import (
	"testing"
	_ "time/tzdata"

	"pcapmill/bench/labels"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
)

// weeks are those that are tested: a small one, or with PCAPMILL_ACCEPT=1 whole ones.
func weeks() (list []traffic.WeekConfig) {
	cfg := traffic.DefaultWeekConfig()
	if !sharedtest.Accept() {
		cfg.Clients, cfg.Scale, cfg.Calm = 4, 0.1, 0
		return append(list, cfg)
	}
	for seed := range uint64(3) {
		cfg.Seed = 1 + seed
		list = append(list, cfg)
	}
	return list
}

// TestWeek:
func TestWeek(t *testing.T) {
	for _, cfg := range weeks() {
		w, err := labels.MakeWeek(t.TempDir(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %d flows, %d rows", cfg.Seed, len(w.Flows), len(w.Rows))
	}
}
