package stages

import (
	"errors"
	"fmt"

	"pcapmill/ingest/filter"
	"pcapmill/ingest/packet"
)

// ErrFilter is a run that met packets which its filter cannot be asked about.
var ErrFilter = errors.New("the filter does not go with the capture")

// Filter says which packets are looked at. A packet that it leaves out is one
// that is not there: as with From and To, it moves no clock, and the tables are
// those of a capture without it.
type Filter struct {
	Expr   string // tcpdump's language; empty: none
	Inside bool   // ask Expr of decoded layers instead of the frame's bytes
	DDD    string // a program as `tcpdump -ddd` prints it, instead of Expr; empty: none
}

func (c *Filter) validate() error {
	switch {
	case c.Expr != "" && c.DDD != "":
		return errors.New("a filter is an expression or a program, not both")
	case c.Inside && c.Expr == "":
		return errors.New("filtering inside tunnels needs a filter expression")
	}
	f, err := c.parse()
	if err == nil && f != nil && f.expr != nil {
		err = answered(f.expr)
	}
	return err
}

// answered reports an expression that no link type has an answer to, with the
// first one's reason. A link type met in a capture may still refuse it.
func answered(e *filter.Expr) (first error) {
	for _, link := range filter.LinkTypes() {
		err := e.Check(link)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// parse returns nil where there is nothing to filter by.
func (c *Filter) parse() (*packetFilter, error) {
	switch {
	case c.DDD != "":
		p, err := filter.ParseDDD(c.DDD)
		return &packetFilter{program: p}, err
	case c.Expr == "":
		return nil, nil
	}
	e, err := filter.Parse(c.Expr)
	if err != nil {
		return nil, err
	}
	if c.Inside {
		in, err := e.Inside()
		return &packetFilter{inside: in, walker: packet.Walker{SkipChecksums: true}}, err
	}
	return &packetFilter{expr: e}, nil
}

// compile compiles an expression for a link type. One that can match on no link
// type is an error: its author meant something else.
func compile(e *filter.Expr, link packet.LinkType) (*filter.Filter, error) {
	compiled, err := e.Compile(link)
	if err != nil || !compiled.RejectsAll() {
		return compiled, err
	}
	for _, other := range filter.LinkTypes() {
		if f, err := e.Compile(other); err == nil && !f.RejectsAll() {
			return compiled, nil
		}
	}
	return nil, fmt.Errorf("%q: no packet can match", e)
}

// packetFilter runs a Filter. It belongs to the feeder.
type packetFilter struct {
	expr   *filter.Expr `snapshot:"-"`
	byLink []linkFilter `snapshot:"-"` // expr, compiled once per link type met

	inside *filter.Inside `snapshot:"-"`
	walker packet.Walker  `snapshot:"-"`
	views  [2]packet.View `snapshot:"-"` // a layer and what it carries
	depth  int            // tunnels in tunnels that are looked into

	program filter.Program  `snapshot:"-"`
	link    packet.LinkType // program: of the first packet
	met     bool            // program: link is set
}

type linkFilter struct {
	link   packet.LinkType
	filter *filter.Filter
}

// newPacketFilter returns nil where every packet is looked at. cfg is valid.
func newPacketFilter(cfg *Config) *packetFilter {
	f, err := cfg.Filter.parse()
	if err != nil {
		panic(err) // Validate has parsed it
	}
	if f != nil {
		f.depth = cfg.Tunnels
	}
	return f
}

// drops reports whether a packet is to be left out. Packets of link types that
// are not decoded are not asked about: they reach no flow anyway.
func (f *packetFilter) drops(b *packet.Block, rec *packet.Record) (bool, error) {
	from := faceOf(b, rec.Interface)
	link := from.link
	if !from.usable || !packet.Supported(link) {
		return false, nil
	}
	frame := b.Data[rec.Offset : rec.Offset+rec.CapLen]
	switch {
	case f.program != nil:
		if f.met && f.link != link {
			return false, fmt.Errorf("%w: a program is made for one link type, but there are packets of %s and %s", ErrFilter, f.link, link)
		}
		f.link, f.met = link, true
		return !f.program.Match(frame, rec.WireLen), nil
	case f.inside != nil:
		return f.dropsInside(frame, rec.WireLen, link), nil
	}
	for i := range f.byLink {
		if f.byLink[i].link == link {
			return !f.byLink[i].filter.Match(frame, rec.WireLen), nil
		}
	}
	compiled, err := compile(f.expr, link)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrFilter, err)
	}
	f.byLink = append(f.byLink, linkFilter{link, compiled})
	return !compiled.Match(frame, rec.WireLen), nil
}

// dropsInside asks each layer of a frame. What has none is accounted for by the
// walk.
func (f *packetFilter) dropsInside(frame []byte, wire uint32, link packet.LinkType) bool {
	v := &f.views[0]
	v.Offset = 0
	if f.walker.Walk(frame, wire, link, v) != packet.InFlow {
		return false
	}
	for i := 0; ; i ^= 1 {
		v, inner := &f.views[i], &f.views[i^1]
		if f.inside.Match(frame[v.Offset:][:v.CapLen], link, v) {
			return false
		}
		carries, out := f.walker.Inner(frame, v, inner)
		if !carries || out != packet.InFlow || int(v.Depth) == f.depth {
			return true
		}
	}
}
