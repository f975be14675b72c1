package labels_test

import (
	"math"
	"slices"
	"testing"

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

// eachWeek makes the weeks and their tables.
func eachWeek(t *testing.T, test func(w *labels.Week)) {
	t.Helper()
	for _, cfg := range weeks() {
		w, err := labels.MakeWeek(t.TempDir(), cfg)
		if err != nil {
			t.Fatalf("seed %d: %v", cfg.Seed, err)
		}
		test(w)
	}
}

// TestWeekTables: every flow of the schedule is one row of the tables, whole and alone, and
// comparing each row with each rule says of it what the generator says of the flow.
func TestWeekTables(t *testing.T) {
	eachWeek(t, func(w *labels.Week) {
		for i := range w.Rows {
			want, got := labels.WantOf(w.Truth[i]), labels.Judge(w.Rules, &w.Rows[i])
			if got.Outcome != want.Outcome || got.Label != want.Label || !slices.Equal(got.Rules, want.Rules) || math.Abs(got.Overlap-want.Overlap) > 1e-12 {
				t.Fatalf("row %d, %+v: %+v by the rules, %+v by the generator", i, w.Rows[i], got, want)
			}
		}
	})
}
