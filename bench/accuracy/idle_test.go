//go:build !nounsafe

package accuracy_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/features/window"
	"pcapmill/stages"
)

// TestIdleYear: a year in which nothing comes but watermarks has no more rows than a silence of
// MaxEmpty ticks, however short ticks and windows are, and is over at once: live, offline, and
// whatever flows are open.
func TestIdleYear(t *testing.T) {
	a, b := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:53")
	const year = 365 * 24 * time.Hour
	list := packets(at(0, datagram(a, b)))
	for d := time.Duration(0); d < year; d += 30 * time.Minute {
		list = append(list, comes(d))
	}
	list = append(list, packets(at(year, datagram(b, a)))...)
	for _, long := range []bool{false, true} {
		cfg := everything()
		cfg.Tick, cfg.Window, cfg.Hop, cfg.Timeouts.Active = time.Millisecond, 2*time.Second, time.Second, 0
		flows := 2
		if long {
			cfg.Timeouts.UDPIdle = 2 * year
			flows = 1
		}
		var parts []stages.Input
		for i := 0; i < len(list); i += 4000 {
			parts = append(parts, timeline{list[i:min(i+4000, len(list))], 10})
		}
		want, run, err := accuracy.RunTables(cfg, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if n := want["slots"].Rows; n != window.MaxEmpty+3 {
			t.Errorf("%d slots, want those of two packets, %d empty ones, and one of the rest", n, window.MaxEmpty)
		}
		if n := want["flows"].Rows; n != flows {
			t.Errorf("%d flows, want %d", n, flows)
		}
		if n := want["hosts"].Rows; n != 8 {
			t.Errorf("%d rows of hosts, want those of two in two windows each, twice", n)
		}
		if err := compareFed(want, run, resumed(t, rand.New(rand.NewPCG(1, 1)), cfg, parts)); err != nil {
			t.Error(err)
		}
	}
}
