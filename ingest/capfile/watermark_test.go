package capfile_test

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// TestWatermarks: the statistics blocks of live sections are watermarks, at their place
// among the packets and by the clock of their interface; those of others, of no interface
// or of no instant are none.
func TestWatermarks(t *testing.T) {
	const second = 1_000_000_000
	want := []mark{{0, second}, {2, 4 * second}, {2, 5 * second}, {2, 6 * second}, {4, 10 * second}}
	for _, o := range []byteOrder{little, big} {
		for _, application := range []string{"pcapmill live", "pcapmill live 2.3 x"} {
			got := read(t, liveCapture(o, application))
			if !slices.Equal(got.marks, want) || len(got.packets) != 5 || got.err != nil {
				t.Errorf("%s: %v, %d packets, %v; want %v", application, got.marks, len(got.packets), got.err, want)
			}
		}
		for _, application := range []string{"pcapmill", "a pcapmill live", "Pcapmill live", ""} {
			if got := read(t, liveCapture(o, application)); len(got.marks) > 0 || len(got.packets) != 5 || got.err != nil {
				t.Errorf("%s: %v, %d packets, %v", application, got.marks, len(got.packets), got.err)
			}
		}
	}
}

// TestManyWatermarks: what lies behind each is not copied again for each.
func TestManyWatermarks(t *testing.T) {
	file := liveCapture(little, "pcapmill live")
	file = file[:bytes.LastIndex(file, u32s(little, 0x0a0d0d0a))] // its first section
	mark := statisticsBlock(little, 0)
	copy(mark[12:], u32s(little, 0, 1))
	const marks = 20000
	file = append(file, bytes.Repeat(mark, marks)...)
	file = append(file, enhanced(little, 0, 1, 1, "z")...)
	r, err := capfile.NewReader(bytes.NewReader(file), capfile.Config{})
	must(t, err)
	b := packet.Block{Data: make([]byte, 0, 256<<10)}
	seen := 0
	for err == nil {
		b.Reset()
		if err = r.Fill(&b); b.Watermark == 1 {
			seen++
			if n := cap(b.Data) - 256<<10; n > 0 || len(b.Data) > 8<<10 && seen > 1 && len(b.Records) == 0 {
				t.Fatalf("watermark %d comes with %d bytes", seen, len(b.Data))
			}
		}
	}
	if err != io.EOF || seen != marks {
		t.Errorf("%d watermarks, %v", seen, err)
	}
}
