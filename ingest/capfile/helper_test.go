package capfile_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// pkt is one packet as a reader delivered it.
type pkt struct {
	time  packet.Nanos
	wire  uint32
	iface uint32
	data  string
}

// mark is a watermark behind so many packets.
type mark struct {
	behind int
	time   packet.Nanos
}

// result is everything that reading one capture gave.
type result struct {
	packets    []pkt
	marks      []mark
	interfaces []packet.Interface
	info       capfile.Info
	offset     int64
	err        error // of NewReader or the last Fill; nil for a clean end
}

// readAll reads a capture through a Block of the given buffer size and checks
// what holds for every input.
func readAll(t testing.TB, src io.Reader, cfg capfile.Config, buffer int) result {
	t.Helper()
	r, err := capfile.NewReader(src, cfg)
	if err != nil {
		return result{err: err}
	}
	var got result
	block := packet.Block{Data: make([]byte, 0, buffer)}
	for err == nil {
		block.Reset()
		before := r.Offset()
		err = r.Fill(&block)
		if err == nil && len(block.Records) == 0 && block.Watermark == 0 {
			t.Fatalf("Fill returned neither packets nor an error at offset %d", before)
		}
		if r.Offset() < before {
			t.Fatalf("offset went back from %d to %d", before, r.Offset())
		}
		got.packets = appendPackets(t, got.packets, &block, len(r.Interfaces()))
		if block.Watermark != 0 {
			got.marks = append(got.marks, mark{len(got.packets), block.Watermark})
		}
	}
	if again := r.Fill(&block); again != err {
		t.Fatalf("second Fill after the end: %v, first %v", again, err)
	}
	got.interfaces, got.info, got.offset = r.Interfaces(), r.Info(), r.Offset()
	if err != io.EOF {
		got.err = err
	}
	checkCounts(t, got)
	return got
}

func appendPackets(t testing.TB, packets []pkt, b *packet.Block, interfaces int) []pkt {
	t.Helper()
	end := uint64(0)
	for i, rec := range b.Records {
		start, stop := uint64(rec.Offset), uint64(rec.Offset)+uint64(rec.CapLen)
		if start < end || stop > uint64(len(b.Data)) {
			t.Fatalf("record %d is [%d,%d), after %d, in %d bytes", i, start, stop, end, len(b.Data))
		}
		if int(rec.Interface) >= interfaces {
			t.Fatalf("record %d names interface %d of %d", i, rec.Interface, interfaces)
		}
		end = stop
		packets = append(packets, pkt{rec.Time, rec.WireLen, rec.Interface, string(b.Data[start:stop])})
	}
	return packets
}

func checkCounts(t testing.TB, got result) {
	t.Helper()
	perInterface := int64(0)
	for _, f := range got.interfaces {
		perInterface += f.Packets
	}
	if n := int64(len(got.packets)); got.info.Packets != n || perInterface != n {
		t.Fatalf("%d packets delivered, Info says %d, interfaces %d", n, got.info.Packets, perInterface)
	}
	if sum := got.info.Bytes.Sum(); sum != got.offset {
		t.Fatalf("bytes by kind %v are %d, reading got to %d", got.info.Bytes, sum, got.offset)
	}
	skipped := int64(0)
	for _, s := range got.info.Skipped {
		skipped += s.Count
	}
	if skipped != got.info.Odd[capfile.SkippedBlock] {
		t.Fatalf("%d blocks skipped, by type %d", got.info.Odd[capfile.SkippedBlock], skipped)
	}
}

// same reports the first difference between two readings.
func same(a, b result) error {
	if fmt.Sprint(a.err) != fmt.Sprint(b.err) {
		return fmt.Errorf("errors %v and %v", a.err, b.err)
	}
	if len(a.packets) != len(b.packets) {
		return fmt.Errorf("%d and %d packets", len(a.packets), len(b.packets))
	}
	if !slices.Equal(a.marks, b.marks) {
		return fmt.Errorf("watermarks %v and %v", a.marks, b.marks)
	}
	for i := range a.packets {
		if a.packets[i] != b.packets[i] {
			return fmt.Errorf("packet %d: %v and %v", i, a.packets[i], b.packets[i])
		}
	}
	if x, y := fmt.Sprintf("%+v", a.interfaces), fmt.Sprintf("%+v", b.interfaces); x != y {
		return fmt.Errorf("interfaces %s and %s", x, y)
	}
	if x, y := fmt.Sprintf("%+v", a.info), fmt.Sprintf("%+v", b.info); x != y {
		return fmt.Errorf("info %s and %s", x, y)
	}
	if a.offset != b.offset {
		return fmt.Errorf("offsets %d and %d", a.offset, b.offset)
	}
	return nil
}

// read is readAll with defaults over bytes.
func read(t testing.TB, file []byte) result {
	t.Helper()
	return readAll(t, bytes.NewReader(file), capfile.Config{}, capfile.DefaultBuffer)
}
