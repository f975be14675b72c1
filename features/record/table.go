package record

import (
	"fmt"

	"pcapmill/features/column"
	"pcapmill/features/flow"
)

// SchemaVersion is raised with each change of a record table that a reader could
// notice.
const SchemaVersion = 1

// table encodes the records of one protocol: the columns of the packet, then those of
// the message.
type table[M any] struct {
	schema *column.Schema
	packet []Def[Packet]
	own    []Def[M]
}

func newTable[M any](name string, addr flow.AddrFormat, own []Def[M]) (*table[M], error) {
	t := &table[M]{schema: &column.Schema{Table: name, Version: SchemaVersion}, packet: packetColumns(addr), own: own}
	for i := range t.packet {
		t.schema.Columns = append(t.schema.Columns, grouped(t.packet[i].Column, "packet"))
	}
	for i := range own {
		t.schema.Columns = append(t.schema.Columns, grouped(own[i].Column, name))
	}
	if err := t.schema.Validate(); err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	return t, nil
}

func grouped(c column.Column, group string) column.Column {
	c.Group = group
	return c
}

// add appends one record.
func (t *table[M]) add(r *Rows, p *Packet, m *M) {
	r.scratch.prepare()
	e := r.at
	e.start = len(r.bytes)
	dst := r.bytes
	for i := range t.packet {
		dst = t.packet[i].appendTo(dst, p, &r.scratch)
	}
	for i := range t.own {
		dst = t.own[i].appendTo(dst, m, &r.scratch)
	}
	r.bytes, e.end = dst, len(dst)
	r.Entries = append(r.Entries, e)
}
