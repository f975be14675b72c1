package capfile_test

import (
	"bytes"
	"errors"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// TestFrameWriterBytes compares described interfaces, frames with flags and statistics with
// a file built field by field.
func TestFrameWriterBytes(t *testing.T) {
	for _, o := range []byteOrder{little, big} {
		var file bytes.Buffer
		w, err := capfile.NewPcapngWriter(&file, capfile.PcapngConfig{BigEndian: o == big, Application: "app", Hardware: "hw", OS: "os", Comment: "c"})
		must(t, err)
		_, err = w.AddInterface(capfile.InterfaceConfig{
			Link: 1, SnapLen: 96, TSResol: 9, Name: "eth0", Comment: "c", Description: "d", OS: "o", Hardware: "h", Filter: "tcp",
			MAC: [6]byte{1, 2, 3, 4, 5, 6}, Speed: 1_000_000_000,
		})
		must(t, err)
		must(t, w.WriteFrame(0, 5<<32+7, 9, capfile.FlagInbound|capfile.FlagBroadcast, []byte("ab"), []byte("cde")))
		must(t, w.WriteFrame(0, 8, 4, 0, nil, []byte("wxyz")))
		s := capfile.InterfaceStatistics{Time: 3<<32 + 1, Start: 2, End: packet.NoTime, Comment: "i"}
		s.Known[capfile.Received], s.Value[capfile.Received] = true, 77
		s.Known[capfile.OSDropped] = true
		must(t, w.WriteStatistics(0, &s))
		must(t, w.Close())
		end := opt(o, 0, "")
		eight := func(n uint64) string { return string(o.AppendUint64(nil, n)) }
		want := join(
			block(o, 0x0a0d0d0a, join(u32s(o, 0x1a2b3c4d), o.AppendUint16(nil, 1), o.AppendUint16(nil, 0), bytes.Repeat([]byte{0xff}, 8),
				opt(o, 1, "c"), opt(o, 2, "hw"), opt(o, 3, "os"), opt(o, 4, "app"), end)),
			interfaceBlock(o, 1, 96, opt(o, 2, "eth0"), opt(o, 1, "c"), opt(o, 3, "d"), opt(o, 12, "o"), opt(o, 15, "h"), opt(o, 11, "\x00tcp"),
				opt(o, 6, "\x01\x02\x03\x04\x05\x06"), opt(o, 8, eight(1_000_000_000)), opt(o, 9, "\x09"), end),
			enhanced(o, 0, 5<<32+7, 9, "abcde", opt(o, 2, string(u32s(o, 13))), end),
			enhanced(o, 0, 8, 4, "wxyz"),
			block(o, 5, join(u32s(o, 0, 3, 1), opt(o, 1, "i"), opt(o, 2, string(u32s(o, 0, 2))), opt(o, 4, eight(77)), opt(o, 7, eight(0)), end)))
		if !bytes.Equal(file.Bytes(), want) {
			t.Errorf("%v:\n% x, want\n% x", o, file.Bytes(), want)
		}
	}
}

// TestFrameIsPacket: a frame without flags is what WritePacket writes, however it is cut.
func TestFrameIsPacket(t *testing.T) {
	data := payload(3, 23)
	for cut := range len(data) + 1 {
		var files [2]bytes.Buffer
		for i := range files {
			w, err := capfile.NewPcapngWriter(&files[i], capfile.PcapngConfig{})
			must(t, err)
			_, err = w.AddInterface(capfile.DefaultInterface(1))
			must(t, err)
			if i == 0 {
				must(t, w.WritePacket(0, 1234567890, 40, data))
			} else {
				must(t, w.WriteFrame(0, 1234567890, 40, 0, data[:cut], data[cut:]))
			}
			must(t, w.Close())
		}
		if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
			t.Fatalf("cut at %d:\n% x\n% x", cut, files[0].Bytes(), files[1].Bytes())
		}
	}
}

// shelf exchanges buffers and keeps what it got.
type shelf struct {
	got  [][]byte
	fail error
}

func (s *shelf) Exchange(full []byte) ([]byte, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	s.got = append(s.got, full)
	return make([]byte, 0, 256), nil
}

// TestExchangedBuffersAreWholeBlocks: together they are the file, and each ends with a block,
// also where a block is larger than a buffer.
func TestExchangedBuffersAreWholeBlocks(t *testing.T) {
	var plain bytes.Buffer
	direct, err := capfile.NewPcapngWriter(&plain, capfile.PcapngConfig{})
	must(t, err)
	to := &shelf{}
	w, err := capfile.NewPcapngWriterTo(to, make([]byte, 77, 100), capfile.PcapngConfig{})
	must(t, err)
	for _, p := range []*capfile.PcapngWriter{direct, w} {
		_, err := p.AddInterface(capfile.DefaultInterface(1))
		must(t, err)
		for i := range 200 {
			must(t, p.WriteFrame(0, packet.Nanos(i), uint32(i*5), 0, nil, payload(i, i*5)))
		}
		must(t, p.Close())
	}
	var joined []byte
	for i, part := range to.got {
		joined = append(joined, part...)
		if got := readAll(t, bytes.NewReader(joined), capfile.Config{}, 0); got.err != nil {
			t.Fatalf("after buffer %d: %v", i, got.err)
		}
	}
	if !bytes.Equal(joined, plain.Bytes()) || w.Size() != int64(plain.Len()) {
		t.Errorf("%d bytes exchanged, %d stated, %d written directly", len(joined), w.Size(), plain.Len())
	}
}

func TestExchangeThatFails(t *testing.T) {
	broken := errors.New("broken")
	w, err := capfile.NewPcapngWriterTo(&shelf{fail: broken}, make([]byte, 0, 64), capfile.PcapngConfig{})
	must(t, err)
	_, err = w.AddInterface(capfile.DefaultInterface(1))
	must(t, err)
	for range 3 {
		if err = w.WriteFrame(0, 0, 100, 0, nil, payload(1, 100)); err != nil {
			break
		}
	}
	if !errors.Is(err, broken) || !errors.Is(w.Close(), broken) {
		t.Errorf("%v", err)
	}
}

func TestFramesRefused(t *testing.T) {
	w, err := capfile.NewPcapngWriter(&bytes.Buffer{}, capfile.PcapngConfig{})
	must(t, err)
	_, err = w.AddInterface(capfile.DefaultInterface(1))
	must(t, err)
	if err := w.WriteFrame(1, 0, 0, 0, nil, nil); err == nil {
		t.Error("an interface that is not there")
	}
	if err := w.WriteFrame(0, packet.NoTime, 0, 0, nil, nil); !errors.Is(err, capfile.ErrTime) {
		t.Error(err)
	}
	if err := w.WriteFrame(0, 0, 0, 0, nil, make([]byte, capfile.LargestMaxPacket+1)); !errors.Is(err, capfile.ErrPacketLength) {
		t.Error(err)
	}
	if err := w.WriteStatistics(0, &capfile.InterfaceStatistics{Time: -1}); !errors.Is(err, capfile.ErrTime) {
		t.Error(err)
	}
}

func TestFramesAllocateNothing(t *testing.T) {
	to := &reuse{}
	w, err := capfile.NewPcapngWriterTo(to, make([]byte, 0, 64<<10), capfile.PcapngConfig{})
	must(t, err)
	_, err = w.AddInterface(capfile.DefaultInterface(1))
	must(t, err)
	data := payload(0, 300)
	if n := testing.AllocsPerRun(2000, func() {
		must(t, w.WriteFrame(0, 1, 300, capfile.FlagInbound, data[:18], data[18:]))
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// reuse gives the buffer back that it got before.
type reuse struct{ spare []byte }

func (r *reuse) Exchange(full []byte) ([]byte, error) {
	if r.spare == nil {
		r.spare = make([]byte, 0, 64<<10)
	}
	r.spare, full = full, r.spare
	return full, nil
}

func BenchmarkWriteFrame(b *testing.B) {
	for _, size := range []int{64, 500, 1500} {
		b.Run(map[int]string{64: "64", 500: "500", 1500: "1500"}[size], func(b *testing.B) {
			w, err := capfile.NewPcapngWriterTo(&reuse{}, make([]byte, 0, 1<<20), capfile.PcapngConfig{})
			must(b, err)
			_, err = w.AddInterface(capfile.DefaultInterface(1))
			must(b, err)
			data := payload(0, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				_ = w.WriteFrame(0, 1<<60, uint32(size), 0, nil, data)
			}
		})
	}
}
