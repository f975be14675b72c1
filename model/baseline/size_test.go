package baseline_test

import (
	"bytes"
	"os"
	"testing"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
	"pcapmill/model/baseline/baselinetest"
)

func hostTable(t failer) baseline.Table {
	table, err := baseline.TableOf(baselinetest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// grow adds a population's windows of some days.
func grow(t failer, b *baseline.Baseline, p baselinetest.Population, hosts, days int) {
	for i := range hosts {
		if err := p.Host(i).Rows(days, b.Add); err != nil {
			t.Fatal(err)
		}
	}
}

// sized returns the bytes of a baseline for each of its hosts.
func sized(t failer, b *baseline.Baseline) float64 {
	hosts, err := b.Segments(baseline.Host)
	if err != nil {
		t.Fatal(err)
	}
	return float64(len(encoded(t, b))) / float64(len(hosts))
}

// TestBytesPerHost holds the target of 2 KiB a host with 40 features: for a day of 24 full
// hours of every population, and for a week of a network with the addresses that it
// talks to. With PCAPMILL_ACCEPT the network has 20,000 hosts.
func TestBytesPerHost(t *testing.T) {
	table, scale := hostTable(t), 20
	if os.Getenv("PCAPMILL_ACCEPT") != "" {
		scale = 1
	}
	empty := func() *baseline.Baseline {
		b, err := baseline.New(baseline.Config{Hosts: 1 << 20, Precision: sketch.Coarse, Keys: 64}, table)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const most = 2048
	for _, p := range baselinetest.Populations() {
		day, week := empty(), empty()
		grow(t, day, p, 50, 1)
		grow(t, week, p, 50, 7)
		size := sized(t, day)
		t.Logf("%s: %.0f bytes for a day, %.0f for a week", p.Name, size, sized(t, week))
		if size > most {
			t.Errorf("%s: a day takes %.0f bytes", p.Name, size)
		}
	}
	network := empty()
	for i, hosts := range []int{500, 2000, 500, 17000} {
		grow(t, network, baselinetest.Populations()[i], hosts/scale, 7)
	}
	size := sized(t, network)
	t.Logf("network: %.0f bytes a host", size)
	if size > most {
		t.Errorf("a network takes %.0f bytes a host", size)
	}
	data := encoded(t, network)
	if !bytes.Equal(encoded(t, decoded(t, data)), data) {
		t.Error("written again, it is another")
	}
}
