package capfile_test

import (
	"bytes"
	"errors"
	"fmt"
	bigint "math/big"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// The threat cases of containers, T01 to T08, as far as other tests of the
// package do not have them: see TestRejected, TestPrefixes, TestLengthBombs,
// TestInterfaceFlood and TestBlockFlood.

// TestNotCaptures has files of every kind that is no capture (T01).
func TestNotCaptures(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	files := map[string][]byte{
		"zeros": make([]byte, 5000), "text": bytes.Repeat([]byte("0123456789\n"), 100), "elf": []byte("\x7fELF\x02\x01\x01"),
		"png": []byte("\x89PNG\r\n\x1a\n"), "mesquita": u32s(little, 0xa1b234cd, 0, 0, 0, 0, 0), "navtel": u32s(little, 0xa12b3c4d, 0, 0, 0, 0, 0),
	}
	for i := range 24 { // 0 to 23 random bytes
		b := make([]byte, i)
		for j := range b {
			b[j] = byte(random.Uint32()) | 0x80 // no magic has such bytes only
		}
		files[fmt.Sprintf("%d random bytes", i)] = b
	}
	for name, file := range files {
		got := read(t, file)
		var format *capfile.FormatError
		if !errors.As(got.err, &format) || format.Offset > int64(len(file)) {
			t.Errorf("%s: %v", name, got.err)
		}
	}
	if got := read(t, pcapHeader(little, micros, 65535, 1)); got.err != nil || len(got.packets) != 0 {
		t.Errorf("a header without packets: %v", got.err)
	}
}

// TestBlockLengths has every class of block length for every kind of block, and
// trailers that differ (T04). Reading ends or goes on, but never stands still.
func TestBlockLengths(t *testing.T) {
	head := join(sectionHeader(little), interfaceBlock(little, 1, 0))
	for _, kind := range []uint32{0, 1, 2, 3, 4, 5, 6, 7, 10, 0x0bad, 0x0a0d0d0a, 0xffffffff} {
		for _, length := range []uint32{0, 1, 4, 8, 11, 12, 13, 14, 16, 20, 24, 27, 28, 32, 33, 1 << 20, 1 << 24, 1<<24 + 4, 1 << 31, 0xfffffffc, 0xffffffff} {
			for _, trailer := range []uint32{length, length ^ 4, 0} {
				body := make([]byte, min(length, 40))
				copy(body, u32s(little, kind, length, 0x1a2b3c4d))
				if len(body) >= 12 {
					copy(body[len(body)-4:], u32s(little, trailer))
				}
				for _, cfg := range []capfile.Config{{}, {Salvage: true}} {
					file := join(head, u32s(little, kind, length, 0x1a2b3c4d)[:max(0, 12-len(body))], body, enhanced(little, 0, 1, 1, "a"))
					steps := 0
					n := allocated(func() { steps = readSteps(t, file, cfg) })
					if steps > len(file)/12+2 || n > 4<<20 {
						t.Errorf("type %#x, length %d: %d steps, %d bytes allocated", kind, length, steps, n)
					}
				}
			}
		}
	}
}

// readSteps counts the Fills that a capture takes, one packet or error each.
func readSteps(t *testing.T, file []byte, cfg capfile.Config) int {
	r, err := capfile.NewReader(bytes.NewReader(file), cfg)
	must(t, err)
	steps := 0
	for b := new(packet.Block); err == nil; steps++ {
		b.Reset()
		err = r.Fill(b)
	}
	return steps
}

// TestResolutions reads one stamp at all 256 time resolutions and compares with
// exact arithmetic (T06).
func TestResolutions(t *testing.T) {
	const stamp = 1<<40 + 12345
	for code := range 256 {
		file := join(sectionHeader(little), interfaceBlock(little, 1, 0, opt(little, 9, string([]byte{byte(code)}))), enhanced(little, 0, stamp, 1, "a"))
		got := read(t, file)
		if got.err != nil || len(got.packets) != 1 {
			t.Fatalf("resolution %#x: %v", code, got.err)
		}
		exponent, base, finest := int64(code&0x7f), int64(10), int64(19)
		if code&0x80 != 0 {
			base, finest = 2, 64
		}
		// stamp · 10⁹ / baseᵉˣᵖ, rounded down
		ns := new(bigint.Int).Mul(bigint.NewInt(stamp), bigint.NewInt(1_000_000_000))
		ns.Quo(ns, new(bigint.Int).Exp(bigint.NewInt(base), bigint.NewInt(exponent), nil))
		want, note := packet.NoTime, exponent > finest
		if !note && ns.IsInt64() {
			want = ns.Int64()
		}
		if got.packets[0].time != want || (got.interfaces[0].Note != "") != note {
			t.Errorf("resolution %#x: %d, want %d; note %q", code, got.packets[0].time, want, got.interfaces[0].Note)
		}
	}
}

// TestManySections has sections of both byte orders, each with its own link
// types (T05, T07).
func TestManySections(t *testing.T) {
	var file []byte
	for i := range 1000 {
		o := []byteOrder{little, big}[i%2]
		file = append(file, join(sectionHeader(o), interfaceBlock(o, uint16(i), 0), enhanced(o, 0, uint64(i), 1, "x"))...)
	}
	got := read(t, file)
	if got.err != nil || len(got.packets) != 1000 || got.info.Sections != 1000 {
		t.Fatalf("%v, %d packets, %d sections", got.err, len(got.packets), got.info.Sections)
	}
	for i, p := range got.packets {
		face := got.interfaces[p.iface]
		if int(face.Link) != i || face.Section != i || p.time != int64(i)*1000 {
			t.Fatalf("packet %d: %+v of %+v", i, p, face)
		}
	}
}

// TestOddRecords has the oddities that other readers accept (T08), in both
// formats: each is kept and counted.
func TestOddRecords(t *testing.T) {
	for name, test := range map[string]struct {
		file []byte
		odd  capfile.Oddity
	}{
		"captured above snapshot": {join(pcapHeader(little, micros, 2, 1), record(little, 1, 1, 3, "abc")), capfile.CapLenOverSnapLen},
		"captured above wire":     {join(pcapHeader(little, micros, 0, 1), record(little, 1, 1, 2, "abc")), capfile.CapLenOverWireLen},
		"fraction of a second":    {join(pcapHeader(little, micros, 0, 1), record(little, 1, 1_000_000, 3, "abc")), capfile.FractionOverSecond},
		"empty":                   {join(pcapHeader(little, micros, 0, 1), record(little, 1, 1, 3, "")), capfile.EmptyPacket},
		"ng above snapshot":       {join(sectionHeader(little), interfaceBlock(little, 1, 2), enhanced(little, 0, 1, 3, "abc")), capfile.CapLenOverSnapLen},
		"ng above wire":           {join(sectionHeader(little), interfaceBlock(little, 1, 0), enhanced(little, 0, 1, 2, "abc")), capfile.CapLenOverWireLen},
		"ng empty":                {join(sectionHeader(little), interfaceBlock(little, 1, 0), enhanced(little, 0, 1, 3, "")), capfile.EmptyPacket},
	} {
		for _, cfg := range []capfile.Config{{}, {Salvage: true}} {
			got := readAll(t, bytes.NewReader(test.file), cfg, 4096)
			if got.err != nil || len(got.packets) != 1 || got.info.Odd[test.odd] != 1 {
				t.Errorf("%s: %v, %d packets, %v", name, got.err, len(got.packets), got.info.Odd)
			}
		}
	}
}

// TestLargePackets reads packets as long as is configured, in both formats, and
// refuses longer ones.
func TestLargePackets(t *testing.T) {
	for _, limit := range []uint32{262_144, 1 << 20, 16 << 20} {
		cfg := capfile.DefaultConfig()
		cfg.SetMaxPacket(limit)
		must(t, cfg.Validate())
		for _, over := range []uint32{0, 1} {
			data := string(make([]byte, limit+over))
			for format, file := range map[string][]byte{
				"pcap":   join(pcapHeader(little, micros, 0, 1), record(little, 1, 1, limit+over, data)),
				"pcapng": join(sectionHeader(little), interfaceBlock(little, 1, 0), enhanced(little, 0, 1, limit+over, data)),
			} {
				for _, cfg.Salvage = range []bool{false, true} {
					got := readAll(t, bytes.NewReader(file), cfg, 4096)
					if ok := got.err == nil && len(got.packets) == 1; ok != (over == 0) {
						t.Errorf("%s, limit %d and %d more, salvage %v: %v", format, limit, over, cfg.Salvage, got.err)
					}
				}
			}
		}
	}
}

// TestHostileTimes doubles hostile files and compares the time they take: it may
// not grow faster than they do (R8).
func TestHostileTimes(t *testing.T) {
	ratios := os.Getenv("PCAPMILL_ACCEPT") != ""
	ng := join(sectionHeader(little), interfaceBlock(little, 1, 0))
	pcap := pcapHeader(little, micros, 65535, 1)
	one := enhanced(little, 0, 1_700_000_000_000_000, 3, "abc")
	rec := record(little, 1_700_000_000, 1, 3, "abc")
	zeros := make([]byte, 60)
	lie := u32s(little, 1_700_000_000, 1, 60_000, 60_000)
	for name, test := range map[string]struct{ head, unit []byte }{
		"interfaces, then statistics from behind": {ng, join(interfaceBlock(little, 1, 0), statisticsBlock(little, 0, u64opt(little, 4, 1)))},
		"names":                        {ng, block(little, 4, nameRecord(little, 1, "\x7f\x00\x00\x01"+"abcdefgh\x00"))},
		"comments":                     {ng, enhanced(little, 0, 1, 1, "a", bytes.Repeat(opt(little, 1, ""), 500))},
		"salvage: zeros":               {pcap, zeros},
		"salvage: records and junk":    {pcap, join(rec, rec, []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))},
		"salvage: lies":                {pcap, join(rec, lie)},
		"salvage: headers everywhere":  {pcap, u32s(little, 1_700_000_000, 1_700, 1_700, 1_700)},
		"salvage: blocks and junk":     {ng, join(one, []byte("\x06\x00\x00\x00\x20\x00\x00\x00!"))},
		"salvage: block starts":        {ng, u32s(little, 6, 0x20000, 0, 0)},
		"salvage: sections and junk":   {ng, join(sectionHeader(little), []byte("junk!"))},
		"salvage: interfaces and junk": {ng, join(interfaceBlock(little, 1, 0), []byte("junk!"))},
		"salvage: overlapping blocks":  {ng, join(u32s(little, 10, 24), u32s(little, 10, 24), u32s(little, 24, 24))},
	} {
		cfg := capfile.Config{Salvage: name[0] == 's'}
		small := join(test.head, bytes.Repeat(test.unit, 1+1<<20/len(test.unit)))
		large := join(test.head, bytes.Repeat(test.unit, 2+2<<20/len(test.unit)))
		ratio := 0.0
		for try := 0; ratios && try < 5; try++ { // the machine may be busy
			a, b := fastest(small, cfg), fastest(large, cfg)
			ratio = float64(b) / float64(a)
			if ratio <= 2.5 || b < 5*time.Millisecond {
				ratio = 0
				break
			}
		}
		if ratio != 0 {
			t.Errorf("%s: twice the bytes take %.1f times as long", name, ratio)
		}
		if took := fastest(large, cfg); took > 3*time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(large))
		}
	}
}

func fastest(file []byte, cfg capfile.Config) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		r, err := capfile.NewReader(bytes.NewReader(file), cfg)
		for b := new(packet.Block); err == nil; {
			b.Reset()
			err = r.Fill(b)
		}
		best = min(best, time.Since(start))
	}
	return best
}
