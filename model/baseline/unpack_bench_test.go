//go:build unix

package baseline_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"pcapmill/model/baseline"
	"pcapmill/model/baseline/baselinetest"
)

// grown returns 200 servers of a day: 24 hours, 40 features.
func grown(b *testing.B) *baseline.Baseline {
	base, err := baseline.New(baseline.DefaultConfig(), hostTable(b))
	if err != nil {
		b.Fatal(err)
	}
	grow(b, base, baselinetest.Populations()[0], 200, 1)
	return decoded(b, encoded(b, base))
}

// cpu is the time that the process had of its processors.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func measured(b *testing.B, each int, do func() error) {
	b.ReportAllocs()
	begin := cpu()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu()-begin)/float64(b.N*each), "cpu-ns/each")
}

// BenchmarkUnpack unpacks blocks one after the other.
func BenchmarkUnpack(b *testing.B) {
	base := grown(b)
	measured(b, 200, func() error { _, err := base.UnpackAll(); return err })
}

// BenchmarkGlobal makes the global profile.
func BenchmarkGlobal(b *testing.B) {
	base := grown(b)
	measured(b, 200, func() error { _, err := base.Profile(baseline.GlobalKey()); return err })
}

// BenchmarkEachHost asks for the answers of one hour.
func BenchmarkEachHost(b *testing.B) {
	base := grown(b)
	measured(b, 200, func() error {
		return base.EachHost(b.Context(), func(v *baseline.HostView) error {
			for f := range base.Table().Features {
				v.Query(f, 33)
			}
			return nil
		})
	})
}

// BenchmarkBuild adds a day of windows of 20 servers and packs them.
func BenchmarkBuild(b *testing.B) {
	var rows []baseline.Row
	for i := range 20 {
		if err := baselinetest.Populations()[0].Host(i).Rows(1, func(r *baseline.Row) error { rows = append(rows, *r); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	measured(b, len(rows), func() error {
		base, err := baseline.New(baseline.DefaultConfig(), hostTable(b))
		if err != nil {
			return err
		}
		for i := range rows {
			if err := base.Add(&rows[i]); err != nil {
				return err
			}
		}
		_, err = base.Segments(baseline.Global)
		return err
	})
}

// keyed returns 200 servers of a day with four categories of 12 keys each.
func keyed(b *testing.B) *baseline.Baseline {
	c := baseline.DefaultConfig()
	c.Categories = []string{"endpoint", "peer", "served", "service"}
	base, err := baseline.New(c, hostTable(b))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 200 {
		if err := baselinetest.Populations()[0].Host(i).Rows(1, func(r *baseline.Row) error {
			for k := range 48 {
				r.Counts = append(r.Counts, baseline.Count{Category: k % 4, Key: fmt.Sprintf("10.9.%d.%d", i, k), N: uint64(k + 1)})
			}
			return base.Add(r)
		}); err != nil {
			b.Fatal(err)
		}
	}
	return decoded(b, encoded(b, base))
}

// BenchmarkEachHostKeys goes over hosts with categories, which nobody asks for.
func BenchmarkEachHostKeys(b *testing.B) {
	base := keyed(b)
	measured(b, 200, func() error {
		return base.EachHost(b.Context(), func(*baseline.HostView) error { return nil })
	})
}

// BenchmarkCategories asks for them.
func BenchmarkCategories(b *testing.B) {
	base := keyed(b)
	measured(b, 200, func() error {
		return base.EachHost(b.Context(), func(v *baseline.HostView) error { v.Categories(); return nil })
	})
}
