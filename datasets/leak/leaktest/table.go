package leaktest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// Column is a column with the values of all rows.
type Column struct {
	column.Column
	Numbers []float64 // of Int32, Int64 and Double
	Texts   []string  // of String and Text
	Null    []bool    // nil: none is
}

// Table is columns of as many rows each.
type Table struct {
	Name    string
	Columns []*Column
}

// Find returns the column of a name, which is there.
func (t *Table) Find(name string) *Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	panic(fmt.Sprintf("table %s has no column %s", t.Name, name))
}

// Number adds a column of numbers.
func (t *Table) Number(name string, typ column.Type, role column.Role, unit column.Unit, values []float64) *Column {
	c := &Column{Column: column.Column{Name: name, Type: typ, Role: role, Unit: unit, Doc: "Made up."}, Numbers: values}
	t.Columns = append(t.Columns, c)
	return c
}

// Text adds a column of texts.
func (t *Table) Text(name string, role column.Role, values []string) *Column {
	c := &Column{Column: column.Column{Name: name, Type: column.String, Role: role, Doc: "Made up."}, Texts: values}
	t.Columns = append(t.Columns, c)
	return c
}

// WithNull says which rows have no value.
func (c *Column) WithNull(null []bool) {
	c.Null, c.Column.Null = null, "made so"
}

// Batch returns some rows.
func (t *Table) Batch(rows []int) *batch.Batch {
	s := &column.Schema{Table: t.Name, Version: 1}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, c.Column)
	}
	b := batch.New(s)
	for i, c := range t.Columns {
		c.fill(&b.Vectors[i], rows)
	}
	b.Rows = len(rows)
	return b
}

// As returns all rows with the columns of a schema: those that the table lacks are null, or 0 and empty.
func (t *Table) As(s *column.Schema, rows int) *batch.Batch {
	as := &Table{Name: s.Table}
	all, null := make([]int, rows), make([]bool, rows)
	for i := range all {
		all[i], null[i] = i, true
	}
	for _, c := range s.Columns {
		own := &Column{Column: c, Numbers: make([]float64, rows)}
		if c.Type == column.String || c.Type == column.Text {
			own.Numbers, own.Texts = nil, make([]string, rows)
		}
		if c.Optional() {
			own.Null = null
		}
		for _, k := range t.Columns {
			if k.Name != c.Name {
				continue
			}
			own.Numbers, own.Texts = k.Numbers, k.Texts
			if c.Optional() && k.Null == nil {
				own.Null = make([]bool, rows)
			} else {
				own.Null = k.Null
			}
		}
		as.Columns = append(as.Columns, own)
	}
	b := as.Batch(all)
	b.Schema = s
	return b
}

// write writes some rows as a file.
func (t *Table) write(path string, rows []int) error {
	b := t.Batch(rows)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w, err := parquetfile.NewFile(f, b.Schema, parquetfile.DefaultConfig(), nil)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(w.Write(b), w.Close(), f.Close())
}

func (c *Column) fill(v *batch.Vector, rows []int) {
	for _, r := range rows {
		null := c.Null != nil && c.Null[r]
		if c.Null != nil {
			v.Valid = append(v.Valid, map[bool]byte{false: 1, true: 0}[null])
		}
		x, s := 0.0, ""
		switch {
		case null:
		case c.Texts != nil:
			s = c.Texts[r]
		default:
			x = c.Numbers[r]
		}
		switch c.Type {
		case column.Int32:
			v.Int32 = append(v.Int32, int32(x))
		case column.Int64:
			v.Int64 = append(v.Int64, int64(x))
		case column.Double:
			v.Float64 = append(v.Float64, x)
		default:
			v.AppendText([]byte(s))
		}
	}
}
