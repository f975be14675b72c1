package live

import (
	"math/rand/v2"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/stages"
	"pcapmill/stages/stream"
)

// among returns one of a list.
func among[T any](rng *rand.Rand, list ...T) T { return list[rng.IntN(len(list))] }

// some returns a part of a list, never nothing; one of four is all of it.
func some(rng *rand.Rand, list []string) (part []string) {
	for _, s := range list {
		if rng.IntN(2) == 0 {
			part = append(part, s)
		}
	}
	if len(part) == 0 || rng.IntN(4) == 0 {
		return list
	}
	return part
}

// randomOptions draws what `live analyse` and `run` make of packets. Half of the settings are
// the usual ones, so that odd ones meet.
func randomOptions(rng *rand.Rand, r *seen) job.Options {
	o := job.DefaultOptions()
	s := &o.Stages
	s.Workers = 1 + rng.IntN(4)
	for _, draw := range []func(){
		func() { s.Features = some(rng, flow.GroupNames()) },
		func() { s.Features = []string{"all"} },
		func() { s.Records = among(rng, []string{"none"}, some(rng, record.Names())) },
		func() { s.Windows = among(rng, []string{"none"}, some(rng, window.Names())) },
		func() { s.Errors = false },
		func() {
			s.Tick = among(rng, 70*time.Millisecond, time.Second, 7*time.Minute, 24*time.Hour)
		},
		func() { drawWindow(rng, s) },
		func() { drawTimeouts(rng, &s.Timeouts) },
		func() { s.Timeouts.Zeek = true },
		func() { s.Reorder = among(rng, 0, time.Microsecond, time.Second, time.Minute, time.Hour) },
		func() { drawFragments(rng, s) },
		func() {
			s.Duplicates = stages.Duplicates{
				Mode: among(rng, stages.DuplicatesMark, stages.DuplicatesDrop), Window: among(rng, 0, time.Millisecond, time.Minute),
				Key: among(rng, stages.DuplicateByIP, stages.DuplicateByVLAN, stages.DuplicateByFrame, stages.DuplicateByInner),
			}
		},
		func() {
			s.Filter = stages.Filter{Expr: among(rng, "tcp", "udp or arp", "not port 53", "ip6", "greater 200"), Inside: rng.IntN(2) == 0}
		},
		func() { drawRange(rng, s, r) },
		func() { s.Addresses = among(rng, flow.AddrBinary, flow.AddrBoth) },
		func() { s.Tunnels = rng.IntN(stages.MaxTunnelDepth + 1) },
		func() { s.Key = stages.KeyParts{VLAN: rng.IntN(2) == 0, Tunnel: rng.IntN(2) == 0} },
		func() {
			s.Flow.PayloadBytes, s.First = rng.IntN(flow.MaxPayloadBytes+1), 1+rng.IntN(flow.MaxFirstPackets)
		},
		func() { s.Checksums = false },
		func() { s.Secrets = true },
		func() { s.Streams.Bytes, s.Streams.Overlap = among(rng, int64(1), 100, 1<<20), stream.LastWins },
		func() {
			s.Streams.Total, s.Streams.Buffer = among(rng, int64(0), 4<<10, 64<<10, 1<<20), among(rng, int64(0), 8<<10, 1<<20)
		},
		func() { o.Memory = among(rng, int64(0), 160<<20, 256<<20) },
		func() { o.Input.Capfile.Salvage = true },
		func() { o.Format = "jsonl" },
		func() { o.Parquet.RowGroupRows, o.Parquet.PartRows = among(rng, 50, 1000), among(rng, 200, 1000000) },
	} {
		if rng.IntN(4) == 0 {
			draw()
		}
	}
	return o
}

// drawWindow draws windows of all kinds.
func drawWindow(rng *rand.Rand, s *stages.Config) {
	w := among(rng, [2]time.Duration{time.Second}, [2]time.Duration{4 * time.Second, time.Second}, [2]time.Duration{time.Hour, 20 * time.Minute}, [2]time.Duration{31 * 24 * time.Hour})
	s.Window, s.Hop = w[0], w[1]
}

func drawTimeouts(rng *rand.Rand, t *stages.Timeouts) {
	draw := func() time.Duration {
		return among(rng, 1, time.Millisecond, time.Second, time.Minute, 90*time.Minute, 10*365*24*time.Hour)
	}
	t.TCPIdle, t.TCPClosed, t.UDPIdle, t.OtherIdle, t.Active = draw(), draw(), draw(), draw(), draw()
}

func drawFragments(rng *rand.Rand, s *stages.Config) {
	f := &s.Fragments
	f.Datagrams, f.Bytes = among(rng, 1, 2, 100), among(rng, int64(128<<10), 1<<20)
	f.IPv4, f.IPv6 = among(rng, 1, time.Second, 24*time.Hour), among(rng, time.Millisecond, time.Minute)
}

// drawRange leaves out packets of the begin or the end.
func drawRange(rng *rand.Rand, s *stages.Config, r *seen) {
	if len(r.list) < 2 {
		return
	}
	if from, to := r.list[rng.IntN(len(r.list))].at, r.list[rng.IntN(len(r.list))].at; from < to {
		s.From, s.To = from, to
	} else if rng.IntN(2) == 0 {
		s.From = from
	} else if to > 0 {
		s.To = to
	}
}
