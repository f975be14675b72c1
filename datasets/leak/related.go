package leak

import (
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// Keys that columns are compared with, besides those that no split may divide.
const (
	portKey Kind = 200 + iota
	hostKey
)

// more are keys for comparison alone.
var more = []key{
	{kind: portKey, name: "initiator's port", columns: []string{"src_port"}},
	{kind: portKey, name: "responder's port", columns: []string{"dst_port"}},
	{kind: portKey, name: "begin", columns: []string{startColumn}},
	{kind: hostKey, name: "initiator in a capture", columns: []string{captureColumn, srcColumn}, joint: true},
	{kind: hostKey, name: "responder in a capture", columns: []string{captureColumn, dstColumn}, joint: true},
}

// related returns the keys that columns are compared with.
func (c *checker) related() []key {
	named := c.schema
	if c.d.Groups != nil {
		named = only(c.schema, c.d.Groups)
	}
	return append(append([]key(nil), c.keys...), have(named, more)...)
}

// partRows returns how many rows of data and of keys a part has.
func partRows(p *Part) (rows, keys int64, err error) {
	if rows, err = rowsOf(p.Data); err != nil {
		return 0, 0, err
	}
	keys, err = rowsOf(p.Keys)
	return rows, keys, err
}

func nothing(*column.Schema) error { return nil }

func rowsOf(path string) (n int64, err error) {
	err = tables.EachPart(path, nothing, func(p *tables.Part) error {
		n += p.NumRows()
		return nil
	})
	return n, err
}
