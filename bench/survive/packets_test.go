package survive_test

import (
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/survive"
	"pcapmill/stages"
)

// mostPackets of a capture are damaged, so that long ones do not take all the time.
const mostPackets = 5000

// TestDamagedPackets damages the packets of reference captures, whose files stay sound:
// no panic, books that balance, and the same tables on any number of shards.
func TestDamagedPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("runs some hundred captures")
	}
	every := 89
	if sharedtest.Accept() {
		every = 1
	}
	n, ran := 0, 0
	for _, path := range captures(t) {
		if folder := filepath.ToSlash(path); !strings.Contains(folder, "/protocols/") && !strings.Contains(folder, "/dns/") && !strings.Contains(folder, "/flows/") {
			continue
		}
		var p *accuracy.Packets
		for _, d := range survive.PacketDamages(filepath.Base(path)) {
			if n++; n%every != 0 {
				continue
			}
			if p == nil {
				p, _ = accuracy.Load(path)
				p.List = p.List[:min(len(p.List), mostPackets)]
			}
			ran++
			damagedPackets(t, filepath.Base(path)+", "+d.Name, accuracy.Packets{List: d.Do(p.List), Block: 300, Interfaces: p.Interfaces})
		}
	}
	if ran < 20 {
		t.Errorf("only %d damaged captures", ran)
	}
	t.Logf("%d of %d damaged copies", ran, n)
}

func damagedPackets(t *testing.T, what string, p accuracy.Packets) {
	cfg := stages.DefaultConfig()
	cfg.MaxFlows, cfg.Streams.Total = stages.MinFlows, 1<<20
	var want accuracy.Tables
	for _, shards := range []int{1, 3} {
		in := p
		cfg.Workers = shards
		tables, r, err := accuracy.RunTables(cfg, &in)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		for _, c := range r.Failed() {
			t.Errorf("%s: %s: %s", what, c.Name, c.Detail)
		}
		if want == nil {
			want = tables
		}
		for name, table := range tables {
			if table.Hash() != want[name].Hash() {
				t.Errorf("%s: %s on %d shards is another table", what, name, shards)
			}
		}
	}
}
