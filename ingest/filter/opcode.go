package filter

// stmt is one instruction of classic BPF without its branch targets.
type stmt struct {
	code uint16
	k    uint32
}

// Parts of an opcode (McCanne and Jacobson, "The BSD Packet Filter", 1993).
const (
	classLoad  = 0x00
	classLoadX = 0x01
	classStore = 0x02
	classSTX   = 0x03
	classALU   = 0x04
	classJump  = 0x05
	classRet   = 0x06
	classMisc  = 0x07
	classMask  = 0x07

	sizeWord = 0x00
	sizeHalf = 0x08
	sizeByte = 0x10

	modeImm  = 0x00
	modeAbs  = 0x20
	modeInd  = 0x40
	modeMem  = 0x60
	modeLen  = 0x80
	modeMSH  = 0xa0
	modeMask = 0xe0

	sourceX = 0x08

	aluAdd  = 0x00
	aluSub  = 0x10
	aluMul  = 0x20
	aluDiv  = 0x30
	aluOr   = 0x40
	aluAnd  = 0x50
	aluLsh  = 0x60
	aluRsh  = 0x70
	aluNeg  = 0x80
	aluMod  = 0x90
	aluXor  = 0xa0
	aluMask = 0xf0

	jumpAlways       = 0x00
	jumpEqual        = 0x10
	jumpGreater      = 0x20
	jumpGreaterEqual = 0x30
	jumpAnyBit       = 0x40
)

// Whole opcodes.
const (
	opLoadImm     = classLoad | modeImm
	opLoadMem     = classLoad | modeMem
	opLoadLen     = classLoad | modeLen
	opLoadXImm    = classLoadX | modeImm
	opLoadXMem    = classLoadX | modeMem
	opLoadXHeader = classLoadX | modeMSH | sizeByte // 4 * the low nibble of the byte at k
	opStore       = classStore
	opAddX        = classALU | aluAdd | sourceX
	opSubX        = classALU | aluSub | sourceX
	opSubK        = classALU | aluSub
	opAndK        = classALU | aluAnd
	opNegate      = classALU | aluNeg
	opTAX         = classMisc
	opTXA         = classMisc | 0x80
	opJump        = classJump | jumpAlways
	opJumpEqual   = classJump | jumpEqual
	opJumpAnyBit  = classJump | jumpAnyBit
	opReturn      = classRet

	opNone = 0xffff // a statement that the optimiser took out
)

func sizeBits(size uint8) uint16 {
	switch size {
	case 1:
		return sizeByte
	case 2:
		return sizeHalf
	}
	return sizeWord
}

func loadAbsolute(size uint8) uint16 { return classLoad | modeAbs | sizeBits(size) }

func loadIndirect(size uint8) uint16 { return classLoad | modeInd | sizeBits(size) }

// aluCodes are the operators of the language; shifts by their first character.
var aluCodes = [128]uint16{
	'+': aluAdd, '-': aluSub, '*': aluMul, '/': aluDiv, '%': aluMod,
	'&': aluAnd, '|': aluOr, '^': aluXor, '<': aluLsh, '>': aluRsh,
}

// aluX is the opcode of an operator of the language with its right side in X.
func aluX(op byte) uint16 {
	return classALU | sourceX | aluCodes[op]
}

// jumpCode is the opcode of a comparison with a constant.
func (c cmp) jumpCode() uint16 {
	switch c {
	case cmpGreater:
		return classJump | jumpGreater
	case cmpGreaterEqual:
		return classJump | jumpGreaterEqual
	case cmpAnyBit:
		return opJumpAnyBit
	}
	return opJumpEqual
}
