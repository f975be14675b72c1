package live

import (
	"fmt"

	"golang.org/x/net/bpf"

	"pcapmill/ingest/filter"
)

// Ancillary loads of the kernel's filters: SKF_AD_OFF and what is behind it, and
// SKF_NET_OFF, from where on offsets count from the network header.
const (
	adOff       = 0xfffff000
	adProtocol  = adOff + 0
	adPktType   = adOff + 4
	adIndex     = adOff + 8
	adHatype    = adOff + 28
	adTag       = adOff + 44
	adTagged    = adOff + 48
	adTPID      = adOff + 60
	netOff      = 0xfff00000
	pktOutgoing = 4
)

// Instructions.
const (
	opLoadWord   = 0x20 // absolute
	opLoadImm    = 0x00
	opLoadMem    = 0x60
	opLoadLen    = 0x80
	opLoadXImm   = 0x01
	opLoadXLen   = 0x81
	opLoadXMSH   = 0xb1
	opStore      = 0x02
	opAddK       = 0x04
	opAndK       = 0x54
	opShiftLeft  = 0x64
	opShiftRight = 0x74
	opJump       = 0x05
	opJumpEqual  = 0x15
	opReturn     = 0x06
	opReturnA    = 0x16
	opTAX        = 0x07
	opLoadHalf   = 0x28 // absolute
)

// Parts of instructions, and limits.
const (
	classMask  = 0x07
	classLoad  = 0x00
	classLoadX = 0x01
	classALU   = 0x04
	classJump  = 0x05
	classMisc  = 0x07

	modeMask = 0xe0
	modeAbs  = 0x20
	modeInd  = 0x40
	sizeMask = 0x18
	sizeWord = 0x00
	sizeHalf = 0x08
	sourceX  = 0x08

	jumpMask         = 0xf0
	jumpEqual        = 0x10
	jumpGreater      = 0x20
	jumpGreaterEqual = 0x30

	registers   = 16
	maxProgram  = 4096
	maxBranch   = 255
	maxConstant = 1 << 16 // an X so large cannot lead behind 2^31
)

// field is a part of a frame that the kernel keeps apart from its bytes.
type field struct {
	at, size uint32
	load     uint32 // the ancillary load; 0: always zero
}

// site says where a filter in the kernel finds the bytes of a frame as it is captured.
type site struct {
	head   uint32 // bytes before this are where they are
	fields []field
	tail   uint32 // bytes from here on are at their place - tail + to
	to     uint32
	longer int  // than the kernel's length of the frame; -1: by how much is not known
	tagged bool // fields has adTPID, which is one of tpids
}

// tpids are the kinds of tags that the kernel takes out of frames (eth_type_vlan of its source).
var tpids = [2]uint32{0x8100, 0x88a8}

// The sites. Frames of links that are captured as they are have siteAsIs.
var (
	siteAsIs      = site{}
	siteTagged    = site{head: 12, fields: []field{{12, 2, adTPID}, {14, 2, adTag}}, tail: 16, to: 12, longer: tagBytes, tagged: true}
	cookedHeader  = []field{{2, 2, 0}, {4, 4, adIndex}, {8, 2, adHatype}, {10, 1, adPktType}}
	siteCooked    = site{fields: append([]field{{0, 2, adProtocol}}, cookedHeader...), tail: sll2Bytes, to: netOff, longer: -1}
	siteCookedTag = site{fields: append([]field{{0, 2, adTPID}, {20, 2, adTag}, {22, 2, adProtocol}}, cookedHeader...), tail: sll2Bytes + tagBytes, to: netOff, longer: -1, tagged: true}
)

// rewriting translates a program for a site.
type rewriting struct {
	site    site
	snapLen uint32
	scratch uint32 // a register of memory that the program leaves alone; registers: none
	simpleX bool   // X is never large
}

// rewrite returns the program that decides in the kernel as p does of the captured frame, and
// has it keep snapLen bytes. The error says what the kernel cannot be asked.
func rewrite(p filter.Program, s site, snapLen int) ([]bpf.RawInstruction, error) {
	r := rewriting{site: s, snapLen: uint32(snapLen), scratch: freeRegister(p), simpleX: simpleX(p)}
	starts, reached := make([]int, len(p)+1), s.reached(p)
	var out []bpf.RawInstruction
	for i, in := range p {
		starts[i] = len(out)
		if !reached[i] {
			out = append(out, dropAll...)
			continue
		}
		some, err := r.translate(in)
		if err != nil {
			return nil, fmt.Errorf("instruction %d: %w", i, err)
		}
		out = append(out, some...)
	}
	starts[len(p)] = len(out)
	return out, setBranches(p, starts, reached, out)
}

// reached says which instructions can be come to. Of a tagged frame what looks for IP right behind
// the addresses finds a tag, so that the rest of that test, which reads where the
// kernel has nothing in one place, need not be translated. Programs go forward only.
func (s *site) reached(p filter.Program) []bool {
	reached := make([]bool, len(p))
	isTPID := make([]bool, len(p)) // A is, on every way to here
	come := func(to int, with bool) {
		isTPID[to] = with && (isTPID[to] || !reached[to])
		reached[to] = true
	}
	come(0, false)
	for i, in := range p {
		if !reached[i] {
			continue
		}
		with := isTPID[i]
		switch in.Op & classMask {
		case opReturn:
			continue
		case classJump:
			yes, no := s.branches(in, with)
			if yes {
				come(i+1+yesBy(in), with)
			}
			if no {
				come(i+1+int(in.Jf), with)
			}
			continue
		case classLoad:
			with = s.loadsTPID(in)
		case classALU, classMisc:
			with = with && in.Op == opTAX
		}
		come(i+1, with)
	}
	return reached
}

func yesBy(in bpf.RawInstruction) int {
	if in.Op == opJump {
		return int(in.K)
	}
	return int(in.Jt)
}

// loadsTPID reports whether A becomes the kind of the tag.
func (s *site) loadsTPID(in bpf.RawInstruction) bool {
	return s.tagged && in.Op == opLoadHalf && in.K == s.fields[0].at
}

// branches reports which ways a jump can go.
func (s *site) branches(in bpf.RawInstruction, isTPID bool) (yes, no bool) {
	switch {
	case in.Op == opJump:
		return true, false
	case !isTPID || in.Op&sourceX != 0:
		return true, true
	}
	for _, a := range tpids {
		holds := a&in.K != 0
		switch in.Op & jumpMask {
		case jumpEqual:
			holds = a == in.K
		case jumpGreater:
			holds = a > in.K
		case jumpGreaterEqual:
			holds = a >= in.K
		}
		yes, no = yes || holds, no || !holds
	}
	return yes, no
}

// setBranches sets the branches, all of which are translated to one instruction.
func setBranches(p filter.Program, starts []int, reached []bool, out []bpf.RawInstruction) error {
	for i, in := range p {
		if in.Op&classMask != classJump || !reached[i] {
			continue
		}
		at := starts[i]
		away := func(by int) int { return starts[i+1+by] - at - 1 }
		if in.Op == opJump {
			out[at].K = uint32(away(int(in.K)))
			continue
		}
		yes, no := away(int(in.Jt)), away(int(in.Jf))
		if yes > maxBranch || no > maxBranch {
			return fmt.Errorf("instruction %d: branches too far", i)
		}
		out[at].Jt, out[at].Jf = uint8(yes), uint8(no)
	}
	return nil
}

// freeRegister returns a register of memory that the program does not use.
func freeRegister(p filter.Program) uint32 {
	var used [registers]bool
	for _, in := range p {
		switch in.Op {
		case opStore, opLoadMem, opStore | 1, opLoadMem | classLoadX:
			used[in.K%registers] = true
		}
	}
	for i := range used {
		if !used[i] {
			return uint32(i)
		}
	}
	return registers
}

// simpleX reports whether X has nothing but header lengths and small constants, so that
// offsets it is added to stay in the frame's half of the numbers: others mean something of
// their own to the kernel.
func simpleX(p filter.Program) bool {
	for _, in := range p {
		switch {
		case in.Op == opLoadXMSH, in.Op == opLoadXImm && in.K < maxConstant:
		case in.Op&classMask == classLoadX, in.Op == opTAX:
			return false
		}
	}
	return true
}

// translate returns what stands for one instruction.
func (r *rewriting) translate(in bpf.RawInstruction) ([]bpf.RawInstruction, error) {
	switch {
	case in.Op == opReturnA:
		return nil, fmt.Errorf("returns a computed length")
	case in.Op == opReturn && in.K != 0:
		in.K = r.snapLen
	case in.Op == opLoadXMSH:
		return r.headerLength(in)
	case in.Op == opLoadLen:
		return r.length(in)
	case in.Op == opLoadXLen:
		return r.intoX(opLoadLen, 0)
	case in.Op&classMask == 0 && in.Op&modeMask == modeAbs:
		return r.load(in)
	case in.Op&classMask == 0 && in.Op&modeMask == modeInd:
		return r.indirect(in)
	}
	return []bpf.RawInstruction{in}, nil
}

// length loads the frame's length.
func (r *rewriting) length(in bpf.RawInstruction) ([]bpf.RawInstruction, error) {
	switch r.site.longer {
	case 0:
		return []bpf.RawInstruction{in}, nil
	case -1:
		return nil, fmt.Errorf("asks for the length of a frame whose header the kernel sees is another")
	}
	return []bpf.RawInstruction{in, {Op: opAddK, K: uint32(r.site.longer)}}, nil
}

// load loads bytes at a fixed place.
func (r *rewriting) load(in bpf.RawInstruction) ([]bpf.RawInstruction, error) {
	size := loadBytes(in.Op)
	if in.K+size <= r.site.head || in.K >= r.site.tail {
		in.K = r.moved(in.K)
		return []bpf.RawInstruction{in}, nil
	}
	for _, f := range r.site.fields {
		if in.K < f.at || in.K+size > f.at+f.size {
			continue
		}
		if f.load == 0 {
			return []bpf.RawInstruction{{Op: opLoadImm}}, nil
		}
		out := []bpf.RawInstruction{{Op: opLoadWord, K: f.load}}
		if size == f.size {
			return out, nil
		}
		behind := 8 * (f.at + f.size - in.K - size)
		return append(out, bpf.RawInstruction{Op: opShiftRight, K: behind}, bpf.RawInstruction{Op: opAndK, K: 1<<(8*size) - 1}), nil
	}
	return nil, fmt.Errorf("asks for %d bytes at %d, of which the kernel keeps no copy in one place", size, in.K)
}

// moved is where the kernel has bytes of the head or the tail.
func (r *rewriting) moved(k uint32) uint32 {
	if k < r.site.tail {
		return k
	}
	return k - r.site.tail + r.site.to
}

// indirect loads bytes at X and a fixed distance.
func (r *rewriting) indirect(in bpf.RawInstruction) ([]bpf.RawInstruction, error) {
	switch {
	case !r.simpleX:
		return nil, fmt.Errorf("reads at a computed place")
	case in.K < r.site.tail:
		return nil, fmt.Errorf("reads at a computed place before the payload")
	}
	in.K = r.moved(in.K)
	return []bpf.RawInstruction{in}, nil
}

// headerLength loads four times the low half of a byte into X.
func (r *rewriting) headerLength(in bpf.RawInstruction) ([]bpf.RawInstruction, error) {
	if in.K < r.site.head || in.K >= r.site.tail {
		in.K = r.moved(in.K)
		return []bpf.RawInstruction{in}, nil
	}
	const byteAt = 0x30
	return r.intoX(byteAt, in.K, bpf.RawInstruction{Op: opAndK, K: 0x0f}, bpf.RawInstruction{Op: opShiftLeft, K: 2})
}

// intoX does a load and what follows it with A, gives X the result and A its value back.
func (r *rewriting) intoX(op uint16, k uint32, then ...bpf.RawInstruction) ([]bpf.RawInstruction, error) {
	if r.scratch == registers {
		return nil, fmt.Errorf("leaves no register free")
	}
	loaded, err := r.translate(bpf.RawInstruction{Op: op, K: k})
	if err != nil {
		return nil, err
	}
	out := append([]bpf.RawInstruction{{Op: opStore, K: r.scratch}}, loaded...)
	out = append(out, then...)
	return append(out, bpf.RawInstruction{Op: opTAX}, bpf.RawInstruction{Op: opLoadMem, K: r.scratch}), nil
}

func loadBytes(op uint16) uint32 {
	switch op & sizeMask {
	case sizeWord:
		return 4
	case sizeHalf:
		return 2
	}
	return 1
}
