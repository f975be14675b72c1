package live

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"golang.org/x/net/bpf"

	"pcapmill/ingest/filter"
	"pcapmill/ingest/packet"
)

// kernel is a frame as a socket's filter sees it.
type kernel struct {
	data       []byte
	linkHeader int
	tagged     bool
	tpid, tci  uint16
	protocol   uint16
	packetType uint32
	index      uint32
	hardware   uint32
}

// extension answers an ancillary load.
func (k *kernel) extension(at uint32) uint32 {
	switch at {
	case adProtocol:
		return uint32(k.protocol)
	case adPktType:
		return k.packetType
	case adIndex:
		return k.index
	case adHatype:
		return k.hardware
	case adTag:
		return uint32(k.tci)
	case adTPID:
		return uint32(k.tpid)
	case adTagged:
		if k.tagged {
			return 1
		}
	}
	return 0
}

// bytes reads at a place as the kernel does; false behind the end.
func (k *kernel) bytes(at, size uint32) (uint32, bool) {
	base := uint64(at)
	switch {
	case at >= adOff:
		return k.extension(at), true
	case at >= netOff:
		base = uint64(at-netOff) + uint64(k.linkHeader)
	}
	if base+uint64(size) > uint64(len(k.data)) {
		return 0, false
	}
	switch b := k.data[base:]; size {
	case 1:
		return uint32(b[0]), true
	case 2:
		return uint32(binary.BigEndian.Uint16(b)), true
	default:
		return binary.BigEndian.Uint32(b), true
	}
}

// run runs a program as the kernel does. Loads are resolved here and left to filter's own
// machine as constants, one instruction at a time.
func (k *kernel) run(t *testing.T, p []bpf.RawInstruction) uint32 {
	t.Helper()
	var a, x uint32
	var mem [16]uint32
	for pc := 0; pc < len(p); pc++ {
		in, ok := p[pc], true
		operand := in.K
		if in.Op&0x08 != 0 {
			operand = x
		}
		switch {
		case in.Op == opLoadImm:
			a = in.K
		case in.Op == opLoadMem:
			a = mem[in.K]
		case in.Op == opLoadLen:
			a = uint32(len(k.data))
		case in.Op&classMask == 0 && in.Op&modeMask == modeAbs:
			a, ok = k.bytes(in.K, loadBytes(in.Op))
		case in.Op&classMask == 0 && in.Op&modeMask == modeInd:
			a, ok = k.bytes(in.K+x, loadBytes(in.Op))
		case in.Op == opLoadXMSH:
			x, ok = k.bytes(in.K, 1)
			x = x & 0x0f * 4
		case in.Op == opLoadXImm:
			x = in.K
		case in.Op == opLoadXImm|0x60:
			x = mem[in.K]
		case in.Op == opStore:
			mem[in.K] = a
		case in.Op == opStore|1:
			mem[in.K] = x
		case in.Op == opTAX:
			x = a
		case in.Op == opTAX|0x80:
			a = x
		case in.Op == opReturn:
			return in.K
		case in.Op == opJump:
			pc += int(in.K)
		case in.Op&classMask == classJump:
			yes := map[uint16]bool{0x10: a == operand, 0x20: a > operand, 0x30: a >= operand, 0x40: a&operand != 0}[in.Op&0xf0]
			if yes {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case in.Op&classMask == 4:
			a = arithmetic(in.Op, a, operand)
		default:
			t.Fatalf("instruction %#x", in.Op)
		}
		if !ok {
			return 0
		}
	}
	t.Fatal("the program does not return")
	return 0
}

func arithmetic(op uint16, a, k uint32) uint32 {
	switch op & 0xf0 {
	case 0x00:
		return a + k
	case 0x10:
		return a - k
	case 0x20:
		return a * k
	case 0x40:
		return a | k
	case 0x50:
		return a & k
	case 0x60:
		return a << k
	case 0x70:
		return a >> k
	}
	panic("an operation that the expressions of the test do not have")
}

// rewritten are expressions of which the kernel is asked.
var rewritten = []string{
	"ip", "udp port 53", "tcp or udp port 53", "vlan", "vlan 5", "vlan 5 and udp", "vlan and vlan and udp port 53", "not vlan 5", "ip6 or arp",
	"ether host 02:00:00:00:00:01", "ether[12] = 0x81", "ether[13] = 0xa8", "ether[15] = 5", "ether[14] & 0xe0 = 0xe0", "len > 100", "len <= 104 and udp",
	"ip[8] = 64", "udp[4:2] > 50", "ip[2:2] > 80 and len > 90", "host 10.0.0.2 or net 10.1.0.0/16", "portrange 10-60",
}

// TestRewritten compares what rewritten filters say of frames as the kernel has them with
// what the filters say of frames as they are captured.
func TestRewritten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	matched := map[packet.LinkType]int{}
	for _, how := range []framing{framingEthernet, framingCooked} {
		link := packet.LinkEthernet
		if how == framingCooked {
			link = packet.LinkSLL2
		}
		for _, text := range rewritten {
			expr, err := filter.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			compiled, err := expr.Compile(link)
			if err != nil {
				continue // cooked headers have no answer
			}
			program, err := socketFilter(compiled.Program(), how, 1000)
			if err != nil {
				if how == framingEthernet {
					t.Errorf("%s: %v", text, err)
				}
				continue
			}
			for range 300 {
				k := randomKernel(random)
				f := capturedOf(&k, how)
				want := compiled.Program().Match(f.Append(nil), uint32(f.WireLen))
				if got := k.run(t, program); got != 0 != want || want && got < 1000 {
					t.Fatalf("%s on link type %v: the kernel says %d, the filter %v, of\n%x", text, link, got, want, f.Append(nil))
				}
				if want {
					matched[link]++
				}
			}
		}
	}
	if matched[packet.LinkEthernet] < 500 || matched[packet.LinkSLL2] < 200 {
		t.Errorf("%v frames matched: the test shows little", matched)
	}
}

// randomKernel makes a frame of IPv4 or IPv6 or something else, with no, one or two tags, the
// outer one taken out.
func randomKernel(r *rand.Rand) kernel {
	f := []byte("\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01")
	k := kernel{index: 7, hardware: 1, packetType: uint32(r.IntN(5)), tagged: r.IntN(2) == 0, linkHeader: 14}
	if k.tagged {
		k.tpid, k.tci = []uint16{0x8100, 0x88a8}[r.IntN(2)], []uint16{5, 0xe005, 0x0fff, 0x4500}[r.IntN(4)]
	}
	k.protocol = []uint16{0x0800, 0x0800, 0x86dd, 0x0806}[r.IntN(4)]
	if r.IntN(3) == 0 {
		f = append(f, 0x81, 0, 0, byte(5+r.IntN(2)))
		f = binary.BigEndian.AppendUint16(f, k.protocol)
		k.protocol = 0x8100
	} else {
		f = binary.BigEndian.AppendUint16(f, k.protocol)
	}
	ip := make([]byte, 20+r.IntN(100))
	copy(ip, []byte{0x45 + byte(r.IntN(2)), 0, 0, byte(len(ip)), 0, 0, 0, 0, 64, []byte{6, 17}[r.IntN(2)], 0, 0, 10, 0, 0, 1, 10, 0, 0, 2})
	for i := 20; i < len(ip); i++ {
		ip[i] = []byte{0, 53, 0, 20}[r.IntN(4)]
	}
	k.data = append(f, ip...)
	k.data = k.data[:len(k.data)-r.IntN(20)]
	return k
}

// capturedOf is the frame as it is captured.
func capturedOf(k *kernel, how framing) Frame {
	f := fakeFrame{
		data: k.data, wire: uint32(len(k.data)), linkHeader: k.linkHeader, protocol: k.protocol, index: k.index,
		hardware: uint16(k.hardware), packetType: uint8(k.packetType),
	}
	if k.tagged {
		f.status, f.tci, f.tpid = statusTagged|statusTPID, k.tci, k.tpid
	}
	frames, _ := layout{how, 1 << 16}.walk(nil, fakeBlock(f))
	return frames[0]
}

// TestOnlyOnce lets frames pass that the loopback received, and those of others.
func TestOnlyOnce(t *testing.T) {
	for _, test := range []struct {
		k        kernel
		loopback int
		want     uint32
	}{
		{kernel{packetType: pktOutgoing, index: 1}, 0, 0},
		{kernel{packetType: 0, index: 1}, 0, 99},
		{kernel{packetType: pktOutgoing, index: 1}, 1, 0},
		{kernel{packetType: pktOutgoing, index: 2}, 1, 99},
		{kernel{packetType: 0, index: 1}, 1, 99},
	} {
		if got := test.k.run(t, onlyOnce(keepAll(99), test.loopback)); got != test.want {
			t.Errorf("%+v: %d, want %d", test, got, test.want)
		}
	}
}

// TestKernelIsNotAsked names what only user space can decide exactly.
func TestKernelIsNotAsked(t *testing.T) {
	long := make(filter.Program, 0, 300)
	long = append(long, bpf.RawInstruction{Op: opJumpEqual, Jt: 255})
	for range 260 {
		long = append(long, bpf.RawInstruction{Op: opLoadLen})
	}
	long = append(long, bpf.RawInstruction{Op: opReturn, K: 1})
	var full filter.Program
	for i := range uint32(registers) {
		full = append(full, bpf.RawInstruction{Op: opStore, K: i})
	}
	full = append(full, bpf.RawInstruction{Op: opLoadXMSH, K: 14}, bpf.RawInstruction{Op: opReturn, K: 1})
	for name, p := range map[string]filter.Program{
		"a computed length":   {{Op: opReturnA}},
		"a computed place":    {{Op: opLoadWord, K: 20}, {Op: opTAX}, {Op: 0x50, K: 20}, {Op: opReturn, K: 1}},
		"before the payload":  {{Op: opLoadXImm, K: 3}, {Op: 0x50, K: 12}, {Op: opReturn, K: 1}},
		"across the tag":      {{Op: opLoadWord, K: 10}, {Op: opReturn, K: 1}},
		"branches too far":    long,
		"no register is free": full,
	} {
		if _, err := socketFilter(p, framingEthernet, 100); err == nil {
			t.Errorf("%s: the kernel is asked", name)
		}
		if _, err := socketFilter(p, framingAsIs, 100); err == nil != (name == "across the tag" || name == "before the payload" || name == "branches too far" || name == "no register is free") {
			t.Errorf("%s, of frames as they are: %v", name, err)
		}
	}
}
