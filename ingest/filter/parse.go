package filter

// Limits of an expression. They bound time and memory of everything below; real
// filters are far from them.
const (
	maxText  = 64 << 10 // bytes
	maxDepth = 200      // brackets, nots and signs within each other
)

// Parse reads an expression. The empty one matches every packet. All errors are
// of type *Error.
func Parse(text string) (*Expr, error) {
	if len(text) > maxText {
		return nil, &Error{Pos: maxText, Reason: "longer than 64 KiB"}
	}
	tokens, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	if p.peek().kind == tokEnd {
		return &Expr{text: text}, nil
	}
	x, err := p.chain(qualifiers{})
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, p.unexpected(t)
	}
	return &Expr{text: text, root: x.node}, nil
}

// qualifiers are what stands before an address, port or protocol: "tcp src
// port". Addresses behind an and or or inherit them.
type qualifiers struct {
	set   bool
	proto *protocol // nil: none named
	dir   direction
	kind  idKind
	at    token // the first word
}

type idKind uint8

const (
	idDefault idKind = iota // as host
	idHost
	idNet
	idPort
	idPortRange
	idProto
)

// operand is what the parser has read so far at one place. A number can be an
// identifier, if qualifiers are inherited, or the start of a calculation: what
// follows tells.
type operand struct {
	kind  operandKind
	node  *node      // operandTerm, operandID
	value *arith     // operandNumber, operandValue
	at    token      // operandNumber, operandValue: the first token
	quals qualifiers // what an address behind it inherits
}

type operandKind uint8

const (
	operandTerm operandKind = iota // true or false, has its own qualifiers
	operandID                      // true or false, inherited them
	operandNumber
	operandValue
)

type parser struct {
	tokens []token
	next   int
	depth  int
}

func (p *parser) peek() *token { return &p.tokens[p.next] }

// second returns the token behind the next one.
func (p *parser) second() *token { return &p.tokens[min(p.next+1, len(p.tokens)-1)] }

// take returns the next token and steps over it; the end is never stepped over.
func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokEnd {
		p.next++
	}
	return t
}

// accept steps over the next token if it is this one.
func (p *parser) accept(name string) bool {
	if !p.peek().is(name) {
		return false
	}
	p.next++
	return true
}

func (p *parser) expect(name string) error {
	if !p.accept(name) {
		return errorAt(*p.peek(), "%q is expected here", name)
	}
	return nil
}

// enter bounds the depth; each call is paired with leave.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return errorAt(*p.peek(), "nested more than %d deep", maxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// unexpected says why a token cannot stand where it does.
func (p *parser) unexpected(t *token) error {
	if why, ok := refusedWords[t.name]; ok && t.kind == tokWord {
		return errorAt(*t, "not in the subset: %s", why)
	}
	switch t.kind {
	case tokEnd:
		return errorAt(*t, "something is missing")
	case tokName:
		if _, ok := ipProtocols[t.name]; ok {
			return errorAt(*t, "not a word of the language: write ip proto %s or proto %s", t.name, t.name)
		}
		return errorAt(*t, "not a word of the language")
	case tokIPv4, tokIPv6, tokMAC, tokNumber:
		return errorAt(*t, "needs a word before it that says what it is: host, net, port, …")
	}
	return errorAt(*t, "cannot stand here")
}

// chain reads operands joined by and and or, which bind equally and from left to
// right. A lone number or value is returned as it is: its meaning lies outside
// the brackets.
func (p *parser) chain(q qualifiers) (operand, error) {
	if err := p.enter(); err != nil {
		return operand{}, err
	}
	defer p.leave()
	left, err := p.unit(q)
	if err != nil || p.peek().is(")") && left.value != nil {
		return left, err
	}
	if left, err = p.truth(left, q); err != nil {
		return operand{}, err
	}
	for {
		op := opAnd
		switch {
		case p.accept("and"):
		case p.accept("or"):
			op = opOr
		default:
			return left, nil
		}
		at := *p.peek()
		right, err := p.unit(left.quals)
		if err == nil {
			right, err = p.truth(right, left.quals)
		}
		switch {
		case err != nil:
			return operand{}, err
		case left.kind == operandID && right.kind == operandTerm:
			return operand{}, errorAt(at, "a list of addresses or ports in brackets takes nothing else")
		}
		left.node = &node{op: op, a: left.node, b: right.node}
		left.quals = right.quals
	}
}

// truth makes an operand true or false: a number becomes an address or port with
// the inherited qualifiers.
func (p *parser) truth(x operand, q qualifiers) (operand, error) {
	switch {
	case x.kind == operandValue:
		return operand{}, errorAt(*p.peek(), "a comparison is expected behind the value %q", x.at.text)
	case x.kind == operandNumber && !q.set:
		return operand{}, p.unexpected(&x.at)
	case x.kind == operandNumber:
		n, err := q.number(x.at, x.value.num)
		return operand{kind: operandID, node: n, quals: q}, err
	}
	return x, nil
}

// unit reads one operand: a negation, something in brackets, a primitive, a
// comparison, an inheriting address.
func (p *parser) unit(q qualifiers) (operand, error) {
	t := *p.peek()
	switch {
	case t.is("not"):
		return p.negation(q)
	case t.is("("):
		p.take()
		x, err := p.chain(q)
		if err == nil {
			err = p.expect(")")
		}
		if err != nil {
			return operand{}, err
		}
		if x.value != nil {
			return p.comparison(x)
		}
		if x.kind == operandTerm {
			x.quals = q
		}
		return x, nil
	case t.kind == tokNumber || t.is("len") || t.is("-") || protocolOf(&t) != nil && p.second().is("["):
		return p.comparison(operand{at: t})
	case t.kind == tokName || t.kind == tokIPv4 || t.kind == tokIPv6 || t.kind == tokMAC:
		if !q.set {
			return operand{}, p.unexpected(&t)
		}
		n, err := p.identifier(q)
		return operand{kind: operandID, node: n, quals: q}, err
	}
	return p.primitive()
}

func (p *parser) negation(q qualifiers) (operand, error) {
	if err := p.enter(); err != nil {
		return operand{}, err
	}
	defer p.leave()
	p.take()
	x, err := p.unit(q)
	if err == nil {
		x, err = p.truth(x, q)
	}
	if err != nil {
		return operand{}, err
	}
	x.node = &node{op: opNot, a: x.node}
	return x, nil
}
