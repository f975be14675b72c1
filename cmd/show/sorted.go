package show

import (
	"cmp"
	"math"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/usage"
)

// maxSorted bounds the bytes of the rows that wait to be put in order.
const maxSorted = 256 << 20

// sorted keeps rows and writes them in order. Where only the first or the last ones
// are wanted, the others are forgotten every now and then.
type sorted struct {
	rows    *rowWriter
	by      []sortKey
	schema  *column.Schema // of the rows that are kept
	keep    int64          // so many rows at most are wanted
	last    bool           // the last ones and not the first
	most    int            // bytes that may be kept
	chunks  []*batch.Batch
	order   []place // of all rows in chunks
	size    int     // bytes of chunks and order
	dropped bool    // rows beyond keep there were
}

// place is a row of a chunk.
type place struct{ chunk, row int32 }

const placeBytes = 8

func newSorted(o *Options, schema *column.Schema, by []sortKey, rows *rowWriter) *sorted {
	s := &sorted{rows: rows, by: by, schema: schema, keep: math.MaxInt64, most: maxSorted}
	switch {
	case o.Head != nil:
		s.keep, rows.limit = *o.Head, math.MaxInt64
	case o.Tail != nil:
		s.keep, s.last = *o.Tail, true
	}
	return s
}

func (s *sorted) take(b *batch.Batch, rows []int32) (bool, error) {
	if len(rows) == 0 {
		return false, nil
	}
	s.add(newCopier(s.schema).add(b, rows))
	// Twice what is wanted, so that sorting is worth it.
	const few = 1 << 14
	if wanted := min(s.keep, math.MaxInt64/4); int64(len(s.order)) > 2*wanted+few {
		s.shrink()
	}
	if s.size <= s.most {
		return false, nil
	}
	// Half of it has to become free, or the next rows would not be worth a sort.
	if s.shrink(); s.size > s.most/2 {
		return true, usage.Errorf("--order: the rows to keep take more than %d MiB; narrow them by --where, --select or --head N", s.most>>20)
	}
	return false, nil
}

func (s *sorted) add(c *copier) {
	chunk := int32(len(s.chunks))
	s.chunks = append(s.chunks, c.to)
	for row := range int32(c.to.Rows) {
		s.order = append(s.order, place{chunk, row})
	}
	s.size += c.to.Bytes() + placeBytes*c.to.Rows
}

// shrink forgets the rows that are not wanted.
func (s *sorted) shrink() {
	if int64(len(s.order)) <= s.keep {
		return
	}
	s.sort()
	wanted, chunks := s.order, s.chunks
	s.order, s.chunks, s.size = nil, nil, 0
	c := newCopier(s.schema)
	for _, p := range wanted {
		if c.add(chunks[p.chunk], []int32{p.row}); c.to.Rows == chunkRows {
			s.add(c)
			c = newCopier(s.schema)
		}
	}
	if c.to.Rows > 0 {
		s.add(c)
	}
}

// chunkRows is the most rows of a chunk that shrink makes.
const chunkRows = 8192

// sort puts the rows in order, those that are equal as they were read, and cuts
// off what is not wanted.
func (s *sorted) sort() {
	slices.SortFunc(s.order, func(a, b place) int {
		for i := range s.by {
			if c := s.by[i].of(s.chunks[a.chunk], int(a.row), s.chunks[b.chunk], int(b.row)); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(a.chunk, b.chunk), cmp.Compare(a.row, b.row))
	})
	extra := int64(len(s.order)) - s.keep
	switch {
	case extra <= 0:
		return
	case s.last:
		s.order = s.order[extra:]
	default:
		s.order = s.order[:s.keep]
	}
	s.dropped = true
}

func (s *sorted) close() error {
	s.sort()
	defer func() { s.rows.more = s.dropped && !s.last }()
	for len(s.order) > 0 {
		n := min(len(s.order), chunkRows)
		c := newCopier(s.schema)
		for _, p := range s.order[:n] {
			c.add(s.chunks[p.chunk], []int32{p.row})
		}
		if _, err := s.rows.take(c.to, upTo(c.to.Rows)); err != nil {
			return err
		}
		s.order = s.order[n:]
	}
	return s.rows.close()
}

// upTo returns the first n rows.
func upTo(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}
