package leak_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/datasets/leak"
	"pcapmill/datasets/leak/leaktest"
)

// promised is what a policy of leaktest promises.
func promised(m *leaktest.Made) leak.Policy {
	p := leak.Policy{Known: true}
	switch m.Policy {
	case "time":
		p.By, p.Embargo = []string{"time"}, m.Embargo
	case "host":
		p.By = []string{"src_ip", "dst_ip"}
	default:
		p.By = []string{m.Policy}
	}
	return p
}

func written(t testing.TB, m *leaktest.Made) *leak.Dataset {
	t.Helper()
	dir := t.TempDir()
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	d := &leak.Dataset{Label: "label", Policy: promised(m)}
	for i, name := range leaktest.Splits {
		d.Parts = append(d.Parts, leak.Part{Split: i, Data: filepath.Join(dir, "data", "split="+name), Keys: filepath.Join(dir, "keys", "split="+name)})
	}
	return d
}

func check(t testing.TB, d *leak.Dataset) *leak.Report {
	t.Helper()
	r, err := leak.Check(context.Background(), d, leak.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// policyOf takes the policies in turn where a leak needs none.
func policyOf(l *leaktest.Leak, seed int) string {
	if l.Policy != "" {
		return l.Policy
	}
	return leaktest.Policies[seed%len(leaktest.Policies)]
}

// TestPlantedLeaks: each kind of leak is found and named with its column, in every dataset.
func TestPlantedLeaks(t *testing.T) {
	for i := range leaktest.Leaks {
		l := &leaktest.Leaks[i]
		t.Run(l.Name, func(t *testing.T) {
			found := 0
			for seed := range *seeds {
				m := leaktest.New(*from+uint64(1000*i+seed), rows, policyOf(l, seed))
				l.Plant(m)
				r := check(t, written(t, m))
				if slices.ContainsFunc(r.Findings, func(f leak.Finding) bool {
					return f.Kind.String() == l.Kind && f.Severity >= leak.Warning && (l.Column == "" || slices.Contains(f.Columns, l.Column))
				}) {
					found++
				} else {
					t.Errorf("seed %d, split by %s: not found; there are %s", seed, m.Policy, listed(r, leak.Note))
				}
			}
			t.Logf("found in %d of %d", found, *seeds)
		})
	}
}

// The figures of docs/leakage.md are those of -seeds 20 -clean 500.
var (
	seeds = flag.Int("seeds", 2, "datasets with each planted leak, one a policy in turn")
	clean = flag.Int("clean", 16, "datasets without a leak")
	from  = flag.Uint64("from", 0, "added to every seed: datasets that nobody has seen")
)

const rows = 4000

// listed are the findings of a report from a severity on.
func listed(r *leak.Report, from leak.Severity) (all []string) {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity >= from {
			all = append(all, fmt.Sprintf("\n  %s %s %s: %s %v %s", f.Severity, f.Kind, f.Columns, f.Detail, f.Evidence, f.Examples))
		}
	}
	return all
}

// TestCleanDatasets: a dataset without a leak raises none.
func TestCleanDatasets(t *testing.T) {
	raised, notes := 0, 0
	for seed := range *clean {
		m := leaktest.New(*from+uint64(900_000+seed), rows, leaktest.Policies[seed%len(leaktest.Policies)])
		r := check(t, written(t, m))
		notes += len(r.Findings)
		if bad := listed(r, leak.Warning); bad != nil {
			raised++
			t.Errorf("seed %d, split by %s: %s", seed, m.Policy, bad)
		}
	}
	t.Logf("%d of %d raised a warning or an error; %.1f notes each", raised, *clean, float64(notes)/float64(*clean))
}
