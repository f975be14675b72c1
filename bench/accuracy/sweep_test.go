package accuracy_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// readRule says why we read another number of packets than the independent
// reader behind captures.tsv.
func readRule(c record, in *stages.InputSummary) string {
	switch {
	case strings.HasSuffix(c["capture"], "/gz_in_gz.pcap.gz"):
		return "compressed twice: the independent reader removes one layer"
	case strings.Contains(c["reader_error"], "truncated compressed stream"):
		return "what was read before a damaged compressed stream ends is kept"
	case strings.Contains(c["reader_error"], "packet for an unknown interface"):
		return "a packet of an unknown interface is left out and reading goes on"
	}
	return ""
}

// TestEveryCapture runs every capture: no panic, books that balance, batches that
// keep their promises, and as many packets as the truth says.
func TestEveryCapture(t *testing.T) {
	equal, by := 0, map[string]int{}
	for i, c := range captures(t) {
		if !sampled(i, 29) {
			continue
		}
		table, r := mustRun(t, everything(), accuracy.File(capturePath(t, c["capture"])))
		in := &r.Inputs[0]
		if in.Err == nil && in.Rejected {
			t.Errorf("%s: rejected without a reason", c["capture"])
		}
		if got := sumOuter(table, "fwd_packets", "rev_packets"); got != r.Accounting.By[packet.InFlow].Packets {
			t.Errorf("%s: rows hold %d packets of %d in flows", c["capture"], got, r.Accounting.By[packet.InFlow].Packets)
		}
		if got := sumOuter(table, "fwd_wire_bytes", "rev_wire_bytes"); got != r.Accounting.By[packet.InFlow].WireBytes {
			t.Errorf("%s: rows hold %d bytes of %d in flows", c["capture"], got, r.Accounting.By[packet.InFlow].WireBytes)
		}
		if got := r.Accounting.Read.Packets; got != c.int("packets") {
			rule := readRule(c, in)
			by[rule]++
			if rule == "" {
				t.Errorf("%s: read %d packets, want %s: %v", c["capture"], got, c["packets"], in.Err)
			}
			continue
		}
		equal++
	}
	t.Logf("%d captures with the packets of the truth, %v", equal, by)
	floor(t, equal, 1649)
}

// TestDamagedCaptures runs captures with bytes changed, packets cut and wire
// lengths lying: nothing may panic, and the books must balance.
func TestDamagedCaptures(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	loadSample(t, 60, func(t *testing.T, c record, p *accuracy.Packets) {
		damaged := *p
		damaged.List = slices.Clone(p.List)
		for i := range damaged.List {
			damage(rng, &damaged.List[i])
		}
		for _, zeek := range []bool{false, true} {
			cfg := everything()
			cfg.Workers, cfg.Timeouts.Zeek = 2, zeek
			mustRun(t, cfg, &damaged)
		}
	})
}

// damage changes a packet in one of several ways, or not at all.
func damage(rng *rand.Rand, p *accuracy.Packet) {
	switch rng.IntN(6) {
	case 0:
		p.Data = slices.Clone(p.Data)
		for range 1 + rng.IntN(8) {
			if n := min(len(p.Data), 80); n > 0 {
				p.Data[rng.IntN(n)] = byte(rng.Uint32())
			}
		}
	case 1:
		p.Data = p.Data[:rng.IntN(len(p.Data)+1)]
	case 2:
		p.Wire = rng.Uint32() >> rng.IntN(32)
	case 3:
		p.Time = int64(rng.Uint64())
	}
}

// TestRetransmissions counts in how many streams we see as many retransmissions
// as tshark. The definitions differ, so this is a figure with a floor, not an
// equality: tshark tells by time and acknowledgements what we tell by sequence
// numbers alone, and leaves out what it takes for spurious or fast.
func TestRetransmissions(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "tuples.tsv.gz")
	streams, equal, clean, cleanBoth := 0, 0, 0, 0
	for i, c := range captures(t) {
		if !sampled(i, 29) || len(truth[c["capture"]]) == 0 {
			continue
		}
		table, _ := mustRun(t, uncut(), accuracy.File(capturePath(t, c["capture"])))
		ours := map[tuple]int64{}
		for i := range table.Rows {
			if table.Int("protocol", i) == packet.ProtoTCP && !table.Null("src_port", i) {
				k, _ := rowTuple(table, i)
				ours[k] += sum1(table, i, "fwd_retransmitted_packets", "rev_retransmitted_packets")
			}
		}
		for _, r := range truth[c["capture"]] {
			k, _ := truthTuple(r)
			n, ok := ours[k]
			if !ok || r["proto"] != "tcp" {
				continue
			}
			streams++
			if n == r.int("retrans") {
				equal++
			}
			if r.int("retrans")+r.int("out_of_order")+r.int("lost_segment") == 0 {
				clean++
				if n == 0 {
					cleanBoth++
				}
			}
		}
	}
	t.Logf("%d of %d streams with equal numbers of retransmissions; of %d that tshark calls clean, %d are", equal, streams, clean, cleanBoth)
	if equal*100 < streams*95 || cleanBoth*100 < clean*98 {
		t.Error("fewer than 95 % equal, or than 98 % of the clean ones")
	}
}
