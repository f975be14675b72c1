package accuracy_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	records "pcapmill/features/record"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// betweenWhom returns what is the same of all packets between two ends, their addresses
// and ports in one order, and nothing for what has no ports. Frames are plain Ethernet.
func betweenWhom(frame []byte) string {
	size, from, ports, protocol := 4, 26, 14+20, frame[23]
	if binary.BigEndian.Uint16(frame[12:]) == 0x86dd {
		size, from, ports, protocol = 16, 22, 14+40, frame[20]
	}
	if protocol != packet.ProtoTCP && protocol != packet.ProtoUDP {
		return ""
	}
	src := string(frame[from:from+size]) + string(frame[ports:ports+2])
	dst := string(frame[from+size:from+2*size]) + string(frame[ports+2:ports+4])
	return min(src, dst) + max(src, dst)
}

// damaged returns a frame of which some bytes behind its headers are others.
func damaged(rng *rand.Rand, frame []byte) []byte {
	const headers = 14 + 40 + 20
	frame = slices.Clone(frame)
	for range 1 + rng.IntN(3) {
		if len(frame) > headers {
			frame[headers+rng.IntN(len(frame)-headers)] = []byte{0, 1, 0x80, 0xff, byte(rng.Uint32())}[rng.IntN(5)]
		}
	}
	return frame
}

// rough makes a mix of all protocols, in which some packets are damaged and some are
// missing, and returns the packets of each pair of ends besides.
func rough(t *testing.T, share float64) (all *accuracy.Packets, pairs map[string][]accuracy.Packet) {
	o, err := traffic.DefaultOptions("mixed")
	if err != nil {
		t.Fatal(err)
	}
	o = o.Times(share)
	w := &collector{}
	if _, err := traffic.Generate("mixed", writer(w.keep), o); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	all, pairs = &accuracy.Packets{Block: 500}, map[string][]accuracy.Packet{}
	for _, p := range w.list {
		of, luck := betweenWhom(p.Data), rng.IntN(40)
		if of == "" || luck == 0 {
			continue
		}
		if luck < 3 {
			p.Data = damaged(rng, p.Data)
		}
		all.List = append(all.List, p)
		pairs[of] = append(pairs[of], p)
	}
	return all, pairs
}

// whatFlowsSay returns the rows of each flow, without the places of their packets in the capture
// and without names, which come from other flows.
func whatFlowsSay(tables accuracy.Tables) map[int64]string {
	said := map[int64]*strings.Builder{}
	add := func(name string, columns []string) {
		table := tables[name]
		for row := range table.Rows {
			id := table.Int("flow_id", row)
			if said[id] == nil {
				said[id] = new(strings.Builder)
			}
			for _, c := range columns {
				fmt.Fprintf(said[id], "%s.%s=%s\n", name, c, table.Show(c, row))
			}
		}
	}
	add("flows", slices.DeleteFunc(spoken(), func(c string) bool { return c == "dns_name" }))
	for _, name := range records.Names() {
		var columns []string
		for _, c := range tables[name].Schema.Columns {
			if !slices.Contains([]string{"capture_id", "packet_index", "request_capture_id", "request_packet_index"}, c.Name) {
				columns = append(columns, c.Name)
			}
		}
		add(name, columns)
	}
	texts := map[int64]string{}
	for id, b := range said {
		texts[id] = b.String()
	}
	return texts
}

// TestFlowsSayTheSameAlone: flows that take over memory from those before them say what
// they say in a run of their own.
func TestFlowsSayTheSameAlone(t *testing.T) {
	all, pairs := rough(t, 0.004)
	cfg := everything()
	cfg.Reorder, cfg.Secrets = 0, true
	cfg.Timeouts = stages.Timeouts{TCPIdle: 5 * time.Second, TCPClosed: time.Second, UDPIdle: time.Second, OtherIdle: time.Second, Active: 3 * time.Second}
	for _, workers := range []int{1, 3} {
		cfg.Workers = workers
		together := whatFlowsSay(tablesOf(t, cfg, all))
		t.Logf("%d workers: %d flows of %d pairs", workers, len(together), len(pairs))
		cfg.Workers = 1
		compared := 0
		for _, list := range pairs {
			for id, alone := range whatFlowsSay(tablesOf(t, cfg, &accuracy.Packets{List: list})) {
				if compared++; alone != together[id] {
					t.Errorf("flow %d: %s", id, firstDifference(alone, together[id]))
				}
			}
		}
		if compared != len(together) || compared < 500 {
			t.Errorf("%d flows alone, %d together", compared, len(together))
		}
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("%s, together %s", x[i], y[i])
		}
	}
	return fmt.Sprintf("%d lines, together %d", len(x), len(y))
}
