package record

import (
	"fmt"

	"pcapmill/features/column"
)

// SchemaVersion is raised with each change of a record table that a reader could
// notice.
const SchemaVersion = 1

// Tables are what the parsers of a shard write to.
type Tables struct {
	Schemas []*column.Schema // in the order of Protocols
	Names   []Name           // what DNS called addresses; who calls the parsers takes them
	Faults  []error          // what is wrong with messages of TCP behind which a parser reads on; taken likewise
	options Options
	numbers map[string]int
}

func newTables(o Options, wanted []Protocol) *Tables {
	ts := &Tables{options: o, numbers: map[string]int{}, Schemas: make([]*column.Schema, len(wanted))}
	for i, p := range wanted {
		ts.numbers[p.Name] = i
	}
	return ts
}

// number returns a table's place among Schemas, -1 where it is not wanted.
func (ts *Tables) number(name string) int {
	if n, wanted := ts.numbers[name]; wanted {
		return n
	}
	return -1
}

// table writes the records of one protocol: the columns of the packet, then those of
// the message.
type table[M any] struct {
	number int // -1: nobody wants it
	packet []Def[Packet]
	own    []Def[M]
	layout layout
}

func newTable[M any](ts *Tables, name string, own []Def[M]) (*table[M], error) {
	t := &table[M]{number: ts.number(name), packet: packetColumns(ts.options.Addresses), own: own}
	schema := &column.Schema{Table: name, Version: SchemaVersion}
	for i := range t.packet {
		schema.Columns = append(schema.Columns, grouped(t.packet[i].Column, "packet"))
	}
	for i := range own {
		schema.Columns = append(schema.Columns, grouped(own[i].Column, name))
	}
	if err := schema.Validate(); err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	t.layout = newLayout(schema)
	if t.number >= 0 {
		ts.Schemas[t.number] = schema
	}
	return t, nil
}

func grouped(c column.Column, group string) column.Column {
	c.Group = group
	return c
}

// add appends one record, unless the flow's are too many.
func (t *table[M]) add(r *Rows, p *Packet, m *M) {
	if t.number < 0 || r.of != nil && r.of.Spent() {
		return
	}
	p.id = r.flowID(p.Flow)
	r.begin(&t.layout)
	cost := put(r, t.packet, &t.layout, 0, p)
	cost += put(r, t.own, &t.layout, len(t.packet), m)
	r.end(t.number, r.view, cost)
	r.pay(t.number)
}
