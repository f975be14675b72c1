package ipc

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// stage gathers rows until a record batch is full. Its strings are always bytes,
// and the elements of its string lists are kept apart as such.
type stage struct {
	rows  *batch.Batch
	words []*batch.Batch // elements of column i's string lists; nil for other types
}

// wordSchema is the table of list elements.
func wordSchema() *column.Schema {
	return &column.Schema{Table: "elements", Version: 1, Columns: []column.Column{{Name: "item", Type: column.Text, Doc: "An element."}}}
}

// noWord is the dictionary of codes that are never looked at.
var noWord = []string{""}

func newStage(schema *column.Schema) *stage {
	s := &stage{rows: batch.New(schema), words: make([]*batch.Batch, len(schema.Columns))}
	for i := range schema.Columns {
		if schema.Columns[i].Type == column.ListString {
			s.words[i] = batch.New(wordSchema())
		}
	}
	return s
}

func (s *stage) reset() {
	s.rows.Reset()
	for _, w := range s.words {
		if w != nil {
			w.Reset()
		}
	}
}

// add copies rows from to to of b, which fits the schema.
func (s *stage) add(b *batch.Batch, from, to int) error {
	for i := range b.Vectors {
		dst, src := &s.rows.Vectors[i], &b.Vectors[i]
		optional := b.Schema.Columns[i].Optional()
		if optional {
			dst.Valid = appendValid(dst.Valid, src, from, to)
		}
		if err := s.addValues(i, dst, src, from, to); err != nil {
			return fmt.Errorf("column %s: %w", b.Schema.Columns[i].Name, err)
		}
	}
	s.rows.Rows += to - from
	return nil
}

func appendValid(dst []byte, src *batch.Vector, from, to int) []byte {
	if len(src.Valid) != 0 {
		return append(dst, src.Valid[from:to]...)
	}
	for range to - from {
		dst = append(dst, 1)
	}
	return dst
}

func (s *stage) addValues(i int, dst, src *batch.Vector, from, to int) error {
	switch s.rows.Schema.Columns[i].Type {
	case column.Int64, column.Timestamp:
		dst.Int64 = append(dst.Int64, src.Int64[from:to]...)
	case column.Int32:
		dst.Int32 = append(dst.Int32, src.Int32[from:to]...)
	case column.Double:
		dst.Float64 = append(dst.Float64, src.Float64[from:to]...)
	case column.String, column.Text, column.Binary:
		return addTexts(dst, src, from, to)
	case column.ListInt64:
		dst.Int64 = append(dst.Int64, src.Int64[src.Offsets[from]:src.Offsets[to]]...)
		addOffsets(dst, src, from, to)
	case column.ListInt32:
		dst.Int32 = append(dst.Int32, src.Int32[src.Offsets[from]:src.Offsets[to]]...)
		addOffsets(dst, src, from, to)
	case column.ListString:
		addOffsets(dst, src, from, to)
		return s.addWords(i, src, int(src.Offsets[from]), int(src.Offsets[to]))
	}
	return nil
}

// addTexts copies strings; a null row of a dictionary vector is empty, since its
// code may point nowhere.
func addTexts(dst, src *batch.Vector, from, to int) error {
	for row := from; row < to; row++ {
		var err error
		switch {
		case src.Dict == nil:
			err = addText(dst, src.Bytes[src.Offsets[row]:src.Offsets[row+1]])
		case src.Null(row):
			err = addText(dst, nil)
		default:
			err = addText(dst, []byte(src.Dict[src.Codes[row]]))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func addText(dst *batch.Vector, text []byte) error {
	if len(dst.Bytes)+len(text) > math.MaxInt32 {
		return fmt.Errorf("more than %d bytes of text in one record batch: use fewer rows", math.MaxInt32)
	}
	dst.AppendText(text)
	return nil
}

func (s *stage) addWords(i int, src *batch.Vector, from, to int) error {
	w := s.words[i]
	// Record wants codes for the lists it wraps; textLists drops them.
	dst := &s.rows.Vectors[i]
	dst.Dict = noWord
	dst.Codes = append(dst.Codes, make([]int32, to-from)...)
	for _, code := range src.Codes[from:to] {
		if err := addText(&w.Vectors[0], []byte(src.Dict[code])); err != nil {
			return err
		}
	}
	w.Rows += to - from
	return nil
}

// addOffsets continues dst's lists with those of rows from to to.
func addOffsets(dst, src *batch.Vector, from, to int) {
	if len(dst.Offsets) == 0 {
		dst.Offsets = append(dst.Offsets, 0)
	}
	shift := dst.Offsets[len(dst.Offsets)-1] - src.Offsets[from]
	for _, end := range src.Offsets[from+1 : to+1] {
		dst.Offsets = append(dst.Offsets, end+shift)
	}
}

// record wraps what is gathered. It is good until the next reset; the caller
// releases it.
func (s *stage) record(mem memory.Allocator, metadata arrow.Metadata) (arrow.Record, error) {
	plain, err := s.rows.Record(mem)
	if err != nil {
		return nil, err
	}
	defer plain.Release()
	fields := plain.Schema().Fields()
	columns := append([]arrow.Array{}, plain.Columns()...)
	for i, words := range s.words {
		if words == nil {
			continue
		}
		list, err := textLists(words, columns[i], mem)
		if err != nil {
			return nil, err
		}
		defer list.Release()
		columns[i], fields[i].Type = list, list.DataType()
	}
	return array.NewRecord(arrow.NewSchema(fields, &metadata), columns, int64(s.rows.Rows)), nil
}

// textLists returns lists with the offsets and nulls of codes, but of words.
func textLists(words *batch.Batch, codes arrow.Array, mem memory.Allocator) (arrow.Array, error) {
	elements, err := words.Record(mem)
	if err != nil {
		return nil, err
	}
	defer elements.Release()
	child := elements.Column(0)
	data := array.NewData(arrow.ListOfNonNullable(child.DataType()), codes.Len(), codes.Data().Buffers(), []arrow.ArrayData{child.Data()}, codes.NullN(), 0)
	defer data.Release()
	return array.MakeFromData(data), nil
}
