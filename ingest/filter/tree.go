package filter

// node is one node of a parsed expression.
type node struct {
	op   nodeOp
	a, b *node // opAnd, opOr: both; opNot: a
	prim *primitive
}

type nodeOp uint8

const (
	opPrim nodeOp = iota
	opAnd
	opOr
	opNot
)

// primitive is one question about a packet, as written and checked.
type primitive struct {
	kind  primKind
	at    token // what an error names
	proto *protocol
	dir   direction

	v4, mask4 uint32 // primHost4: host byte order
	v6, mask6 [4]uint32
	mac       [6]byte

	lo, hi  uint32 // primPort: inclusive; both ends equal for port
	isRange bool
	ipProto uint32 // primPort: 0 is TCP, UDP and SCTP

	num    uint32 // protocol number, length, VLAN identifier, label, session
	hasNum bool

	relation    relation
	left, right *arith
}

type primKind uint8

const (
	primHost4     primKind = iota // host and net
	primHost6                     // the same of IPv6
	primMAC                       // ether host
	primPort                      // port and portrange
	primProto                     // a protocol word, or proto with a number
	primLess                      // at most num bytes on the wire
	primGreater                   // at least num bytes
	primVLAN                      // shifts
	primMPLS                      // shifts
	primPPPoED                    // discovery: does not shift
	primPPPoES                    // shifts
	primMulticast                 // of the link, IPv4 or IPv6
	primBroadcast                 // of the link
	primRelation                  // left relation right
)

// direction says which address or port is meant.
type direction uint8

const (
	dirAny  direction = iota // src or dst
	dirSrc                   //
	dirDst                   //
	dirBoth                  // src and dst
)

// relation compares two values without sign.
type relation uint8

const (
	relEqual relation = iota
	relGreater
	relGreaterEqual
	relNotEqual
	relLessEqual
	relLess
)

// arith is a value computed from a packet.
type arith struct {
	kind  arithKind
	at    token
	op    byte      // arithBinary: + - * / % & | ^, '<' and '>' for shifts
	num   uint32    // arithNumber
	proto *protocol // arithLoad
	size  uint32    // arithLoad: 1, 2 or 4 bytes
	a, b  *arith    // operands; arithLoad, arithNegate: a
}

type arithKind uint8

const (
	arithNumber arithKind = iota
	arithLen
	arithLoad
	arithBinary
	arithNegate
)

// Expr is a parsed expression. It is immutable.
type Expr struct {
	text string
	root *node // nil: every packet
}

// String returns the expression as written.
func (e *Expr) String() string { return e.text }
