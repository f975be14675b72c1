package live

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/ingest/segment"
)

// sight is one packet of a capture.
type sight struct {
	at   packet.Nanos
	face int
	wire uint32
	data []byte
}

// seen is a capture in memory.
type seen struct {
	faces []packet.Interface
	list  []sight
}

// readRecord reads what can be read of a capture, at most so many packets.
func readRecord(path string, most int) (r seen) {
	cfg := input.DefaultConfig()
	cfg.Capfile.Salvage = true
	in, err := input.Open(path, nil, cfg)
	if err != nil {
		return r
	}
	defer in.Close()
	for b := new(packet.Block); err == nil && len(r.list) < most; {
		b.Reset()
		err = in.Fill(b)
		for i := range b.Records {
			p := &b.Records[i]
			if p.Time == packet.NoTime || len(r.list) == most {
				continue
			}
			r.list = append(r.list, sight{p.Time, int(p.Interface), p.WireLen, slices.Clone(b.Data[p.Offset:][:p.CapLen])})
		}
	}
	for _, f := range in.Interfaces() {
		r.faces = append(r.faces, f)
	}
	return r
}

// stock is what random captures are made of.
type stock struct {
	made  []seen   // by generators
	cases []seen   // hostile ones that can be read
	files [][]byte // hostile ones as they are
	paths []string // reference captures; in acceptance alone
}

var stocked = sync.OnceValues(func() (s stock, err error) {
	dir, err := os.MkdirTemp("", "pcapmill-stock-")
	if err != nil {
		return s, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "capture")
	keep := func(data []byte, most int) (seen, error) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return seen{}, err
		}
		return readRecord(path, most), nil
	}
	names, _ := traffic.Profiles()
	for _, name := range names {
		data, err := generated(name)
		if err != nil {
			return s, err
		}
		r, err := keep(data, mostPackets)
		if err != nil {
			return s, err
		}
		s.made = append(s.made, r)
	}
	for _, class := range hostile.Classes() {
		for _, c := range class.Cases {
			if c.Heavy {
				continue
			}
			data, _ := c.Make()
			r, err := keep(data, mostPackets)
			if err != nil {
				return s, err
			}
			if len(r.list) > 0 {
				s.cases = append(s.cases, r)
			}
			if len(data) < 1<<16 {
				s.files = append(s.files, data)
			}
		}
	}
	return s, nil
})

// mostPackets bounds what one capture gives.
const mostPackets = 1500

func generated(profile string) ([]byte, error) {
	o, err := traffic.DefaultOptions(profile)
	if err != nil {
		return nil, err
	}
	o.Flows, o.Packets, o.Bytes, o.Duration = 60, mostPackets, 0, 4*time.Minute
	var out bytes.Buffer
	w, err := traffic.NewCapture(&out, "pcapng")
	if err != nil {
		return nil, err
	}
	if _, err := traffic.Generate(profile, w, o); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}

// stocks returns the stock; in acceptance with the reference captures.
func stocks(t *testing.T) stock {
	t.Helper()
	s, err := stocked()
	if err != nil {
		t.Fatal(err)
	}
	if !sharedtest.Accept() {
		return s
	}
	err = filepath.WalkDir(filepath.Join(sharedtest.Dir(t), "captures"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			s.paths = append(s.paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pick returns one capture of the stock.
func (s *stock) pick(rng *rand.Rand) seen {
	if len(s.paths) > 0 && rng.IntN(2) == 0 {
		return readRecord(s.paths[rng.IntN(len(s.paths))], mostPackets)
	}
	if rng.IntN(3) == 0 {
		return s.cases[rng.IntN(len(s.cases))]
	}
	return s.made[rng.IntN(len(s.made))]
}

// eras are when captures begin: they include the ends of what packet time can be.
var eras = []packet.Nanos{
	1795996740_000000000, 1795996740_000000000, 1795996740_000000000, 1795996740_000000000, 0, 1<<31*1e9 - 3e9, 1<<32*1e9 - 3e9, 1<<62 - 60e9, 1<<63 - 60e9,
}

// capture makes one of up to three others: at once, on interfaces of their own, or one after
// the other; then time is made odd.
func (s *stock) capture(rng *rand.Rand) (r seen) {
	start := eras[rng.IntN(len(eras))]
	for range 1 + rng.IntN(3) {
		one, offset := s.pick(rng), packet.Nanos(rng.Int64N(int64(time.Minute)))
		if len(one.list) == 0 {
			continue
		}
		if rng.IntN(2) == 0 && len(r.list) > 0 {
			offset = r.list[len(r.list)-1].at - start + packet.Nanos(rng.Int64N(int64(time.Second)))
		}
		begin := one.list[0].at
		for _, p := range one.list {
			p.at, p.face = before(start+offset, p.at-begin), p.face+len(r.faces)
			r.list = append(r.list, p)
		}
		r.faces = append(r.faces, one.faces...)
	}
	if rng.IntN(4) > 0 {
		slices.SortStableFunc(r.list, func(a, b sight) int { return int(min(1, max(-1, a.at/2-b.at/2))) })
	}
	if rng.IntN(2) == 0 {
		oddTimes(rng, r.list)
	}
	return r
}

// before adds a step to a time, within what a segment can hold.
func before(t, step packet.Nanos) packet.Nanos {
	if step > 0 && t > 1<<63-2-step {
		return 1<<63 - 2
	}
	return max(0, t+step)
}

// leaps are how far clocks jump.
var leaps = []time.Duration{
	time.Millisecond, 2 * time.Second, -time.Second, -2 * time.Second, time.Minute, 59 * time.Minute, 2 * time.Hour, -2 * time.Hour, 40 * 24 * time.Hour, 3 * 365 * 24 * time.Hour, -3 * 365 * 24 * time.Hour,
	80 * 365 * 24 * time.Hour,
}

// oddTimes lets the clock jump, stand, and lie.
func oddTimes(rng *rand.Rand, list []sight) {
	for range rng.IntN(6) {
		at, leap := rng.IntN(len(list)+1), packet.Nanos(leaps[rng.IntN(len(leaps))])
		end := len(list)
		if rng.IntN(3) == 0 {
			end = min(end, at+1+rng.IntN(20)) // it comes back
		}
		stands := rng.IntN(4) == 0
		for i := at; i < end; i++ {
			if stands && i > 0 {
				list[i].at = list[i-1].at
			} else {
				list[i].at = before(list[i].at, leap)
			}
		}
	}
}

// cutting says how a capture becomes segments.
type cutting struct {
	size       int     // packets of a segment, about
	marks      float64 // watermarks for each packet
	lies       float64 // of these
	trailing   bool    // each segment ends with a watermark, as those of capture do
	idle       float64 // segments without packets, for each with
	foreign    float64 // segments of another program, whose statistics are no watermarks
	hostile    float64 // files of the hostile collection in between, as they are
	compressed float64
	damaged    float64 // segments with a byte changed before their hash was taken
}

func newCutting(rng *rand.Rand) cutting {
	often := func() float64 { return []float64{0, 0, 0.02, 0.3}[rng.IntN(4)] }
	c := cutting{
		size: []int{1, 3, 30, 300}[rng.IntN(4)], marks: []float64{0, 0.01, 0.2, 1}[rng.IntN(4)], lies: often() / 2,
		trailing: rng.IntN(4) > 0, idle: often(), foreign: often() / 2, hostile: often() / 4, compressed: often(), damaged: often() / 4,
	}
	return c
}

// file is a segment.
type file struct {
	data []byte
	zstd bool
}

// mostSegments bounds the work of one capture.
const mostSegments = 24

// segments cuts a capture.
func (c *cutting) segments(t *testing.T, rng *rand.Rand, s *stock, r *seen) (files []file) {
	t.Helper()
	size := max(c.size, len(r.list)/mostSegments+1)
	now := packet.Nanos(0)
	for list := r.list; len(list) > 0 || len(files) == 0; {
		n := min(len(list), rng.IntN(2*size)+1)
		if rng.Float64() < c.idle {
			n = 0
		}
		files = append(files, c.segment(t, rng, r.faces, list[:n], &now))
		if list = list[n:]; rng.Float64() < c.hostile {
			files = append(files, file{s.files[rng.IntN(len(s.files))], false})
		}
	}
	return files
}

// segment writes one. now is the latest watermark or packet time.
func (c *cutting) segment(t *testing.T, rng *rand.Rand, faces []packet.Interface, list []sight, now *packet.Nanos) file {
	t.Helper()
	var out bytes.Buffer
	cfg := capfile.PcapngConfig{Application: segment.Application + " test", BigEndian: rng.IntN(8) == 0}
	if rng.Float64() < c.foreign {
		cfg.Application = "dumpcap"
	}
	w, err := capfile.NewPcapngWriter(&out, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[int]int{} // segments have the interfaces that their packets need
	mark := func(next packet.Nanos) {
		if len(ids) == 0 {
			return
		}
		at := *now
		if next > at {
			at += packet.Nanos(rng.Int64N(int64(next - at + 1)))
		}
		if rng.Float64() < c.lies {
			at = before(at, packet.Nanos(leaps[rng.IntN(len(leaps))]))
		}
		*now = max(*now, at)
		if err := w.WriteStatistics(rng.IntN(len(ids)), &capfile.InterfaceStatistics{Time: at}); err != nil {
			t.Fatal(err)
		}
	}
	describe := func(face int) {
		if _, known := ids[face]; known || face >= len(faces) {
			return
		}
		f := capfile.DefaultInterface(faces[face].Link)
		f.SnapLen = faces[face].SnapLen
		id, err := w.AddInterface(f)
		if err != nil {
			t.Fatal(err)
		}
		ids[face] = id
	}
	describe(0)
	for i := range list {
		p := &list[i]
		for rng.Float64() < c.marks/2 {
			mark(p.at)
		}
		describe(p.face)
		err := w.WritePacket(ids[p.face], p.at, p.wire, p.data)
		if err != nil && !errors.Is(err, capfile.ErrPacketLength) {
			t.Fatal(err)
		}
		*now = max(*now, p.at)
	}
	if c.trailing {
		mark(*now)
		for len(list) == 0 && rng.IntN(3) > 0 {
			mark(before(*now, packet.Nanos(leaps[rng.IntN(len(leaps))])))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return c.finish(t, rng, out.Bytes())
}

// finish damages or compresses what was written.
func (c *cutting) finish(t *testing.T, rng *rand.Rand, data []byte) file {
	t.Helper()
	if rng.Float64() < c.damaged {
		data[rng.IntN(len(data))] ^= byte(1 << rng.IntN(8))
	}
	if rng.Float64() >= c.compressed {
		return file{data, false}
	}
	z, err := segment.NewCompressor()
	if err != nil {
		t.Fatal(err)
	}
	return file{z.Append(nil, data), true}
}
