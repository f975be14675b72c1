package segment_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
	"pcapmill/ingest/segment"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file keeps exchanged buffers, as they are or compressed.
type file struct {
	bytes.Buffer
	zip    *segment.Compressor
	writer *segment.Writer
	marks  []mark // after each buffer
}

type mark struct {
	size  int
	tally segment.Tally
}

func (f *file) Exchange(full []byte) ([]byte, error) {
	if f.zip != nil {
		f.Write(f.zip.Append(nil, full))
	} else {
		f.Write(full)
	}
	if f.writer != nil {
		f.marks = append(f.marks, mark{f.Len(), *f.writer.Tally()})
	}
	return full[:0], nil
}

func config() *segment.Config {
	face := capfile.DefaultInterface(1)
	face.Name, face.Filter, face.Description, face.Comment = "eth0", "tcp or udp", "veth driver", "gro is on"
	face.MAC, face.Speed = [6]byte{2, 0, 0, 0, 0, 1}, 10_000_000_000
	return &segment.Config{Version: "1.2.3", Session: "abc0", Number: 7, OpenedNs: 900, Hardware: "x86", OS: "Linux", Interface: face}
}

// write makes a segment of n packets, packet i at time 1000+10i with i bytes.
func write(t testing.TB, n, buffer int, zip bool) *file {
	t.Helper()
	f := &file{}
	if zip {
		var err error
		f.zip, err = segment.NewCompressor()
		must(t, err)
	}
	w, err := segment.NewWriter(f, make([]byte, 0, buffer), config())
	must(t, err)
	f.writer = w
	for i := range n {
		data := bytes.Repeat([]byte{byte(i)}, i%1500)
		flags := uint32(0)
		if i%3 == 0 {
			flags = capfile.FlagOutbound
		}
		must(t, w.Frame(packet.Nanos(1000+10*i), i%1500+2, flags, data[:len(data)/4], data[len(data)/4:]))
		if i == n/2 {
			must(t, w.Watermark(packet.Nanos(1003+10*i), segment.Counts{Accepted: int64(i)}))
		}
	}
	must(t, w.End(packet.Nanos(2000+10*n), segment.Counts{Accepted: int64(n), Drops: 3, IfDrops: 4, Freezes: 5}, "time"))
	return f
}

func tallyOf(n int) segment.Tally {
	c := segment.NewTally()
	for i := range n {
		c.Add(packet.Nanos(1000+10*i), i%1500, i%1500+2)
	}
	return c
}

// read reads a file with the reader that analysis uses.
func read(t testing.TB, r io.Reader) (segment.Tally, capfile.Info, error) {
	t.Helper()
	c := segment.NewTally()
	in, err := capfile.NewReader(r, capfile.Config{})
	if err != nil {
		return c, capfile.Info{}, err
	}
	var b packet.Block
	for {
		b.Reset()
		err := in.Fill(&b)
		for _, r := range b.Records {
			c.Add(r.Time, int(r.CapLen), int(r.WireLen))
		}
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return c, in.Info(), err
		}
	}
}

func TestReadBack(t *testing.T) {
	for _, n := range []int{0, 1, 3000} {
		f := write(t, n, 10_000, false)
		got, info, err := read(t, bytes.NewReader(f.Bytes()))
		if err != nil || got != tallyOf(n) {
			t.Errorf("%d packets: read %+v, %v", n, got, err)
		}
		s := info.Statistics[0]
		if info.Notes() == nil || s.Value[capfile.Delivered] != int64(n) || s.Value[capfile.OSDropped] != 3 || s.Value[capfile.Dropped] != 4 || s.Known[capfile.Received] {
			t.Errorf("%+v", s)
		}
		for code, at := range map[byte]int{2: 900, 3: 2000 + 10*n} { // isb_starttime and isb_endtime
			option := binary.LittleEndian.AppendUint32([]byte{code, 0, 8, 0, 0, 0, 0, 0}, uint32(at))
			if !bytes.Contains(f.Bytes(), option) {
				t.Errorf("%d packets: no option %d of %d in the statistics", n, code, at)
			}
		}
		c, err := segment.Walk(bytes.NewReader(f.Bytes()))
		must(t, err)
		want := segment.Contents{
			Bytes: int64(f.Len()), Tally: tallyOf(n), Watermark: packet.Nanos(2000 + 10*n), Session: "abc0", Number: 7, OpenedNs: 900,
			Ended: true, Reason: "time", Counts: segment.Counts{Accepted: int64(n), Drops: 3, IfDrops: 4, Freezes: 5},
		}
		if c != want {
			t.Errorf("%d packets: walked\n%+v, want\n%+v", n, c, want)
		}
	}
}

// TestTally: packets of one segment come in any order of time, as those of several rings do.
func TestTally(t *testing.T) {
	c := segment.NewTally()
	for _, at := range []packet.Nanos{500, 300, 900, 700} {
		c.Add(at, 10, 60)
	}
	if want := (segment.Tally{Packets: 4, CapturedBytes: 40, WireBytes: 240, First: 300, Last: 900}); c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
}

// blocks returns where the blocks of a pcapng file begin, its end included.
func blocks(data []byte) []int {
	all := []int{0}
	for at := 0; at < len(data); all = append(all, at) {
		at += int(binary.LittleEndian.Uint32(data[at+4:]))
	}
	return all
}

// TestWalkStops at the first block that a Writer would not have written, and says why.
func TestWalkStops(t *testing.T) {
	const section, face, first, second, mark, third, end = 0, 1, 2, 3, 4, 5, 6 // the blocks of three packets
	put := func(at int, v uint32) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint32(b[(at+len(b))%len(b):], v) }
	}
	for name, c := range map[string]struct {
		block  int
		change func(b []byte)
		stops  int
		says   string
	}{
		"another byte order":            {section, put(8, 0x4d3c2b1a), section, "another byte order"},
		"no interface yet":              {face, put(0, 6), face, "a block of type 0x6, which"},
		"a second section":              {first, put(0, 0x0a0d0d0a), first, "a block of type 0xa0d0d0a, which"},
		"a simple packet":               {second, put(0, 3), second, "a block of type 0x3, which"},
		"a length of no words":          {second, put(4, 41), second, "a block of 41 bytes"},
		"a length of nothing":           {second, put(4, 8), second, "a block of 8 bytes"},
		"no packet in it":               {second, put(4, 28), second, "a packet block without a packet"},
		"endless statistics":            {mark, put(4, 1<<20), mark, "a block of 1048576 bytes"},
		"two lengths of a packet":       {second, put(-4, 44), second, "two lengths differ"},
		"two lengths of statistics":     {mark, put(-4, 44), mark, "two lengths differ"},
		"another interface's packet":    {second, put(8, 1), second, "a packet of another interface"},
		"a packet beyond time":          {second, put(12, 1<<31), second, "or without a time"},
		"a packet beyond its block":     {third, put(20, 5), third, "a packet longer than its block"},
		"a packet beyond the snaplen":   {face, put(12, 1), third, "or than the snapshot length"},
		"no snaplen":                    {face, put(12, 0), end + 1, ""},
		"another interface's statistic": {mark, put(8, 1), mark, "statistics of another interface"},
		"statistics beyond time":        {mark, put(12, 1<<31), mark, "statistics without a time"},
	} {
		data := write(t, 3, 1<<20, false).Bytes()
		at := blocks(data)
		c.change(data[at[c.block]:at[c.block+1]])
		got, err := segment.Walk(bytes.NewReader(data))
		packets := map[int]int{section: 0, face: 0, first: 0, second: 1, mark: 2, third: 2, end + 1: 3}[c.stops]
		if err != nil || int(got.Bytes) != at[c.stops] || !strings.Contains(got.Rest, c.says) || (got.Rest == "") != (c.says == "") || got.Tally != tallyOf(packets) {
			t.Errorf("%s: %+v, %v: want %d bytes with %d packets and %q", name, got, err, at[c.stops], packets, c.says)
		}
	}
}

// TestWalkGoesOn: packets longer than any description are walked, a segment has not ended where
// packets follow its end, and the latest watermark counts.
func TestWalkGoesOn(t *testing.T) {
	f := &file{}
	cfg := config()
	cfg.Interface.SnapLen, cfg.Interface.Filter = 0, ""
	w, err := segment.NewWriter(f, make([]byte, 0, 1<<20), cfg)
	must(t, err)
	must(t, w.Frame(5, 100_000, 0, make([]byte, 64), make([]byte, 90_000)))
	must(t, w.Watermark(50, segment.Counts{Accepted: 1}))
	must(t, w.End(40, segment.Counts{Accepted: 1}, "size"))
	data := f.Bytes()
	_, info, err := read(t, bytes.NewReader(data))
	if s := info.Statistics[0]; err != nil || !s.Known[capfile.Received] || s.Value[capfile.Received] != 1 {
		t.Errorf("without a filter: %+v, %v", s, err)
	}
	want := segment.Contents{
		Bytes: int64(len(data)), Tally: segment.Tally{Packets: 1, CapturedBytes: 90_064, WireBytes: 100_000, First: 5, Last: 5}, Watermark: 50,
		Session: "abc0", Number: 7, OpenedNs: 900, Ended: true, Reason: "size", Counts: segment.Counts{Accepted: 1},
	}
	if c, err := segment.Walk(bytes.NewReader(data)); err != nil || c != want {
		t.Errorf("walked\n%+v, want\n%+v: %v", c, want, err)
	}
	at := blocks(data)
	data = append(data, data[at[2]:at[3]]...)
	if c, err := segment.Walk(bytes.NewReader(data)); err != nil || c.Ended || c.Tally.Packets != 2 || int(c.Bytes) != len(data) {
		t.Errorf("a packet behind the end: %+v, %v", c, err)
	}
}

// TestOthersReadIt asks capinfos and tshark.
func TestOthersReadIt(t *testing.T) {
	for _, zip := range []bool{false, true} {
		f := write(t, 3000, 100_000, zip)
		name := filepath.Join(t.TempDir(), "segment-0000000007.pcapng")
		if zip {
			name += ".zst"
		}
		must(t, os.WriteFile(name, f.Bytes(), 0o600))
		if path, err := exec.LookPath("capinfos"); err != nil {
			t.Log("no capinfos here")
		} else if out, err := exec.Command(path, name).CombinedOutput(); err != nil || !strings.Contains(string(out), "Number of packets:   3,000") && !strings.Contains(string(out), "3000") {
			t.Errorf("capinfos: %v\n%s", err, out)
		} else if !strings.Contains(string(out), "pcapmill live 1.2.3") || !strings.Contains(string(out), "tcp or udp") || !strings.Contains(string(out), "session abc0 segment 7") {
			t.Errorf("capinfos shows\n%s", out)
		}
		if path, err := exec.LookPath("tshark"); err != nil {
			t.Log("no tshark here")
		} else if out, err := exec.Command(path, "-r", name, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.packet_flags_direction").CombinedOutput(); err != nil {
			t.Errorf("tshark: %v\n%s", err, out)
		} else if lines := strings.Split(strings.TrimSpace(string(out)), "\n"); len(lines) < 3000 || !strings.Contains(string(out), "0.000003990\t301\t") {
			t.Errorf("tshark shows %d lines", len(lines))
		}
	}
}

// TestCutAtEveryByte: what is whole before the cut is kept, to the packet, and the whole
// blocks with their tail are a sound capture.
func TestCutAtEveryByte(t *testing.T) {
	data := write(t, 30, 1<<20, false).Bytes()
	for size := range len(data) {
		c, err := segment.Walk(bytes.NewReader(data[:size]))
		must(t, err)
		if c.Ended || int(c.Bytes) > size || (c.Rest == "") != (int(c.Bytes) == size) {
			t.Fatalf("cut at %d: %+v", size, c)
		}
		if c.Bytes == 0 {
			continue
		}
		kept := append(bytes.Clone(data[:c.Bytes]), c.Tail()...)
		got, _, err := read(t, bytes.NewReader(kept))
		if err != nil || got != c.Tally || got != tallyOf(int(got.Packets)) {
			t.Fatalf("cut at %d: kept %+v, walked %+v: %v", size, got, c.Tally, err)
		}
		again, err := segment.Walk(bytes.NewReader(kept))
		must(t, err)
		if int(again.Bytes) != len(kept) || again.Tally != c.Tally || again.Rest != "" {
			t.Fatalf("cut at %d: salvaged file %+v", size, again)
		}
		if last := max(c.Tally.Last, c.Watermark); again.Watermark != last {
			t.Fatalf("cut at %d: watermark %d, want %d", size, again.Watermark, last)
		}
	}
}

// TestCompressedCut cuts a compressed segment anywhere: whole frames stay, and what the
// buffers held when they were written is what is found.
func TestCompressedCut(t *testing.T) {
	f := write(t, 200, 4096, true)
	data := f.Bytes()
	open := func(b []byte) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	}
	whole, err := segment.WalkZstd(open(data))
	must(t, err)
	if !whole.Ended || int(whole.Bytes) != len(data) || whole.Tally != tallyOf(200) || whole.Rest != "" {
		t.Fatalf("%+v", whole)
	}
	for size := 0; size < len(data); size += 7 {
		want := mark{tally: segment.NewTally()}
		for _, m := range f.marks {
			if m.size <= size {
				want = m
			}
		}
		c, err := segment.WalkZstd(open(data[:size]))
		must(t, err)
		if int(c.Bytes) != want.size || c.Tally != want.tally || (c.Rest == "") != (want.size == size) {
			t.Fatalf("cut at %d: %+v, want %+v", size, c, want)
		}
	}
}

// TestFrameThatEndsWithinABlock cannot be cut there: the frame before it is the last.
func TestFrameThatEndsWithinABlock(t *testing.T) {
	plain := write(t, 30, 1<<20, false).Bytes()
	zip, err := segment.NewCompressor()
	must(t, err)
	c, err := segment.Walk(bytes.NewReader(plain[:len(plain)/2]))
	must(t, err)
	first := zip.Append(nil, plain[:c.Bytes])
	data := zip.Append(bytes.Clone(first), plain[c.Bytes:len(plain)-5])
	got, err := segment.WalkZstd(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
	must(t, err)
	if int(got.Bytes) != len(first) || got.Tally != c.Tally || got.Rest == "" {
		t.Errorf("%+v, want %d bytes with %+v", got, len(first), c.Tally)
	}
}

func TestCutToSnapLen(t *testing.T) {
	cfg := config()
	cfg.Interface.SnapLen = 10
	f := &file{}
	w, err := segment.NewWriter(f, make([]byte, 0, 4096), cfg)
	must(t, err)
	for _, cut := range []int{0, 4, 10, 14, 20} {
		data := []byte("abcdefghijklmnopqrst")
		must(t, w.Frame(1, 20, 0, data[:cut], data[cut:]))
	}
	must(t, w.End(2, segment.Counts{}, "end"))
	if n := bytes.Count(f.Bytes(), []byte("abcdefghij\x00\x00")); n != 5 || w.Tally().CapturedBytes != 50 || w.Tally().WireBytes != 100 {
		t.Errorf("%d whole packets, %+v", n, w.Tally())
	}
	got, info, err := read(t, f)
	if err != nil || got.CapturedBytes != 50 || info.Odd[capfile.CapLenOverSnapLen] != 0 {
		t.Error(got, err)
	}
}

func TestOthersCapturesAreNotWalked(t *testing.T) {
	var b bytes.Buffer
	w, err := capfile.NewPcapngWriter(&b, capfile.PcapngConfig{Application: "dumpcap"})
	must(t, err)
	must(t, w.Close())
	c, err := segment.Walk(&b)
	if err != nil || c.Bytes != 0 || !strings.Contains(c.Rest, "did not write") {
		t.Errorf("%+v %v", c, err)
	}
	broken := errors.New("broken")
	if _, err := segment.Walk(io.MultiReader(bytes.NewReader(write(t, 3, 4096, false).Bytes()[:100]), failing{broken})); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzWalk: no panic, bounded; what is called whole our reader reads without damage, and
// finds the same packets.
func FuzzWalk(f *testing.F) {
	data := write(f, 12, 1<<20, false).Bytes()
	f.Add(data, false)
	f.Add(data[:len(data)-9], false)
	f.Add(bytes.Clone(append(data, make([]byte, 100)...)), false)
	f.Add(write(f, 12, 300, true).Bytes(), true)
	for _, code := range []byte{9, 14} { // times in two units, or shifted
		speed := bytes.Index(data, []byte{8, 0, 8, 0})
		bad := bytes.Clone(data)
		bad[speed] = code
		f.Add(bad, false)
	}
	for _, i := range []int{5, 8, 60, 140, 200, 260} {
		bad := bytes.Clone(data)
		bad[i] ^= 0x40
		f.Add(bad, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, zip bool) {
		if zip {
			c, err := segment.WalkZstd(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
			if err != nil || c.Bytes > int64(len(data)) {
				t.Fatal(c, err)
			}
			again, err := segment.WalkZstd(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data[:c.Bytes])), nil })
			if err != nil || again.Bytes != c.Bytes || again.Tally != c.Tally || again.Rest != "" {
				t.Fatalf("%+v, of the whole part %+v: %v", c, again, err)
			}
			return
		}
		c, err := segment.Walk(bytes.NewReader(data))
		if err != nil || c.Bytes > int64(len(data)) || (c.Rest == "") != (c.Bytes == int64(len(data))) {
			t.Fatal(c, err)
		}
		if c.Bytes == 0 {
			return
		}
		got, _, err := read(t, bytes.NewReader(append(bytes.Clone(data[:c.Bytes]), c.Tail()...)))
		if c.Tally.Packets == 0 && c.Bytes < 100 { // perhaps no interface yet
			return
		}
		if err != nil || got != c.Tally {
			t.Fatalf("walked %+v, read %+v: %v", c, got, err)
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	for _, size := range []int{64, 1500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			w, err := segment.NewWriter(&spare{}, make([]byte, 0, 1<<20), config())
			must(b, err)
			data := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				_ = w.Frame(packet.Nanos(i), size, 0, nil, data)
			}
		})
	}
}

// spare exchanges two buffers.
type spare struct{ other []byte }

func (s *spare) Exchange(full []byte) ([]byte, error) {
	if s.other == nil {
		s.other = make([]byte, 0, 1<<20)
	}
	full, s.other = s.other, full
	return full, nil
}

func TestNothingIsAllocatedPerPacket(t *testing.T) {
	w, err := segment.NewWriter(&spare{}, make([]byte, 0, 1<<20), config())
	must(t, err)
	data := make([]byte, 700)
	if n := testing.AllocsPerRun(5000, func() { _ = w.Frame(1, 700, 0, data[:20], data[20:]) }); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
