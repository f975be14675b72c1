package capfile_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// allocated returns the bytes that f allocates in total.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// endless is a source of n zero bytes.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n := int(min(e.n, int64(len(p))))
	clear(p[:n])
	e.n -= int64(n)
	return n, nil
}

// TestLengthBombs has small files whose lengths promise gigabytes.
func TestLengthBombs(t *testing.T) {
	ng := join(sectionHeader(little), interfaceBlock(little, 1, 0))
	zeros := make([]byte, 40)
	for name, file := range map[string][]byte{
		"pcap 2 GiB":         join(pcapHeader(little, micros, 0, 1), u32s(little, 0, 0, 1<<31, 1<<31), zeros),
		"pcap 16 MiB":        join(pcapHeader(little, micros, 0, 1), u32s(little, 0, 0, 16<<20, 16<<20), zeros),
		"pcap snaplen":       join(pcapHeader(little, micros, 1<<31, 1), u32s(little, 0, 0, 1<<30, 1<<30), zeros),
		"pcap big-endian":    join(pcapHeader(big, micros, 0, 1), u32s(big, 0, 0, 1<<24, 1<<31), zeros),
		"enhanced 4 GiB":     join(ng, u32s(little, 6, 84, 0, 0, 0, 0xffffffff, 0xffffffff), zeros, zeros[:12], u32s(little, 84)),
		"enhanced block":     join(ng, u32s(little, 6, 16<<20, 0, 0, 0, 16<<20-32, 0), zeros),
		"section block":      join(u32s(little, 0x0a0d0d0a, 16<<20, 0x1a2b3c4d), zeros),
		"interface block":    join(ng, u32s(little, 1, 16<<20), zeros),
		"simple, no snaplen": join(ng, u32s(little, 3, 64, 0xffffffff), zeros, zeros[:8], u32s(little, 64)),
		"skipped block":      join(ng, u32s(little, 5, 16<<20), zeros),
	} {
		for _, cfg := range []capfile.Config{{}, {MaxPacket: capfile.LargestMaxPacket}} {
			var got result
			n := allocated(func() { got = readAll(t, bytes.NewReader(file), cfg, capfile.DefaultBuffer) })
			var damage *capfile.DamageError
			if !errors.As(got.err, &damage) || n > 1<<20 {
				t.Errorf("%s: %d bytes allocated, %v", name, n, got.err)
			}
		}
	}
}

// TestGrowth delivers a packet far larger than the buffer, allocating no more
// than a small multiple of what arrives, and drops it when its bytes stop.
func TestGrowth(t *testing.T) {
	const length = 16 << 20
	head := join(pcapHeader(little, micros, 0, 1), u32s(little, 0, 0, length, length))
	cfg := capfile.Config{MaxPacket: length}
	for _, present := range []int64{length, length - 1, 1 << 20, 300_000} {
		var records int
		var err error
		n := allocated(func() {
			r, e := capfile.NewReader(io.MultiReader(bytes.NewReader(head), &endless{n: present}), cfg)
			must(t, e)
			b := packet.Block{Data: make([]byte, 0, capfile.DefaultBuffer)}
			for err == nil {
				b.Reset()
				err = r.Fill(&b)
				records += len(b.Records)
			}
		})
		if records == 1 != (present == length) || (err == io.EOF) != (present == length) {
			t.Errorf("%d bytes present: %d records, %v", present, records, err)
		}
		if n > 5*uint64(present)+1<<20 {
			t.Errorf("%d bytes present: %d allocated", present, n)
		}
	}
}

// TestInterfaceFlood has 10 MB of interface descriptions.
func TestInterfaceFlood(t *testing.T) {
	one := interfaceBlock(little, 1, 0)
	section := append(sectionHeader(little), bytes.Repeat(one, 65_536)...)
	for name, test := range map[string]struct {
		file   []byte
		count  int
		offset int
	}{
		"one section":   {append(bytes.Clone(section), bytes.Repeat(one, 434_464)...), 65_536, len(section)},
		"many sections": {bytes.Repeat(section, 8), 262_144, 4*len(section) + 28},
	} {
		var got result
		n := allocated(func() { got = read(t, test.file) })
		var limit *capfile.LimitError
		if !errors.As(got.err, &limit) || limit.Offset != int64(test.offset) || len(got.interfaces) != test.count {
			t.Errorf("%s: %v, %d interfaces, want %d and the limit at %d", name, got.err, len(got.interfaces), test.count, test.offset)
		}
		if limit != nil && limit.Error() == "" {
			t.Errorf("%s: the limit is not described", name)
		}
		if n > 256<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
}

// TestBlockFlood has a million blocks to step over, and sections without end:
// nothing is kept of them.
func TestBlockFlood(t *testing.T) {
	head := join(sectionHeader(little), interfaceBlock(little, 1, 0))
	last := enhanced(little, 0, 1, 1, "a")
	for name, flood := range map[string][]byte{
		"custom blocks":    bytes.Repeat(block(little, 0x0bad, nil), 1_000_000),
		"one large block":  block(little, 4, make([]byte, 12<<20)),
		"large interfaces": bytes.Repeat(interfaceBlock(little, 1, 0, opt(little, 2, string(make([]byte, 65_532)))), 150),
		"sections":         join(bytes.Repeat(sectionHeader(little), 300_000), interfaceBlock(little, 1, 0)),
	} {
		file := join(head, flood, last)
		var got result
		n := allocated(func() { got = read(t, file) })
		if got.err != nil || len(got.packets) != 1 || n > 1<<20 {
			t.Errorf("%s: %v, %d packets, %d bytes allocated", name, got.err, len(got.packets), n)
		}
	}
}

// TestFillAllocations reads long captures through one Block without allocating.
func TestFillAllocations(t *testing.T) {
	const count = 20_000
	for name, file := range map[string][]byte{
		"pcap":   pcapFile(t, capfile.DefaultPcapConfig(), count, sizes(false)),
		"pcapng": pcapngFile(t, capfile.DefaultInterface(1), count, sizes(false)),
	} {
		r, err := capfile.NewReader(bytes.NewReader(file), capfile.Config{})
		must(t, err)
		b := packet.Block{Data: make([]byte, 0, 64<<10), Records: make([]packet.Record, 0, 4096)}
		must(t, r.Fill(&b)) // the buffer for the tail has its size now
		n := testing.AllocsPerRun(100, func() {
			b.Reset()
			if err := r.Fill(&b); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 || len(b.Records) == 0 {
			t.Errorf("%s: %v allocations a Fill, %d records in the last", name, n, len(b.Records))
		}
	}
}
