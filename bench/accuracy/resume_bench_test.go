//go:build !nounsafe

package accuracy_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/measure"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
	"pcapmill/stages/checkpoint"
)

// openFlows is how many flows the sessions of benchmarks have open.
const openFlows = 200_000

// unanswered are flows from number first on that wait for an answer, each the next of a
// step of others: HTTP requests, and DNS questions in one of four.
func unanswered(first, step, n int, at time.Duration, again string) *accuracy.Packets {
	p := &accuracy.Packets{Block: 1000}
	server, resolver := netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("192.0.2.53:53")
	for i := range n {
		k := first + i*step
		client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(k >> 16), byte(k >> 8), byte(k)}), 40000)
		now := base + int64(at) + int64(i)*1000
		add := func(frame []byte) { p.List = append(p.List, accuracy.Whole(now, frame)) }
		if k%4 == 0 {
			add(traffic.UDP(client, resolver, traffic.DNS(uint16(k), []string{fmt.Sprintf("host-%d%s", k, again), "example", "org"}, false)))
			continue
		}
		request := []byte(fmt.Sprintf("GET /page/%d%s HTTP/1.1\r\nHost: www-%d.example.org\r\nUser-Agent: browser/1.0\r\n\r\n", k, again, k%1000))
		if again == "" {
			add(traffic.TCP(client, server, packet.SYN, 100, 0, 1000, nil))
			add(traffic.TCP(server, client, packet.SYN|packet.ACK, 500, 101, 1000, nil))
			add(traffic.TCP(client, server, packet.ACK, 101, 501, 1000, request))
		} else {
			add(traffic.TCP(client, server, packet.ACK, 101+uint32(len(request)-len(again)), 501, 1000, request))
		}
	}
	return p
}

// fullSession is a session with openFlows flows, records and windows.
func fullSession(b *testing.B) *stages.Session {
	b.Helper()
	cfg := stages.DefaultConfig()
	cfg.Workers = 1
	cfg.Timeouts.UDPIdle = 5 * time.Minute
	cfg.Streams.Total = 2 << 30
	s, err := stages.NewSession(cfg)
	if err != nil {
		b.Fatal(err)
	}
	feedMore(b, s, unanswered(0, 1, openFlows, 0, ""))
	return s
}

func feedMore(b *testing.B, s *stages.Session, p *accuracy.Packets) {
	b.Helper()
	r, err := s.Feed(context.Background(), []stages.Input{p}, accuracy.Tables{}, new(stages.Progress))
	if err != nil {
		b.Fatal(err)
	}
	if r.Open < openFlows*95/100 { // the last packets wait in the window
		b.Fatalf("%d flows are open", r.Open)
	}
}

// counted counts what is written.
type counted struct{ n int64 }

func (c *counted) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// cpu reports the processor time that an operation takes, on all processors.
func cpu(b *testing.B, do func()) {
	before, _ := measure.Usage()
	do()
	after, _ := measure.Usage()
	b.ReportMetric((after-before)/float64(b.N), "cpu-s/op")
}

// BenchmarkSave is the encoding of a session alone.
func BenchmarkSave(b *testing.B) {
	s := fullSession(b)
	cpu(b, func() {
		for b.Loop() {
			var w counted
			if err := s.Save(&w); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(w.n)
		}
	})
}

// BenchmarkCheckpoint writes a session to a folder: whole, and after some of its flows had
// another packet.
func BenchmarkCheckpoint(b *testing.B) {
	for _, c := range []struct {
		name string
		step int // one flow of so many
	}{{"whole", 0}, {"same", openFlows}, {"1 in 100", 100}, {"1 in 5", 5}, {"first 1 in 100", 1}} {
		b.Run(c.name, func(b *testing.B) {
			s := fullSession(b)
			store, err := checkpoint.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			var ref checkpoint.Ref
			number, spent := int64(0), 0.0
			for b.Loop() {
				b.StopTimer()
				if c.step > 0 {
					if number == 0 {
						ref = writeState(b, store, number, s)
						number++
					}
					n := openFlows / c.step
					if c.step == 1 {
						n = openFlows / 100
					}
					feedMore(b, s, unanswered(0, c.step, n, time.Duration(number)*time.Second, "x"))
				} else if store, err = checkpoint.Open(b.TempDir()); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				before, _ := measure.Usage()
				ref = writeState(b, store, number, s)
				after, _ := measure.Usage()
				spent += after - before
				number++
			}
			b.ReportMetric(spent/float64(b.N), "cpu-s/op")
			b.SetBytes(ref.Bytes)
			b.ReportMetric(float64(ref.Written)/(1<<20), "MiB-written")
			b.ReportMetric(float64(ref.New)/float64(ref.Bytes), "share-new")
		})
	}
}

func writeState(b *testing.B, store *checkpoint.Store, number int64, s *stages.Session) checkpoint.Ref {
	b.Helper()
	ref, err := store.Write(number, s.Save)
	if err != nil {
		b.Fatal(err)
	}
	return ref
}

// BenchmarkRestore reads a session from a folder.
func BenchmarkRestore(b *testing.B) {
	cfg := stages.DefaultConfig()
	cfg.Workers = 1
	cfg.Timeouts.UDPIdle = 5 * time.Minute
	cfg.Streams.Total = 2 << 30
	store, err := checkpoint.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	ref := writeState(b, store, 1, fullSession(b))
	b.SetBytes(ref.Bytes)
	cpu(b, func() {
		for b.Loop() {
			r, err := store.Read(ref)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := stages.RestoreSession(cfg, r); err != nil {
				b.Fatal(err)
			}
			if err := r.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
