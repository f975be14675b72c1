package filter

import "encoding/binary"

// Match runs the program on a frame and reports whether it accepts it. wire is
// the length the frame had, which the len of a program asks for. A load behind
// the end of the captured bytes rejects the frame, as does a division by zero.
// The program must be valid.
func (p Program) Match(frame []byte, wire uint32) bool {
	var a, x uint32
	var mem [scratchRegisters]uint32
	for pc := 0; pc < len(p); pc++ {
		in := &p[pc]
		switch in.Op & classMask {
		case classLoad:
			v, ok := loadWord(in.Op, in.K, x, frame, wire, &mem)
			if !ok {
				return false
			}
			a = v
		case classLoadX:
			if in.Op == opLoadXHeader {
				if uint64(in.K) >= uint64(len(frame)) {
					return false
				}
				x = uint32(frame[in.K]&0x0f) * 4
				continue
			}
			x, _ = loadWord(in.Op, in.K, x, frame, wire, &mem)
		case classStore:
			mem[in.K&(scratchRegisters-1)] = a
		case classSTX:
			mem[in.K&(scratchRegisters-1)] = x
		case classALU:
			k := in.K
			if in.Op&sourceX != 0 {
				k = x
			}
			var ok bool
			if a, ok = alu(in.Op&aluMask, a, k); !ok {
				return false
			}
		case classJump:
			if in.Op == opJump {
				pc += int(in.K)
				continue
			}
			k := in.K
			if in.Op&sourceX != 0 {
				k = x
			}
			if branch(in.Op, a, k) {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case classRet:
			if in.Op == opReturn {
				return in.K != 0
			}
			return a != 0
		default:
			if in.Op == opTAX {
				x = a
			} else {
				a = x
			}
		}
	}
	return false
}

// loadWord executes a load; false where it runs behind the end of the frame.
func loadWord(op uint16, k, x uint32, frame []byte, wire uint32, mem *[scratchRegisters]uint32) (uint32, bool) {
	at := uint64(k)
	switch op & modeMask {
	case modeImm:
		return k, true
	case modeMem:
		return mem[k&(scratchRegisters-1)], true
	case modeLen:
		return wire, true
	case modeInd:
		at += uint64(x)
	}
	switch op & 0x18 {
	case sizeByte:
		return read(frame, at, 1)
	case sizeHalf:
		return read(frame, at, 2)
	}
	return read(frame, at, 4)
}

// read reads a big-endian number; false where it runs behind the end.
func read(frame []byte, at uint64, size uint8) (uint32, bool) {
	if at+uint64(size) > uint64(len(frame)) {
		return 0, false
	}
	switch size {
	case 1:
		return uint32(frame[at]), true
	case 2:
		return uint32(binary.BigEndian.Uint16(frame[at:])), true
	}
	return binary.BigEndian.Uint32(frame[at:]), true
}

func branch(op uint16, a, k uint32) bool {
	switch op &^ (classMask | sourceX) {
	case jumpEqual:
		return a == k
	case jumpGreater:
		return a > k
	case jumpGreaterEqual:
		return a >= k
	}
	return a&k != 0
}

// alu computes without sign and modulo 2^32; false for a division by zero.
func alu(op uint16, a, k uint32) (uint32, bool) {
	switch op {
	case aluAdd:
		return a + k, true
	case aluSub:
		return a - k, true
	case aluMul:
		return a * k, true
	case aluDiv:
		if k == 0 {
			return 0, false
		}
		return a / k, true
	case aluMod:
		if k == 0 {
			return 0, false
		}
		return a % k, true
	case aluOr:
		return a | k, true
	case aluAnd:
		return a & k, true
	case aluXor:
		return a ^ k, true
	case aluLsh:
		return a << k, true
	case aluRsh:
		return a >> k, true
	}
	return -a, true
}
