package baseline_test

import (
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

func measured(b *testing.B, blocks int, do func() error) {
	b.ReportAllocs()
	begin := cpu()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu()-begin)/float64(b.N*blocks), "cpu-ns/block")
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
