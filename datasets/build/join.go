package build

import (
	"context"
	"errors"

	"pcapmill/datasets/rows"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// key names a row of a table, and the row of labels that is about it.
type key struct {
	a, b    int64  // flow_id; with packet_index of messages; start and length of windows
	host    string // of windows
	capture int32  // of windows of one capture alone, its number from 1; 0: of all
}

// joined are rows of a table, and of labels, that are about one another: rows[i] and said[i].
type joined struct {
	rows, labels *batch.Batch
	at, said     []int32
}

// errOrder: rows and labels are not in the same order.
var errOrder = errors.New("another order")

// joiner joins one pair's rows with their labels.
type joiner struct {
	cfg     *Config
	shape   shape
	pair    Pair
	ordered bool    // whether it is known if rows and labels are in the same order
	lookup  *lookup // nil: they are
	need    []int   // places of the rows' ids in batches
	keyed   []int   // places of the labels'
	pieces  pieces  // of messages
	said    picks   // of labels
	saidAt  []int   // places of saidColumns, -1 for those that there are none of
}

// pickLabels says which columns of labels are read.
func (j *joiner) pickLabels(s *column.Schema) (names []string, err error) {
	j.said = picks{schema: s}
	if j.keyed, err = j.said.need(j.shape.saysID); err != nil {
		return nil, err
	}
	own, err := j.said.find(j.shape.mayID)
	if err != nil {
		return nil, err
	}
	if own >= 0 {
		j.keyed = append(j.keyed, own)
	}
	j.saidAt = make([]int, len(saidColumns))
	for i, w := range saidColumns {
		if j.saidAt[i], err = j.said.find(w); err != nil {
			return nil, err
		}
	}
	if j.saidAt[0] < 0 || j.saidAt[1] < 0 {
		return nil, unfit("%s has no columns outcome and label", text.Escape(s.Table))
	}
	if j.shape.labels == recordLabels {
		if _, err = j.said.need([]want{{recordTable, column.String, false}}); err != nil {
			return nil, err
		}
	}
	return j.said.names, nil
}

// Of the labels of messages, those of all tables are in one.
const (
	recordLabels = "record_labels"
	recordTable  = "record_table"
)

// labels returns the labels that are about the table, in their order.
func (j *joiner) labels(ctx context.Context) *rows.Cursor {
	all := rows.Open(ctx, j.pair.Labels.Path(j.shape.labels, ""), j.pickLabels)
	if j.shape.labels != recordLabels {
		return all
	}
	return rows.From(func(take func(*batch.Batch) error) error {
		defer all.Close()
		return j.ownRecords(all, take)
	})
}

// ownRecords hands over the labels of the table's messages.
func (j *joiner) ownRecords(all *rows.Cursor, take func(*batch.Batch) error) error {
	var own []int32
	var some *rows.Copier
	for {
		b, err := all.Next()
		if err != nil || b == nil {
			return err
		}
		if some == nil {
			some = rows.NewCopier(b.Schema)
		}
		own = own[:0]
		for i, at := 0, b.Schema.Index(recordTable); i < b.Rows; i++ {
			if string(where.WordAt(&b.Vectors[at], i)) == j.cfg.Table {
				own = append(own, int32(i))
			}
		}
		if len(own) == 0 {
			continue
		}
		some.Reset()
		some.Add(b, own)
		if err := take(some.To); err != nil {
			return err
		}
	}
}

// each hands over all rows with their labels, of the columns that pick returns, whose places
// of ids are need.
func (j *joiner) each(ctx context.Context, pick func(*column.Schema) ([]string, error), take func(*joined) error) error {
	if j.shape.lookup && j.lookup == nil {
		if err := j.load(ctx); err != nil {
			return err
		}
	}
	table := rows.From(func(take func(*batch.Batch) error) error {
		return j.pair.Tables.Read(ctx, j.cfg.Table, pick, take)
	})
	defer table.Close()
	if j.lookup != nil {
		return j.byKey(table, take)
	}
	labels := j.labels(ctx)
	defer labels.Close()
	return j.inStep(table, labels, take)
}

// inStep joins rows with the labels beside them.
func (j *joiner) inStep(table, labels *rows.Cursor, take func(*joined) error) error {
	var out joined
	err := rows.Together(table, labels, func(s rows.Span) error {
		out.rows, out.labels, out.at, out.said = s.A, s.B, out.at[:0], out.said[:0]
		for i := range s.Rows {
			if !j.same(s.A, s.AtA+i, s.B, s.AtB+i) {
				return errOrder
			}
			out.at, out.said = append(out.at, int32(s.AtA+i)), append(out.said, int32(s.AtB+i))
		}
		return take(&out)
	})
	if uneven := (rows.Uneven{}); errors.As(err, &uneven) {
		return errOrder
	}
	return err
}

// same reports whether a row and a label have the same key, of whole numbers.
func (j *joiner) same(a *batch.Batch, rowA int, b *batch.Batch, rowB int) bool {
	for k := range j.shape.key {
		if a.Vectors[j.need[k]].Int64[rowA] != b.Vectors[j.keyed[k]].Int64[rowB] {
			return false
		}
	}
	return true
}

// keyOf returns a row's key, whose columns are at places.
func keyOf(b *batch.Batch, at []int, n, row int) key {
	k := key{a: b.Vectors[at[0]].Int64[row]}
	if n > 1 {
		k.b = b.Vectors[at[1]].Int64[row]
	}
	if n > 2 {
		k.host = b.Vectors[at[2]].String(row)
	}
	if n > 3 && !b.Vectors[at[3]].Null(row) {
		k.capture = b.Vectors[at[3]].Int32[row] + 1
	}
	return k
}

// lookup are all labels, by their keys.
type lookup struct {
	labels *rows.Copier
	at     map[key]int32
	used   []bool // for telling labels of rows that the table does not have
}

// bytesPerLabel is about what the map and a key take, without a host's text.
const bytesPerLabel = 80

// load reads all labels, so that they can be found in any order. The error is ErrLimit where
// they take more than Config.Memory.
func (j *joiner) load(ctx context.Context) error {
	l := &lookup{at: map[key]int32{}}
	labels := j.labels(ctx)
	defer labels.Close()
	for {
		b, err := labels.Next()
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if err := j.keep(l, b); err != nil {
			return err
		}
	}
	if l.labels == nil {
		l.labels = rows.NewCopier(&column.Schema{Table: j.shape.labels})
	}
	l.used = make([]bool, l.labels.To.Rows)
	j.lookup = l
	return nil
}

func (j *joiner) keep(l *lookup, b *batch.Batch) error {
	if l.labels == nil {
		l.labels = rows.NewCopier(b.Schema)
	}
	all := make([]int32, b.Rows)
	for i := range all {
		k := keyOf(b, j.keyed, len(j.keyed), i)
		if _, twice := l.at[k]; twice {
			return inFolder(j.pair.Labels, unfit("two rows of %s are about the same row", j.shape.labels))
		}
		all[i], l.at[k] = int32(i), int32(l.labels.To.Rows+i)
	}
	l.labels.Add(b, all)
	if taken := int64(l.labels.To.Bytes()) + bytesPerLabel*int64(len(l.at)); taken > j.cfg.Memory {
		return inFolder(j.pair.Labels, tooMuch(j.shape.labels, j.cfg.Memory))
	}
	return nil
}

// byKey joins rows with the labels that have their key.
func (j *joiner) byKey(table *rows.Cursor, take func(*joined) error) error {
	out := joined{labels: j.lookup.labels.To}
	for {
		b, err := table.Next()
		if err != nil {
			return err
		}
		if b == nil {
			return j.unused()
		}
		out.rows, out.at, out.said = b, out.at[:0], out.said[:0]
		for i := range b.Rows {
			k := keyOf(b, j.need, len(j.keyed), i)
			at, ok := j.lookup.at[k]
			if !ok {
				return inFolder(j.pair.Labels, unfit("%s has no row for %s, which %s has", j.shape.labels, k.describe(j.cfg.Table), j.cfg.Table))
			}
			j.lookup.used[at] = true
			out.at, out.said = append(out.at, int32(i)), append(out.said, at)
		}
		if err := take(&out); err != nil {
			return err
		}
	}
}

// unused returns an error where labels are about rows that the table does not have.
func (j *joiner) unused() error {
	n := 0
	for _, used := range j.lookup.used {
		if !used {
			n++
		}
	}
	if n > 0 {
		return inFolder(j.pair.Labels, unfit("%d rows of %s are about none of %s", n, j.shape.labels, j.cfg.Table))
	}
	return nil
}
