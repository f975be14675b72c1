package filter

import "pcapmill/ingest/packet"

// Filter is an expression compiled for one link type. It is immutable and may be
// shared.
type Filter struct {
	list    []decision
	start   int32 // index into list, or accept, or reject
	program Program
}

// Compile compiles the expression for frames of a link type, as
// `tcpdump -y LINK -ddd` does. The error, an *Error, says what the link type has
// no answer to.
//
// An expression that can match no frame of the link type is compiled to a program
// that rejects all (tcpdump calls that an error; here a capture may have other
// interfaces that it does match).
func (e *Expr) Compile(link packet.LinkType) (*Filter, error) {
	t, err := e.tests(link)
	if err != nil {
		return nil, err
	}
	f := &Filter{}
	f.start = f.flatten(t, accept, reject)
	g := newGraph(t)
	if fault := g.optimize(); fault != "" {
		return nil, &Error{Token: e.text, Pos: 1, Reason: fault}
	}
	f.program = g.layOut()
	if err := f.program.Validate(); err != nil {
		return nil, &Error{Token: e.text, Pos: 1, Reason: err.Error()}
	}
	return f, nil
}

// tests lowers the expression.
func (e *Expr) tests(link packet.LinkType) (*test, error) {
	s, ok := newLowering(link)
	if !ok {
		return nil, &Error{Token: e.text, Pos: 1, Reason: "frames of link type " + link.String() + " cannot be filtered"}
	}
	if e.root == nil {
		return constant(true), nil
	}
	return s.lower(e.root)
}

// Program returns the compiled program. It must not be changed.
func (f *Filter) Program() Program { return f.program }

// RejectsAll reports whether no frame can match.
func (f *Filter) RejectsAll() bool {
	return len(f.program) == 1 && f.program[0].K == 0
}
