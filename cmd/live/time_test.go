package live

import (
	"bytes"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
	"pcapmill/ingest/segment"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
)

// talk is a segment of datagrams at these seconds after an instant; those below 0 are watermarks.
func talk(t *testing.T, start packet.Nanos, seconds ...int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := capfile.NewPcapngWriter(&out, capfile.PcapngConfig{Application: segment.Application + " test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddInterface(capfile.DefaultInterface(packet.LinkEthernet)); err != nil {
		t.Fatal(err)
	}
	frame := traffic.UDP(netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:53"), []byte("x"))
	for _, s := range seconds {
		if s < 0 {
			err = w.WriteStatistics(0, &capfile.InterfaceStatistics{Time: start - s*1e9})
		} else {
			err = w.WritePacket(0, start+s*1e9, uint32(len(frame)), frame)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upTo are so many whole seconds from one on.
func upTo(from, n int64) (all []int64) {
	for i := range n {
		all = append(all, from+i)
	}
	return all
}

// TestClockOfWhatIsThere: where the last packet is far ahead and waits, rows are only those up to the
// one before: what goes by the clock must not take them for all.
func TestClockOfWhatIsThere(t *testing.T) {
	s := newSeg(t)
	s.add(talk(t, day, 0, 5, 3000))
	s.add(talk(t, day, 3001))
	o := s.options()
	analysed(t, o)
	want := []int64{day + 5e9, day + 3000e9}
	_, err := livefolder.Visit(filepath.Join(o.Job.Out, livefolder.LedgerName), ledger.Position{}, &livefolder.Visitor{Commit: func(c *livefolder.Commit, _ *ledger.Record) error {
		if c.ClockNs != want[c.Number-1] {
			t.Errorf("segment %d: the clock is at %v, want %v", c.Number, time.Duration(c.ClockNs-day), time.Duration(want[c.Number-1]-day))
		}
		return nil
	}})
	if err != nil {
		t.Error(err)
	}
}

// TestAbsurdTimes: one packet, or a watermark, of another time says nothing of how far time has
// come; what was said before the first packet does, until that comes.
func TestAbsurdTimes(t *testing.T) {
	const start, years = packet.Nanos(day), int64(50 * 365 * 24 * 3600)
	s := newSeg(t)
	o := s.options()
	reached := []int64{100, 139, 179, 199, 240}
	clock := []int64{100_000, 138_000, 178_000, 198_000, 239_900, 240_000} // ms: packets wait for those before them
	for i, seconds := range [][]int64{
		{-100},
		append(upTo(100, 20), append([]int64{years}, upTo(120, 20)...)...),
		append(upTo(140, 20), append([]int64{-years}, upTo(160, 20)...)...),
		upTo(180, 20),
		{-240},
	} {
		s.add(talk(t, start, seconds...))
		if report := analysed(t, o); report.Through != int64(i+1) { // each is a process of its own
			t.Fatalf("%+v", report)
		}
	}
	s.end()
	analysed(t, o)
	n := 0
	_, err := livefolder.Visit(filepath.Join(o.Job.Out, livefolder.LedgerName), ledger.Position{}, &livefolder.Visitor{Commit: func(c *livefolder.Commit, _ *ledger.Record) error {
		if c.ClockNs != start+clock[n]*1e6 {
			t.Errorf("segment %d: the clock is at %v, want %d ms", c.Number, time.Duration(c.ClockNs-start), clock[n])
		}
		n++
		if c.Input == nil || c.Number < 2 {
			return nil
		}
		from, to := start+reached[c.Number-2]*1e9, start+reached[c.Number-1]*1e9
		if k := c.Input.Covered; k == nil || k.FromNs != from || k.ToNs != to {
			t.Errorf("segment %d covers %+v, want %d to %d", c.Number, k, from, to)
		}
		return nil
	}})
	if err != nil || n != len(clock) {
		t.Error(n, err)
	}
}

// TestSegmentsThatExpand: a segment that decompresses to more than it may is read as far as
// that, and the exit code is that of run.
func TestSegmentsThatExpand(t *testing.T) {
	s := newSeg(t)
	z, err := segment.NewCompressor()
	if err != nil {
		t.Fatal(err)
	}
	s.add(talk(t, day, 0))
	e := s.add(z.Append(nil, talk(t, day, upTo(1, 10_000)...)))
	s.add(talk(t, day, 10_001))
	s.end()
	o := s.options()
	o.Job.Input.Decompress.MaxOutput = 1 << 16
	report := analysed(t, o)
	out, run := offline(t, o, s.paths())
	sameTables(t, o.Job.Out, out)
	if report.Exit != job.ExitLimit || run.Exit != job.ExitLimit || report.Limited != 1 {
		t.Errorf("exit codes %d and %d, %+v", report.Exit, run.Exit, report)
	}
	if rows := rowsOf(t, filepath.Join(o.Job.Out, GapsTable)); !strings.Contains(rows, whyUnread) {
		t.Errorf("no row of segment %d in %s", e.Number, rows)
	}
	verified(t, o.Job.Out)
}
