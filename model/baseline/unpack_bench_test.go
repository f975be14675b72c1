package baseline_test

import (
	"testing"

	"pcapmill/model/baseline"
)

// BenchmarkGlobal makes the global profile of 200 servers of a day: 24 hours, 40 features.
func BenchmarkGlobal(b *testing.B) {
	base, err := baseline.New(baseline.DefaultConfig(), hostTable(b))
	if err != nil {
		b.Fatal(err)
	}
	grow(b, base, populations()[0], 200, 1)
	base = decoded(b, encoded(b, base))
	b.ResetTimer()
	for b.Loop() {
		if _, err := base.Profile(baseline.GlobalKey()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200, "ns/block")
}
