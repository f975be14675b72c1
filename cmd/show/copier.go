package show

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// copier collects rows of any batches in one of its own, which holds no more words
// than they need.
type copier struct {
	to    *batch.Batch
	codes []map[string]int32 // of the words of a list column
}

func newCopier(schema *column.Schema) *copier {
	return &copier{batch.New(schema), make([]map[string]int32, len(schema.Columns))}
}

// add appends rows of the first columns of b.
func (c *copier) add(b *batch.Batch, rows []int32) *copier {
	for i := range c.to.Vectors {
		dst, src := &c.to.Vectors[i], &b.Vectors[i]
		t := c.to.Schema.Columns[i].Type
		switch {
		case t == column.ListString:
			c.words(i, src, rows)
		case src.Dict != nil:
			for _, r := range rows {
				dst.AppendText([]byte(src.Dict[src.Codes[r]]))
			}
		default:
			gatherValues(t, dst, src, rows)
		}
		c.valid(dst, src, rows)
	}
	c.to.Rows += len(rows)
	return c
}

// valid appends which values are none.
func (c *copier) valid(dst, src *batch.Vector, rows []int32) {
	if len(src.Valid) == 0 && len(dst.Valid) == 0 {
		return
	}
	for len(dst.Valid) < c.to.Rows {
		dst.Valid = append(dst.Valid, 1)
	}
	for _, r := range rows {
		dst.Valid = append(dst.Valid, valid(!src.Null(int(r))))
	}
}

// words appends lists of words.
func (c *copier) words(col int, src *batch.Vector, rows []int32) {
	dst := &c.to.Vectors[col]
	if c.codes[col] == nil {
		c.codes[col] = map[string]int32{}
		dst.Offsets, dst.Dict = append(dst.Offsets, 0), []string{}
	}
	for _, r := range rows {
		for _, code := range src.Codes[src.Offsets[r]:src.Offsets[r+1]] {
			word := src.Dict[code]
			own, known := c.codes[col][word]
			if !known {
				own = int32(len(dst.Dict))
				c.codes[col][word] = own
				dst.Dict = append(dst.Dict, word)
			}
			dst.Codes = append(dst.Codes, own)
		}
		dst.Offsets = append(dst.Offsets, int32(len(dst.Codes)))
	}
}

func valid(ok bool) byte {
	if ok {
		return 1
	}
	return 0
}
