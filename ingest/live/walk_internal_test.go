package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pcapmill/ingest/filter"
)

// fakeFrame is a frame as a kernel puts it into a block.
type fakeFrame struct {
	data       []byte
	wire       uint32
	status     uint32
	tci, tpid  uint16
	linkHeader int
	protocol   uint16 // network order
	index      uint32
	hardware   uint16
	packetType uint8
	sec, nano  uint32
}

const fakeMAC = 96 // where the bytes of a fake frame begin

func put16(b []byte, at int, v uint16) { binary.NativeEndian.PutUint16(b[at:], v) }
func put32(b []byte, at int, v uint32) { binary.NativeEndian.PutUint32(b[at:], v) }

// fakeBlock builds a retired block.
func fakeBlock(frames ...fakeFrame) []byte {
	block := make([]byte, blockHeader)
	put32(block, blockStatusAt, 1)
	put32(block, blockPacketsAt, uint32(len(frames)))
	put32(block, blockFirstAt, blockHeader)
	for i, f := range frames {
		b := make([]byte, fakeMAC, fakeMAC+len(f.data)+16)
		put32(b, frameSecAt, f.sec)
		put32(b, frameNanoAt, f.nano)
		put32(b, frameSnapAt, uint32(len(f.data)))
		put32(b, frameLenAt, f.wire)
		put32(b, frameStatusAt, f.status)
		put16(b, frameMACAt, fakeMAC)
		put16(b, frameNetAt, uint16(fakeMAC+f.linkHeader))
		put32(b, frameTCIAt, uint32(f.tci))
		put16(b, frameTPIDAt, f.tpid)
		binary.BigEndian.PutUint16(b[addressAt+2:], f.protocol)
		put32(b, addressIndexAt, f.index)
		put16(b, addressTypeAt, f.hardware)
		b[addressAt+10] = f.packetType
		b[addressAt+11] = 6
		copy(b[addressAt+12:], []byte{1, 2, 3, 4, 5, 6})
		b = append(b, f.data...)
		for len(b)%16 != 0 {
			b = append(b, 0)
		}
		if i < len(frames)-1 {
			put32(b, frameNextAt, uint32(len(b)))
		}
		block = append(block, b...)
	}
	return block
}

var ethernetFrame = []byte("\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08\x00PAYLOAD")

// TestWalk holds what becomes of frames, by hand.
func TestWalk(t *testing.T) {
	const payload = "PAYLOAD"
	macs := string(ethernetFrame[:12])
	sll2 := func(protocol string) string {
		return protocol + "\x00\x00\x00\x00\x00\x07\x00\x01\x04\x06\x01\x02\x03\x04\x05\x06\x00\x00"
	}
	base := fakeFrame{data: ethernetFrame, wire: 1021, linkHeader: 14, protocol: 0x0800, index: 7, hardware: 1, packetType: 4, sec: 3, nano: 5}
	tag := base
	tag.status, tag.tci, tag.tpid = statusTagged|statusTPID, 0xe005, 0x88a8
	zeroTag := base
	zeroTag.status = statusTagged
	oldKernel := base
	oldKernel.tci = 9
	tunnel := base
	tunnel.hardware, tunnel.linkHeader, tunnel.data = 778, 0, []byte(payload)
	inData := base // a tag that was never taken out: the network layer begins behind it
	inData.linkHeader, inData.protocol, inData.data = 18, 0x8100, []byte(macs+"\x81\x00\x00\x05\x08\x00"+payload)
	hardware := base
	hardware.status = statusHardware
	for _, test := range []struct {
		name string
		in   fakeFrame
		l    layout
		want string
		wire int
	}{
		{"as it is", tag, layout{framingAsIs, 100}, string(ethernetFrame), 1021},
		{"untagged", base, layout{framingEthernet, 100}, string(ethernetFrame), 1021},
		{"tagged", tag, layout{framingEthernet, 100}, macs + "\x88\xa8\xe0\x05\x08\x00" + payload, 1025},
		{"tag of zero", zeroTag, layout{framingEthernet, 100}, macs + "\x81\x00\x00\x00\x08\x00" + payload, 1025},
		{"tag without a bit", oldKernel, layout{framingEthernet, 100}, macs + "\x81\x00\x00\x09\x08\x00" + payload, 1025},
		{"tagged, cut", tag, layout{framingEthernet, 18}, macs + "\x88\xa8\xe0\x05\x08\x00", 1025},
		{"cooked", base, layout{framingCooked, 100}, sll2("\x08\x00") + payload, 1027},
		{"cooked, tagged", tag, layout{framingCooked, 100}, sll2("\x88\xa8") + "\xe0\x05\x08\x00" + payload, 1031},
		{"cooked, tag in the data", inData, layout{framingCooked, 100}, sll2("\x81\x00") + "\x00\x05\x08\x00" + payload, 1027},
		{"cooked, no header", tunnel, layout{framingCooked, 100}, strings.Replace(sll2("\x08\x00"), "\x07\x00\x01", "\x07\x03\x0a", 1) + payload, 1041},
		{"cooked, cut in the header", base, layout{framingCooked, 10}, sll2("\x08\x00")[:10], 1027},
	} {
		got, lost := test.l.walk(nil, fakeBlock(base, test.in))
		if len(got) != 2 || lost != 0 {
			t.Errorf("%s: %d frames, %d lost", test.name, len(got), lost)
			continue
		}
		f := got[1]
		if string(f.Append(nil)) != test.want || f.WireLen != test.wire || f.Interface != 7 || f.Time != 3_000_000_005 || f.Hardware {
			t.Errorf("%s: %d on the wire, %+v\n%q, want %d\n%q", test.name, f.WireLen, f, f.Append(nil), test.wire, test.want)
		}
	}
	if got, _ := (layout{framingEthernet, 100}).walk(nil, fakeBlock(hardware)); len(got) != 1 || !got[0].Hardware {
		t.Error("a time stamp of hardware is not told")
	}
}

// TestWalkOfContradictions damages blocks: what is sound is read, the rest counted.
func TestWalkOfContradictions(t *testing.T) {
	f := fakeFrame{data: ethernetFrame, wire: 21, linkHeader: 14}
	second := blockHeader + fakeMAC + 32
	for _, test := range []struct {
		name         string
		damage       func(b []byte)
		frames, lost int
	}{
		{"none", func([]byte) {}, 3, 0},
		{"no frames", func(b []byte) { put32(b, blockPacketsAt, 0) }, 0, 0},
		{"more than there are", func(b []byte) { put32(b, blockPacketsAt, 5) }, 3, 2},
		{"count beyond sense", func(b []byte) { put32(b, blockPacketsAt, math.MaxUint32) }, 3, len(fakeBlock(f, f, f))/frameHeader - 3},
		{"first in the header", func(b []byte) { put32(b, blockFirstAt, 8) }, 0, 3},
		{"first behind the end", func(b []byte) { put32(b, blockFirstAt, math.MaxUint32) }, 0, 3},
		{"next is itself", func(b []byte) { put32(b, second, 0) }, 2, 1},
		{"next behind the end", func(b []byte) { put32(b, second, math.MaxUint32) }, 2, 1},
		{"too long", func(b []byte) { put32(b, second+frameSnapAt, math.MaxUint32) }, 2, 1},
		{"longer than up to the next", func(b []byte) { put32(b, second+frameSnapAt, 60) }, 2, 1},
		{"bytes in the header", func(b []byte) { put16(b, second+frameMACAt, 3) }, 2, 1},
		{"no time", func(b []byte) { put32(b, second+frameNanoAt, nanosPerSecond) }, 2, 1},
		{"shorter on the wire", func(b []byte) { put32(b, second+frameLenAt, 0) }, 3, 0},
	} {
		block := fakeBlock(f, f, f)
		test.damage(block)
		got, lost := layout{framingEthernet, 100}.walk(nil, block)
		if len(got) != test.frames || lost != test.lost {
			t.Errorf("%s: %d frames, %d lost, want %d and %d", test.name, len(got), lost, test.frames, test.lost)
		}
		for _, f := range got {
			if f.WireLen < f.Len() {
				t.Errorf("%s: %d bytes captured of %d", test.name, f.Len(), f.WireLen)
			}
		}
	}
}

// FuzzWalk walks over blocks of any bytes.
func FuzzWalk(f *testing.F) {
	frame := fakeFrame{data: ethernetFrame, wire: 21, linkHeader: 14, status: statusTagged, tci: 5, hardware: 1}
	odd := frame
	odd.data, odd.linkHeader, odd.hardware = nil, -40, 778
	f.Add(fakeBlock(frame, frame), uint8(framingEthernet), 64)
	f.Add(fakeBlock(odd, frame), uint8(framingCooked), 10)
	f.Add(fakeBlock(), uint8(framingAsIs), 0)
	f.Fuzz(func(t *testing.T, block []byte, kind uint8, snapLen int) {
		l := layout{framing(kind % 3), max(snapLen, 0)}
		before := bytes.Clone(block)
		frames, lost := l.walk(nil, block)
		if len(frames)+lost > len(block)/frameHeader {
			t.Errorf("%d frames and %d lost in %d bytes", len(frames), lost, len(block))
		}
		for i := range frames {
			if n := frames[i].Len(); n > l.snapLen || n > frames[i].WireLen && frames[i].PrefixLen == 0 || n != len(frames[i].Append(nil)) {
				t.Errorf("frame %d: %d bytes of %d, at most %d", i, n, frames[i].WireLen, l.snapLen)
			}
		}
		if !bytes.Equal(before, block) {
			t.Error("the block changed")
		}
	})
}

// TestWalkAllocatesNothing walks with room for the frames.
func TestWalkAllocatesNothing(t *testing.T) {
	f := fakeFrame{data: ethernetFrame, wire: 21, linkHeader: 14, status: statusTagged, tci: 5, hardware: 1}
	block, frames := fakeBlock(f, f, f, f), make([]Frame, 0, 4)
	for _, kind := range []framing{framingAsIs, framingEthernet, framingCooked} {
		if n := testing.AllocsPerRun(100, func() { frames, _ = layout{kind, 100}.walk(frames[:0], block) }); n != 0 {
			t.Errorf("framing %d: %v allocations", kind, n)
		}
	}
}

func TestCountersGoOn(t *testing.T) {
	for _, test := range []struct {
		before, now uint64
		want        int64
	}{
		{0, 0, 0}, {5, 9, 4}, {math.MaxUint32 - 1, 3, 5}, {math.MaxUint32, 0, 1},
		{1 << 40, 1<<40 + 7, 7}, {1000, 3, 3}, {1 << 40, 3, 3},
	} {
		if got := since(test.before, test.now); got != test.want {
			t.Errorf("from %d to %d: %d, want %d", test.before, test.now, got, test.want)
		}
	}
}

func TestClockSteps(t *testing.T) {
	var w clockWatch
	at := time.Now()
	if w.step(at) != 0 || w.step(at.Add(time.Hour)) != 0 {
		t.Error("a step where the clocks went together")
	}

	set := clockWatch{base: at, apart: -3 * time.Second}
	if got := set.step(at); got != 3*time.Second {
		t.Errorf("a step of %v, want 3s", got)
	}
	if got := set.step(at); got != 0 {
		t.Errorf("the same step again: %v", got)
	}
	if e := clockEvent(at, -2*time.Second); e.Detail != "set back by 2s" || e.Kind != EventClockStep || e.Start != at.UnixNano() {
		t.Errorf("%+v", e)
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := DefaultConfig("eth0")
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for text, change := range map[string]func(c *Config){
		"no interface":                  func(c *Config) { c.Interface = "" },
		"0 rings":                       func(c *Config) { c.Rings = 0 },
		"65 rings":                      func(c *Config) { c.Rings = 65 },
		"64 rings of 4096 MiB":          func(c *Config) { c.Rings, c.Blocks = 64, 4096 },
		"snapshot length of 63":         func(c *Config) { c.SnapLen = 63 },
		"blocks of 1000 bytes":          func(c *Config) { c.BlockBytes = 1000 },
		"cannot hold frames of 262144":  func(c *Config) { c.BlockBytes = 1 << 16 },
		"1 blocks":                      func(c *Config) { c.Blocks = 1 },
		"1000000 blocks":                func(c *Config) { c.Blocks = 1_000_000 },
		"not 0s":                        func(c *Config) { c.Retire = 0 },
		"not 1.5ms":                     func(c *Config) { c.Retire = 1500 * time.Microsecond },
		"joining fragments":             func(c *Config) { c.Defrag = true },
		`time stamps "ptp"`:             func(c *Config) { c.Timestamps = "ptp" },
		"need one interface":            func(c *Config) { c.Interface, c.Timestamps = Any, TimestampsHardware },
		"the filter's program: instruc": func(c *Config) { c.Program = filter.Program{{Op: 0xff}} },
	} {
		c := good
		change(&c)
		if err := c.Validate(); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %s", err, text)
		}
	}
}

// TestLinkTypes names the frames of interfaces.
func TestLinkTypes(t *testing.T) {
	for hardware, want := range map[int]string{1: "ethernet", 772: "ethernet", 65534: "raw", 803: "ieee802_11_radiotap", 512: "linux_sll2", 280: "linux_sll2"} {
		if got, _ := linkOf(hardware); got.String() != want {
			t.Errorf("hardware %d: %v, want %s", hardware, got, want)
		}
	}
	if linkNote(280) == "" || linkNote(1) != "" {
		t.Error("notes on links without IP")
	}
}
