package capfile_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// TestPcapWriterBytes compares with files built field by field.
func TestPcapWriterBytes(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  capfile.PcapConfig
		want []byte
	}{
		{"micros little", capfile.PcapConfig{Link: 1, SnapLen: 96}, join(pcapHeader(little, micros, 96, 1), record(little, 2, 3, 4, "abc"))},
		{"nanos big", capfile.PcapConfig{Link: 276, Nanosecond: true, BigEndian: true}, join(pcapHeader(big, nanos, 0, 276), record(big, 2, 3_999, 4, "abc"))},
		{"modified, frame check sequence", capfile.PcapConfig{Link: 1, Modified: true, FCSBytes: 4}, join(pcapHeader(little, modified, 0, 0x24000001), u32s(little, 2, 3, 3, 4, 0, 0), []byte("abc"))},
	} {
		var file bytes.Buffer
		w, err := capfile.NewPcapWriter(&file, test.cfg)
		must(t, err)
		must(t, w.WritePacket(2_000_003_999, 4, []byte("abc")))
		must(t, w.Flush())
		if !bytes.Equal(file.Bytes(), test.want) {
			t.Errorf("%s:\n% x, want\n% x", test.name, file.Bytes(), test.want)
		}
	}
}

// TestPcapngWriterBytes compares with a file built field by field.
func TestPcapngWriterBytes(t *testing.T) {
	for _, o := range []byteOrder{little, big} {
		var file bytes.Buffer
		w, err := capfile.NewPcapngWriter(&file, capfile.PcapngConfig{BigEndian: o == big})
		must(t, err)
		_, err = w.AddInterface(capfile.InterfaceConfig{Link: 1, SnapLen: 96, Name: "eth0", TSResol: 9, TSOffset: 1, FCSBytes: 4})
		must(t, err)
		must(t, w.WritePacket(0, 5_000_000_000, 4, []byte("abc")))
		must(t, w.WriteSimplePacket(3, []byte("abc")))
		must(t, w.WriteObsoletePacket(0, 2, 5_000_000_000, 4, []byte("abcd")))
		must(t, w.Close())
		want := join(sectionHeader(o),
			interfaceBlock(o, 1, 96, opt(o, 2, "eth0"), opt(o, 9, "\x09"), opt(o, 13, "\x20"), opt(o, 14, string(o.AppendUint64(nil, 1))), opt(o, 0, "")),
			enhanced(o, 0, 4_000_000_000, 4, "abc"),
			block(o, 3, append(u32s(o, 3), "abc"...)),
			block(o, 2, join(o.AppendUint16(nil, 0), o.AppendUint16(nil, 2), u32s(o, 0, 4_000_000_000, 4, 4), []byte("abcd"))))
		if !bytes.Equal(file.Bytes(), want) {
			t.Errorf("%v:\n% x, want\n% x", o, file.Bytes(), want)
		}
	}
}

// TestRoundTripPcap writes and reads every variant of classic pcap.
func TestRoundTripPcap(t *testing.T) {
	for i := range 8 {
		cfg := capfile.PcapConfig{Link: 113, SnapLen: 500, Nanosecond: i&1 != 0, BigEndian: i&2 != 0, Modified: i&4 != 0}
		if cfg.Validate() != nil {
			continue
		}
		got := read(t, writePcap(t, cfg, someTimes))
		if got.err != nil || got.interfaces[0].Link != 113 || got.interfaces[0].SnapLen != 500 {
			t.Fatalf("%+v: %v, %+v", cfg, got.err, got.interfaces)
		}
		var want []pkt
		for i, at := range someTimes {
			want = append(want, pkt{at, uint32(60 + i), 0, string(payload(i, 13*i))})
		}
		checkPackets(t, got.packets, want)
	}
}

// TestRoundTripResolutions writes and reads times in every resolution that is
// accepted: exactly where units are at most 1 ns, else rounded down.
func TestRoundTripResolutions(t *testing.T) {
	for resolution := range 256 {
		for _, offset := range []int64{0, -5, 1_600_000_000} {
			for _, at := range []packet.Nanos{0, 1, 999_999_999, 1_700_000_003_123_456_789, math.MaxInt64} {
				roundTrip(t, uint8(resolution), offset, at)
			}
		}
	}
}

func roundTrip(t *testing.T, resolution uint8, offset int64, at packet.Nanos) {
	t.Helper()
	var file bytes.Buffer
	w, err := capfile.NewPcapngWriter(&file, capfile.PcapngConfig{})
	must(t, err)
	if _, err := w.AddInterface(capfile.InterfaceConfig{Link: 1, TSResol: resolution, TSOffset: offset}); err != nil {
		return // TestTimeResolutions says which must work
	}
	if err := w.WritePacket(0, at, 1, []byte("x")); err != nil {
		if !errors.Is(err, capfile.ErrTime) {
			t.Fatal(err)
		}
		checkNotExpressible(t, resolution, offset, at)
		return
	}
	must(t, w.Close())
	unit := int64(1)
	switch exponent := int(resolution & 0x7f); {
	case resolution&0x80 == 0:
		for range 9 - exponent {
			unit *= 10
		}
	case exponent < 30:
		unit = 1_000_000_000>>exponent + 2 // rounded up, and reading rounds down too
	}
	got := read(t, file.Bytes())
	if got.err != nil || len(got.packets) != 1 {
		t.Fatalf("%v", got.err)
	}
	if late := at - got.packets[0].time; late < 0 || late >= unit {
		t.Errorf("resolution %#x, offset %d: %d is read back as %d", resolution, offset, at, got.packets[0].time)
	}
}

// checkNotExpressible makes sure that ErrTime was right: the time is before the
// offset, or too many units after it.
func checkNotExpressible(t *testing.T, resolution uint8, offset int64, at packet.Nanos) {
	t.Helper()
	seconds := float64(at)/1e9 - float64(offset)
	base := 10.0
	if resolution&0x80 != 0 {
		base = 2
	}
	if units := seconds * math.Pow(base, float64(resolution&0x7f)); units >= 0 && units < math.MaxUint64 {
		t.Errorf("resolution %#x, offset %d: %d was refused", resolution, offset, at)
	}
}

// TestRoundTripPcapng reads the sample of all blocks.
func TestRoundTripPcapng(t *testing.T) {
	for _, big := range []bool{false, true} {
		got := read(t, writePcapng(t, big))
		if got.err != nil {
			t.Fatal(got.err)
		}
		var want []pkt
		for section := range uint32(2) {
			want = append(want,
				pkt{someTimes[0], 60, 2 * section, string(payload(0, 30))},
				pkt{someTimes[0], 61, 2*section + 1, string(payload(2, 61))},
				pkt{packet.NoTime, 50, 2 * section, string(payload(3, 40))}, // cut at 40
				pkt{someTimes[2], 62, 2*section + 1, string(payload(5, 17))})
		}
		checkPackets(t, got.packets, want)
		if f := got.interfaces[2]; f.Name != "eth0" || f.FCSBytes != 4 || f.Section != 1 || f.ID != 0 || f.SnapLen != 40 {
			t.Errorf("%+v", f)
		}
		if got.info.BigEndian != big || got.info.Odd[capfile.Comment] != 2 || got.info.Odd[capfile.SkippedBlock] != 4 {
			t.Errorf("%+v", got.info)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, bad := range []capfile.PcapConfig{{Link: 1 << 26}, {FCSBytes: 3}, {FCSBytes: 32}, {Modified: true, Nanosecond: true}} {
		if _, err := capfile.NewPcapWriter(io.Discard, bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	w, err := capfile.NewPcapWriter(io.Discard, capfile.DefaultPcapConfig())
	must(t, err)
	for _, at := range []packet.Nanos{-1, packet.NoTime, 4_294_967_296_000_000_000, math.MaxInt64} {
		if err := w.WritePacket(at, 1, nil); !errors.Is(err, capfile.ErrTime) {
			t.Errorf("time %d: %v", at, err)
		}
	}
	if err := w.WritePacket(0, 1, make([]byte, 16<<20+1)); !errors.Is(err, capfile.ErrPacketLength) {
		t.Error(err)
	}
	must(t, w.Close())
	if err := w.WritePacket(0, 1, nil); err == nil {
		t.Error("a closed writer takes packets")
	}
	ng, err := capfile.NewPcapngWriter(io.Discard, capfile.PcapngConfig{})
	must(t, err)
	if ng.WritePacket(0, 0, 1, nil) == nil || ng.WriteSimplePacket(0, nil) == nil || ng.WriteObsoletePacket(-1, 0, 0, 1, nil) == nil {
		t.Error("packets without an interface are taken")
	}
	if _, err := ng.AddInterface(capfile.InterfaceConfig{Link: 65536}); err == nil {
		t.Error("link type 65536 is taken")
	}
	if _, err := ng.AddInterface(capfile.InterfaceConfig{TSResol: 20}); err == nil {
		t.Error("resolution 10^-20 is taken")
	}
	_, err = ng.AddInterface(capfile.DefaultInterface(1))
	must(t, err)
	if ng.WriteSimplePacket(9, make([]byte, 8)) == nil {
		t.Error("a cut simple packet is taken")
	}
}

// full is a disk with room for n bytes.
type full struct{ n int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return f.n, errFull
	}
	f.n -= len(p)
	return len(p), nil
}

// TestWriterKeepsError reports a failed write at once or at the end, and ever
// after.
func TestWriterKeepsError(t *testing.T) {
	w, err := capfile.NewPcapWriter(&full{n: 300_000}, capfile.DefaultPcapConfig())
	must(t, err)
	data := make([]byte, 1000)
	failed := false
	for range 1000 {
		err := w.WritePacket(0, 1000, data)
		if failed && err == nil {
			t.Fatal("a packet is taken after a failed write")
		}
		failed = failed || err != nil
	}
	if !errors.Is(w.Close(), errFull) {
		t.Error("Close does not report the failed write")
	}
}

func TestWriterAllocations(t *testing.T) {
	w, err := capfile.NewPcapWriter(io.Discard, capfile.DefaultPcapConfig())
	must(t, err)
	ng, err := capfile.NewPcapngWriter(io.Discard, capfile.PcapngConfig{})
	must(t, err)
	_, err = ng.AddInterface(capfile.DefaultInterface(1))
	must(t, err)
	data := make([]byte, 1500)
	n := testing.AllocsPerRun(1000, func() {
		must(t, w.WritePacket(start, 1500, data))
		must(t, ng.WritePacket(0, start, 1500, data))
	})
	if n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

// TestCommented reads back what it wrote: comments stay with their packets, and what has no room is refused.
func TestCommented(t *testing.T) {
	for _, big := range []bool{false, true} {
		var out bytes.Buffer
		w, err := capfile.NewPcapngWriter(&out, capfile.PcapngConfig{BigEndian: big})
		must(t, err)
		_, err = w.AddInterface(capfile.DefaultInterface(packet.LinkRaw))
		must(t, err)
		for _, comment := range []string{"7,scan", "", "abc"} {
			must(t, w.WriteCommented(0, 1_000, 5, []byte("hello"), comment))
		}
		if w.WriteCommented(0, 1, 1, nil, strings.Repeat("x", 1<<16)) == nil || w.WriteCommented(1, 1, 1, nil, "") == nil {
			t.Error("what does not fit is taken")
		}
		must(t, w.Close())
		r, err := capfile.NewReader(&out, capfile.DefaultConfig())
		must(t, err)
		b := &packet.Block{}
		if err := r.Fill(b); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		var got []string
		for i := range b.Records {
			said := "-"
			for c := range b.CommentsOn(&b.Records[i]) {
				said = string(c)
			}
			got = append(got, said)
		}
		if want := []string{"7,scan", "-", "abc"}; !slices.Equal(got, want) {
			t.Errorf("comments %q, want %q", got, want)
		}
	}
}
