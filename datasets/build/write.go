package build

import (
	"context"
	"errors"
	"fmt"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/rows"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// writing is what a dataset's tables are written with.
type writing struct {
	data, keys  *folder.Writer
	row, key    *rows.Copier
	captures    []int32 // by pair, the number of its first capture
	chosen      int     // columns of data that are the table's
	weights     []float64
	at, said    []int32 // of the joined rows that are written
	classes     []int32
	rowsByClass []int64
	rowsOfPair  []int64
	pair        int
	copiedKeys  []keyFrom
	seenOfPair  []int64
}

// write writes all tables.
func (b *builder) write(ctx context.Context, out *folder.Folder) error {
	w := &writing{weights: b.census.weights(), rowsByClass: make([]int64, len(b.sieve.names))}
	captures, err := b.writeCaptures(out)
	if err != nil {
		return err
	}
	w.captures = captures
	clear(b.left[:])
	for i, j := range b.joiners {
		w.pair = i
		w.rowsOfPair, w.seenOfPair = append(w.rowsOfPair, 0), append(w.seenOfPair, 0)
		r := &reading{b: b, j: j}
		pick := func(s *column.Schema) ([]string, error) { return r.pickAll(s, w, out) }
		if err := j.each(ctx, pick, func(in *joined) error { return r.write(in, w) }); err != nil {
			return inFolder(j.pair.Tables, err)
		}
	}
	b.report.written(w, b.sieve.names)
	if err := errors.Join(w.data.Close(), w.keys.Close()); err != nil {
		return err
	}
	kept := b.census.kept()
	if !out.Check("rows of data", kept, w.data.Entry().Rows) || !out.Check("rows of keys", kept, w.keys.Entry().Rows) {
		return errors.New("other rows were written than were counted")
	}
	return nil
}

// pickAll says which columns of a pair's table are read, to write its rows: those of data
// first. The first pair begins the tables, and the others must have the same columns.
func (r *reading) pickAll(s *column.Schema, w *writing, out *folder.Folder) ([]string, error) {
	r.picks = picks{schema: s}
	choice, err := r.b.cfg.choose(s, r.b.predicates)
	if err != nil {
		return nil, err
	}
	for _, i := range choice.at {
		r.picks.use(i)
	}
	if _, err := r.need(); err != nil {
		return nil, err
	}
	if w.copiedKeys, err = r.keyColumns(); err != nil {
		return nil, err
	}
	data := r.b.cfg.dataSchema(s, choice)
	if w.row == nil {
		r.b.report.chosen(r.b.cfg, data, choice)
		return r.picks.names, w.begin(data, len(choice.at), out)
	}
	return r.picks.names, sameColumns(w.row.To.Schema, data)
}

func (w *writing) begin(data *column.Schema, chosen int, out *folder.Folder) (err error) {
	if w.data, err = out.Table(data, "", ""); err != nil {
		return err
	}
	if w.keys, err = out.Table(KeysSchema(), "", ""); err != nil {
		return err
	}
	w.row, w.key, w.chosen = rows.NewCopier(data), rows.NewCopier(KeysSchema()), chosen
	return nil
}

// sameColumns returns an error where a later table has other columns than the first one.
func sameColumns(first, other *column.Schema) error {
	if len(first.Columns) != len(other.Columns) {
		return unfit("%d columns for data, and those before have %d: name them with --columns, or run with the same --features", len(other.Columns), len(first.Columns))
	}
	for i := range first.Columns {
		x, y := &first.Columns[i], &other.Columns[i]
		if x.Name != y.Name || x.Type != y.Type || x.Optional() != y.Optional() || x.Unit != y.Unit {
			return unfit("column %s is not column %s of the tables before", text.Escape(y.Name), text.Escape(x.Name))
		}
	}
	return nil
}

// write writes those of joined rows that stay.
func (r *reading) write(in *joined, w *writing) error {
	w.at, w.said, w.classes = w.at[:0], w.said[:0], w.classes[:0]
	w.seenOfPair[w.pair] += int64(len(in.at))
	err := r.judge(in, func(i int, p placed) {
		k := r.b.census.of(p)
		switch {
		case p.at > k.last:
			r.b.left[outSample]++
		case k.small:
			r.b.left[outSmall]++
		default:
			w.at, w.said, w.classes = append(w.at, in.at[i]), append(w.said, in.said[i]), append(w.classes, p.class)
		}
	})
	if err != nil || len(w.at) == 0 {
		return err
	}
	for _, class := range w.classes {
		w.rowsByClass[class]++
	}
	w.rowsOfPair[w.pair] += int64(len(w.at))
	if err := r.writeData(in, w); err != nil {
		return err
	}
	return r.writeKeys(in, w)
}

func (r *reading) writeData(in *joined, w *writing) error {
	w.row.Reset()
	for i := range w.chosen {
		w.row.Column(i, &in.rows.Vectors[i], w.at)
	}
	for i := w.chosen; i < len(w.row.To.Schema.Columns); i++ {
		switch name := w.row.To.Schema.Columns[i].Name; name {
		case labelColumn:
			r.b.sieve.name(&w.row.To.Vectors[i], w.classes)
		case weightColumn:
			v := &w.row.To.Vectors[i]
			for _, class := range w.classes {
				v.Float64 = append(v.Float64, w.weights[class])
			}
		default:
			r.said(w.row, i, name, in, w.said)
		}
	}
	w.row.To.Rows = len(w.at)
	return w.data.Write(w.row.To)
}

// name appends the labels of classes.
func (s *sieve) name(v *batch.Vector, classes []int32) {
	for _, class := range classes {
		valid := byte(1)
		if class == 0 {
			valid = 0
		}
		v.AppendText([]byte(s.names[class]))
		v.Valid = append(v.Valid, valid)
	}
}

// said appends what labels have in a column, nulls where they do not have it.
func (r *reading) said(c *rows.Copier, i int, name string, in *joined, said []int32) {
	for k, w := range saidColumns {
		if at := r.j.saidAt[k]; w.name == name && at >= 0 {
			c.Column(i, &in.labels.Vectors[at], said)
			return
		}
	}
	c.Nulls(i, len(said))
}

// writeCaptures writes the captures behind all pairs, and returns the number of the first of
// each.
func (b *builder) writeCaptures(out *folder.Folder) ([]int32, error) {
	w, err := out.Table(CapturesSchema(), "", "")
	if err != nil {
		return nil, err
	}
	first := make([]int32, len(b.pairs))
	rows := batch.New(CapturesSchema())
	for i, p := range b.pairs {
		first[i] = int32(rows.Rows)
		if rows.Rows+len(p.Tables.Manifest.Inputs) > maxCaptures {
			return nil, fmt.Errorf("%w captures: more than %d", ErrLimit, maxCaptures)
		}
		for k := range p.Tables.Manifest.Inputs {
			if err := appendCapture(rows, i, k, &p.Tables.Manifest.Inputs[k]); err != nil {
				return nil, inFolder(p.Tables, err)
			}
		}
	}
	return first, errors.Join(w.Write(rows), w.Close())
}
