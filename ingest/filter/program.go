package filter

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/bpf"
)

// Program is a classic BPF program that can be attached to a socket, if it has
// no more than the kernel's 4096 instructions. It is not empty, all its branches
// go forward, and it ends in a return: Validate says so.
type Program []bpf.RawInstruction

// DDD returns the program as `tcpdump -ddd` prints it: the number of
// instructions, then one a line in decimal.
func (p Program) DDD() string {
	out := strconv.AppendInt(nil, int64(len(p)), 10)
	out = append(out, '\n')
	for _, in := range p {
		out = fmt.Appendf(out, "%d %d %d %d\n", in.Op, in.Jt, in.Jf, in.K)
	}
	return string(out)
}

// ParseDDD reads what `tcpdump -ddd` prints and validates it.
func ParseDDD(text string) (Program, error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<10)
	if !lines.Scan() {
		return nil, fmt.Errorf("line 1: the number of instructions is expected")
	}
	n, err := strconv.ParseUint(strings.TrimSpace(lines.Text()), 10, 32)
	if err != nil || n == 0 || n > maxInstructions {
		return nil, fmt.Errorf("line 1: the number of instructions is expected, 1 to %d", maxInstructions)
	}
	var out Program
	for number := 2; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" && uint64(len(out)) == n {
			continue
		}
		in, err := parseInstruction(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if out = append(out, in); uint64(len(out)) > n {
			return nil, fmt.Errorf("line %d: more instructions than the %d that line 1 says", number, n)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", len(out)+2, err)
	}
	if uint64(len(out)) < n {
		return nil, fmt.Errorf("%d instructions, but line 1 says %d", len(out), n)
	}
	return out, out.Validate()
}

func parseInstruction(line string) (in bpf.RawInstruction, err error) {
	fields := strings.Fields(line)
	if len(fields) != 4 {
		return in, fmt.Errorf("four numbers are expected: code, jump if true, jump if false, constant")
	}
	var v [4]uint64
	for i, bits := range []int{16, 8, 8, 32} {
		if v[i], err = strconv.ParseUint(fields[i], 10, bits); err != nil {
			return in, fmt.Errorf("%q is not a number of %d bits", fields[i], bits)
		}
	}
	return bpf.RawInstruction{Op: uint16(v[0]), Jt: uint8(v[1]), Jf: uint8(v[2]), K: uint32(v[3])}, nil
}

// Validate reports the first instruction that cannot be run: an unknown one, a
// branch that leaves the program or goes backwards, a register that is not there,
// a division by zero, an offset before the packet (which a kernel takes for an
// extension that captures have no answer to), an end without return.
func (p Program) Validate() error {
	if len(p) == 0 || len(p) > maxInstructions {
		return fmt.Errorf("a program has 1 to %d instructions, not %d", maxInstructions, len(p))
	}
	for i, in := range p {
		if why := p.fault(i, in); why != "" {
			return fmt.Errorf("instruction %d (%d %d %d %d): %s", i, in.Op, in.Jt, in.Jf, in.K, why)
		}
	}
	if last := p[len(p)-1]; last.Op&classMask != classRet {
		return fmt.Errorf("instruction %d: the program does not end in a return", len(p)-1)
	}
	return nil
}

// fault says what is wrong with an instruction; empty where nothing is.
func (p Program) fault(i int, in bpf.RawInstruction) string {
	known := false
	rest := uint64(len(p) - i - 1) // instructions behind it
	switch in.Op & classMask {
	case classLoad, classLoadX:
		return loadFault(in)
	case classStore, classSTX:
		if known = in.Op == classStore || in.Op == classSTX; known && in.K >= scratchRegisters {
			return "there are 16 scratch registers"
		}
	case classALU:
		return aluFault(in)
	case classJump:
		if in.Op == opJump {
			if int32(in.K) < 0 {
				return "jumps backwards, so that it might never end"
			}
			if uint64(in.K) >= rest {
				return "jumps out of the program"
			}
			return ""
		}
		op := in.Op &^ (classMask | sourceX)
		known = op >= jumpEqual && op <= jumpAnyBit && op&^aluMask == 0
		if known && (uint64(in.Jt) >= rest || uint64(in.Jf) >= rest) {
			return "jumps out of the program"
		}
	case classRet:
		known = in.Op == opReturn || in.Op == opReturn|0x10
	case classMisc:
		known = in.Op == opTAX || in.Op == opTXA
	}
	if !known {
		return "unknown instruction"
	}
	return ""
}

func loadFault(in bpf.RawInstruction) string {
	mode := in.Op & modeMask
	switch in.Op {
	case opLoadImm, opLoadXImm, opLoadLen, classLoadX | modeLen:
		return ""
	case opLoadMem, opLoadXMem:
		if in.K >= scratchRegisters {
			return "there are 16 scratch registers"
		}
		return ""
	case opLoadXHeader:
	default:
		size := in.Op & 0x18
		if in.Op&classMask != classLoad || mode != modeAbs && mode != modeInd || size == 0x18 || in.Op > 0xff {
			return "unknown instruction"
		}
	}
	if int32(in.K) < 0 {
		return "reads before the packet"
	}
	return ""
}

func aluFault(in bpf.RawInstruction) string {
	op := in.Op & aluMask
	switch {
	case in.Op > 0xff || op > aluXor || op == aluNeg && in.Op != opNegate:
		return "unknown instruction"
	case in.Op&sourceX == 0 && (op == aluDiv || op == aluMod) && in.K == 0:
		return "divides by zero"
	case in.Op&sourceX == 0 && (op == aluLsh || op == aluRsh) && in.K > 31:
		return "shifts by more than 31 bits"
	}
	return ""
}
