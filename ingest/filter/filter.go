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
		return nil, e.refused(fault)
	}
	f.program = g.layOut()
	if err := f.program.Validate(); err != nil {
		return nil, e.refused(err.Error())
	}
	return f, nil
}

// Check reports what Compile would find the link type to have no answer to,
// without compiling.
func (e *Expr) Check(link packet.LinkType) error {
	_, err := e.tests(link)
	return err
}

// tests lowers the expression.
func (e *Expr) tests(link packet.LinkType) (*test, error) {
	s, ok := newLowering(link)
	if !ok {
		return nil, e.refused("frames of link type " + link.String() + " cannot be filtered: --filter-inside can")
	}
	if e.root == nil {
		return constant(true), nil
	}
	return s.lower(e.root)
}

// refused is the error for the expression as a whole, of which it names the start.
func (e *Expr) refused(reason string) error {
	const most = 60
	start := 0
	for i := range e.text {
		if i > most {
			break
		}
		start = i
	}
	if len(e.text) <= most {
		start = len(e.text)
	}
	return &Error{Token: e.text[:start], Pos: 1, Reason: reason}
}

// Program returns the compiled program. It must not be changed.
func (f *Filter) Program() Program { return f.program }

// RejectsAll reports whether no frame can match.
func (f *Filter) RejectsAll() bool {
	return len(f.program) == 1 && f.program[0].K == 0
}
