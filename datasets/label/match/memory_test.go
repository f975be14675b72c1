package match_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
)

// TestMemory: what is held does not grow with the flows, though each has hundreds of hits.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("60,000 flows")
	}
	var rows []row
	for i := range int64(60_000) {
		rows = append(rows, tcp(i+1, "10.0.0.1", 1, "10.0.0.2", 2, i, i))
	}
	var rules []label.Rule
	for i := range 300 {
		rules = append(rules, rule(fmt.Sprint(i), "x"))
	}
	dir := write(t, rows, false)
	rows = nil
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, n := live(), uint64(0), 0
	c := match.DefaultConfig()
	c.Workers = 2
	_, err := match.Run(context.Background(), match.Input{Flows: dir, Set: set(rules)}, c, func(*match.Row) error {
		if n++; n%10_000 == 0 {
			most = max(most, live())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const allowed = 150 << 20 // five jobs of 1,024 flows with 256 hits are 75 MB, all hits 860 MB
	if most > before+allowed {
		t.Errorf("%d MB are held", (most-before)>>20)
	}
}

// TestManyHosts: a file of 300 kB can name a group of 10,000 hosts in 10,000 rules, each of which is filed.
func TestManyHosts(t *testing.T) {
	group := make(label.Hosts, 10_000)
	for i := range group {
		group[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 32)
	}
	rules := make([]label.Rule, 401)
	for i := range rules {
		rules[i] = rule(fmt.Sprint(i), "x")
		rules[i].Src = group
	}
	dir := write(t, []row{tcp(1, "10.0.0.1", 1, "10.0.0.2", 2, 0, 0)}, false)
	_, err := match.Run(context.Background(), match.Input{Flows: dir, Set: set(rules)}, match.DefaultConfig(), func(*match.Row) error { return nil })
	if !errors.Is(err, match.ErrLimit) {
		t.Error(err)
	}
}

// BenchmarkRun labels 100,000 flows with 1,000 rules of two hosts and an hour.
func BenchmarkRun(b *testing.B) {
	const flows, rules = 100_000, 1000
	host := func(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255) }
	var rows []row
	for i := range flows {
		rows = append(rows, tcp(int64(i+1), host(i%5000), int32(1024+i%60000), host(1<<20+i%777), 443, int64(i)*second, int64(i+5)*second))
	}
	s := set(nil)
	for i := range rules {
		l := rule(fmt.Sprint(i), "x")
		l.Src, l.Dst = nets(host(i*5)+"/32"), nets(host(1<<20)+"/20")
		l.Times = []label.Interval{{From: int64(i) * 100 * second, To: int64(i)*100*second + 3600*second}}
		s.Rules = append(s.Rules, l)
	}
	dir := write(b, rows, false)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		_, err := match.Run(context.Background(), match.Input{Flows: dir, Set: s}, match.DefaultConfig(), func(*match.Row) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/flows, "ns/flow")
}
