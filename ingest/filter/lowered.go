package filter

// test is a lowered expression: loads at known places of one link type's frames,
// compared with constants, in the order in which tcpdump does it.
type test struct {
	op   testOp
	a, b *test // testAnd, testOr: both; testNot: a

	value bool // testConst

	load load   // testField
	mask uint32 // testField: of the loaded value
	cmp  cmp
	k    uint32
	flip bool // the comparison must fail

	left, right *calc  // testValues
	code        []stmt // testValues: computes both, right in X, left in A
}

type testOp uint8

const (
	testConst  testOp = iota
	testField         // a field against a constant
	testValues        // two calculations against each other
	testAnd
	testOr
	testNot
)

// cmp is a comparison of classic BPF.
type cmp uint8

const (
	cmpEqual cmp = iota
	cmpGreater
	cmpGreaterEqual
	cmpAnyBit
)

// load says what to read from a frame.
type load struct {
	kind loadKind
	off  uint32 // from the frame's start; loadIPv4Payload: from the end of the IPv4 header
	ip   uint32 // loadIPv4Payload: offset of the IPv4 header
	size uint8  // 1, 2 or 4
}

type loadKind uint8

const (
	loadFrame       loadKind = iota // at a fixed offset
	loadIPv4Payload                 // behind an IPv4 header of variable length
	loadLen                         // the frame's length on the wire
)

// calc is a lowered calculation.
type calc struct {
	kind  arithKind
	alu   uint16 // arithBinary: operation
	num   uint32
	load  load  // arithLoad: the index is added to its offset
	a, b  *calc // as in arith
	code  []stmt
	reg   uint32 // scratch register that code leaves the value in
	needs *test  // what must hold before the value is computed; nil: nothing
}

func both(a, b *test) *test {
	if a == nil {
		return b
	}
	return &test{op: testAnd, a: a, b: b}
}

func either(a, b *test) *test { return &test{op: testOr, a: a, b: b} }

func not(a *test) *test { return &test{op: testNot, a: a} }

func constant(v bool) *test { return &test{op: testConst, value: v} }

// field tests bytes at an offset of the frame.
func field(off uint32, size uint8, c cmp, k uint32) *test {
	return &test{op: testField, load: load{off: off, size: size}, mask: ^uint32(0), cmp: c, k: k}
}

func equal(off uint32, size uint8, k uint32) *test { return field(off, size, cmpEqual, k) }

func masked(off uint32, size uint8, mask, k uint32) *test {
	t := equal(off, size, k)
	t.mask = mask
	return t
}

// flipped makes the comparison of a field have to fail.
func flipped(t *test) *test {
	t.flip = true
	return t
}
