package accuracy_test

import (
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
)

// parts are the streams of one tuple, by their start, the tuple's first end in
// front.
type parts struct {
	starts  []int64
	counts  []counts
	reused  int   // rows that ended because a new connection began
	quality int64 // union of quality_bits
	inner   bool  // within a tunnel: frames are no longer what other tools call so
}

func (p *parts) add(start int64, c counts, swapped bool) {
	i, _ := slices.BinarySearch(p.starts, start+1)
	p.starts = slices.Insert(p.starts, i, start)
	p.counts = slices.Insert(p.counts, i, counts{})
	p.counts[i].add(c, swapped)
}

func (p *parts) sum() (total counts) {
	for _, c := range p.counts {
		total.add(c, false)
	}
	return total
}

// withoutFrames leaves the frame bytes out.
func (p *parts) withoutFrames() *parts {
	q := *p
	q.counts = slices.Clone(p.counts)
	for i := range q.counts {
		q.counts[i][1] = [2]int64{}
	}
	return &q
}

// ourParts groups the rows by tuple.
func ourParts(table *accuracy.Table) map[tuple]*parts {
	all := map[tuple]*parts{}
	for i := range table.Rows {
		if table.Null("src_port", i) || table.Int("protocol", i) == packet.ProtoSCTP {
			continue
		}
		k, swapped := rowTuple(table, i)
		if all[k] == nil {
			all[k] = &parts{}
		}
		all[k].add(table.Int("start_ns", i), rowCounts(table, i), swapped)
		all[k].inner = all[k].inner || table.Int("tunnel_depth", i) > 0
		all[k].quality |= table.Int("quality_bits", i)
		if table.Text("end_reason", i) == "ports_reused" {
			all[k].reused++
		}
	}
	return all
}

// streamRule says why tshark and pcapmill cut the packets of a tuple differently
// into streams, given that the packets are the same.
func streamRule(k tuple, ours, theirs *parts) string {
	switch {
	case packet.Quality(ours.quality)&packet.NoTimestamp != 0:
		return "packets without a time"
	case k.proto == "udp" && len(theirs.counts) > len(ours.counts):
		return "UDP stream set up by another protocol"
	case k.proto == "tcp" && len(ours.counts) > len(theirs.counts) && ours.reused == len(ours.counts)-1:
		return "SYN with the old number after FIN or RST, or SYN+ACK with another"
	}
	return ""
}

// TestStreams compares each TCP and UDP stream of tshark with our rows, under
// timeouts that cut nothing. Tuples whose packets differ altogether are left to
// TestTuples.
func TestStreams(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "conversations.tsv.gz")
	equal, by := 0, map[string]int{}
	for i, c := range captures(t) {
		if !sampled(i, 29) || len(truth[c["capture"]]) == 0 {
			continue
		}
		cfg := uncut()
		cfg.Reorder = 0 // tshark takes packets as they stand in the file
		table, _ := mustRun(t, cfg, accuracy.File(capturePath(t, c["capture"])))
		ours, theirs := ourParts(table), map[tuple]*parts{}
		for _, r := range truth[c["capture"]] {
			k, swapped := truthTuple(r)
			if theirs[k] == nil {
				theirs[k] = &parts{}
			}
			theirs[k].add(r.int("first_ns"), truthCounts(r), swapped)
		}
		for k, want := range theirs {
			got := ours[k]
			if got != nil && got.inner {
				got, want = got.withoutFrames(), want.withoutFrames()
			}
			switch {
			case got == nil || got.sum() != want.sum():
			case slices.Equal(got.counts, want.counts):
				equal += len(want.counts)
			default:
				rule := streamRule(k, got, want)
				by[rule]++
				if rule == "" {
					t.Errorf("unexplained: %s %v: got %v, want %v", c["capture"], k, got.counts, want.counts)
				}
			}
		}
	}
	t.Logf("%d streams equal; tuples cut differently: %v", equal, by)
	floor(t, equal, 21574)
}
