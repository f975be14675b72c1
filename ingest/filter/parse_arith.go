package filter

// relations are the comparisons.
var relations = map[string]relation{
	"=": relEqual, ">": relGreater, ">=": relGreaterEqual, "!=": relNotEqual, "<=": relLessEqual, "<": relLess,
}

// How tightly operators bind. tcpdump's grammar gives % and ^ no rank of their
// own: they take everything to their right, and are taken before whatever is to
// their left. 6 * 4 % 5 + 1 is 6 * (4 % (5 + 1)).
var ranks = map[string]int{"|": 1, "&": 2, "<<": 3, ">>": 3, "+": 4, "-": 4, "*": 5, "/": 5}

const (
	rankNone   = 0
	rankNegate = 6
)

// comparison continues a value, or starts one where x has none, and reads the
// comparison behind it if there is one.
func (p *parser) comparison(x operand) (operand, error) {
	left, err := p.value(x.value, rankNone)
	if err != nil {
		return operand{}, err
	}
	sign := *p.peek()
	r, ok := relations[sign.name]
	if !ok || sign.kind != tokSign {
		kind := operandValue
		if left.kind == arithNumber {
			kind = operandNumber
		}
		return operand{kind: kind, value: left, at: x.at}, nil
	}
	p.take()
	right, err := p.value(nil, rankNone)
	if err != nil {
		return operand{}, err
	}
	at := x.at
	return operand{node: &node{prim: &primitive{kind: primRelation, at: at, relation: r, left: left, right: right}}}, nil
}

// value reads a calculation of operators that bind more tightly than rank. left
// is its first operand, nil where that is to be read too.
func (p *parser) value(left *arith, rank int) (*arith, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if left == nil {
		var err error
		if left, err = p.operand(); err != nil {
			return nil, err
		}
	}
	for {
		sign := *p.peek()
		if sign.kind != tokSign {
			return left, nil
		}
		own, ranked := ranks[sign.name]
		greedy := sign.name == "%" || sign.name == "^"
		if !greedy && (!ranked || own <= rank) {
			return left, nil
		}
		p.take()
		right, err := p.value(nil, own) // rankNone for the greedy ones
		if err != nil {
			return nil, err
		}
		if left, err = joined(sign, left, right); err != nil {
			return nil, err
		}
	}
}

// joined joins two values. Division by a literal zero and shifts by more than a
// register has bits are errors, as tcpdump says.
func joined(sign token, a, b *arith) (*arith, error) {
	literal := b.kind == arithNumber
	switch op := sign.name[0]; {
	case (op == '/' || op == '%') && literal && b.num == 0:
		return nil, errorAt(b.at, "division by zero")
	case (op == '<' || op == '>') && literal && b.num > 31:
		return nil, errorAt(b.at, "shift by more than 31 bits")
	default:
		return &arith{kind: arithBinary, op: op, a: a, b: b, at: sign}, nil
	}
}

// operand reads a number, len, a load, a negation or something in brackets.
func (p *parser) operand() (*arith, error) {
	t := p.take()
	switch {
	case t.kind == tokNumber:
		return &arith{kind: arithNumber, num: t.num, at: t}, nil
	case t.is("len"):
		return &arith{kind: arithLen, at: t}, nil
	case t.is("-"):
		a, err := p.value(nil, rankNegate)
		return &arith{kind: arithNegate, a: a, at: t}, err
	case t.is("("):
		a, err := p.value(nil, rankNone)
		if err == nil {
			err = p.expect(")")
		}
		return a, err
	}
	if proto := protocolOf(&t); proto != nil && p.accept("[") {
		return p.load(t, proto)
	}
	return nil, errorAt(t, "a number or a value of the packet is expected here")
}

// load reads the brackets behind a protocol: offset and size.
func (p *parser) load(at token, proto *protocol) (*arith, error) {
	if !proto.index {
		return nil, errorAt(at, "has no bytes that can be looked at: %s[...] is not part of the language", at.text)
	}
	index, err := p.value(nil, rankNone)
	if err != nil {
		return nil, err
	}
	size := uint32(1)
	if p.accept(":") {
		t := p.take()
		if t.kind != tokNumber || t.num != 1 && t.num != 2 && t.num != 4 {
			return nil, errorAt(t, "the size of a value is 1, 2 or 4 bytes")
		}
		size = t.num
	}
	return &arith{kind: arithLoad, proto: proto, size: size, a: index, at: at}, p.expect("]")
}
