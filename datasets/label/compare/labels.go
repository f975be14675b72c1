package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// ErrLabels marks labels that cannot be compared.
var ErrLabels = errors.New("labels cannot be compared")

// ErrLimit: there are more rows, or labels, than are compared.
var ErrLimit = errors.New("too many to compare")

// Limits of what is compared.
const (
	MaxRows    = 1 << 28 // 4 GiB
	MaxClasses = 1 << 12
)

// Classes of rows without a label.
const (
	Unlabelled = "(unlabelled)"
	Ambiguous  = "(ambiguous)"
)

// Labels is one labelling: what rows with a key are called.
type Labels struct {
	Name  string // as given
	Key   string // what a key is: flow_id, or packet_index
	Again int64  // rows whose key came before, which do not count
	rows  []row  // by key
	names []string
	codes map[string]int32
}

type row struct {
	key  int64
	code int32
}

// New returns a labelling without rows.
func New(name, key string) *Labels { return &Labels{Name: name, Key: key, codes: map[string]int32{}} }

// Add takes a row. The error is ErrLimit.
func (l *Labels) Add(key int64, class string) error {
	code, known := l.codes[class]
	if !known {
		if len(class) > label.MaxLabel {
			return fmt.Errorf("%w: %s has a label of %d bytes, and %d are the most", ErrLimit, text.Escape(l.Name), len(class), label.MaxLabel)
		}
		if len(l.names) == MaxClasses {
			return fmt.Errorf("%w: %s has more than %d labels", ErrLimit, text.Escape(l.Name), MaxClasses)
		}
		code = int32(len(l.names))
		l.names = append(l.names, class)
		l.codes[class] = code
	}
	if len(l.rows) == MaxRows {
		return fmt.Errorf("%w: %s has more than %d rows", ErrLimit, text.Escape(l.Name), MaxRows)
	}
	l.rows = append(l.rows, row{key, code})
	return nil
}

// Rows returns how many rows there are.
func (l *Labels) Rows() int { return len(l.rows) }

// done orders the rows. Of those with one key the first stays.
func (l *Labels) done() {
	slices.SortStableFunc(l.rows, func(a, b row) int { return cmp.Compare(a.key, b.key) })
	before := len(l.rows)
	l.rows = slices.CompactFunc(l.rows, func(a, b row) bool { return a.key == b.key })
	l.Again += int64(before - len(l.rows))
}

// Table is where labels are in a table.
type Table struct {
	Path    string
	Key     string // column: flow_id, packet_index
	Column  string // of labels
	Capture int32  // packets of this capture_id alone, where the key is packet_index
}

// Read reads a labelling from a table. Where it has a column outcome, that says which rows
// have no label; else a null, or an empty text, does. Errors are ErrLabels, ErrLimit and those
// of tables.Read.
func Read(ctx context.Context, name string, t Table) (*Labels, error) {
	l := New(name, t.Key)
	r := &reader{labels: l, table: t, outcome: -1, capture: -1}
	if err := tables.Read(ctx, t.Path, r.pick, r.take); err != nil {
		return nil, err
	}
	return l, nil
}

type reader struct {
	labels           *Labels
	table            Table
	names            []string
	outcome, capture int // of the columns read, -1: none
	numeric          bool
	typ              column.Type
}

func (r *reader) pick(s *column.Schema) ([]string, error) {
	r.names = []string{r.table.Key, r.table.Column}
	for i, name := range r.names {
		at, err := where.Find(name, s)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrLabels, text.Escape(r.table.Path), err)
		}
		switch c := &s.Columns[at]; {
		case i == 0 && (c.Type != column.Int64 || c.Optional()):
			return nil, fmt.Errorf("%w: %s: %s is no column of keys", ErrLabels, text.Escape(r.table.Path), text.Escape(name))
		case i == 1 && !where.IsText(c.Type) && !where.IsInteger(c.Type):
			return nil, fmt.Errorf("%w: %s: %s has neither texts nor whole numbers", ErrLabels, text.Escape(r.table.Path), text.Escape(name))
		case i == 1:
			r.typ, r.numeric = c.Type, where.IsInteger(c.Type)
		}
	}
	if at := s.Index("outcome"); at >= 0 && s.Columns[at].Type == column.String && r.table.Column != "outcome" {
		r.outcome = len(r.names)
		r.names = append(r.names, "outcome")
	}
	if at := s.Index("capture_id"); r.table.Key == "packet_index" && at >= 0 && s.Columns[at].Type == column.Int32 {
		r.capture = len(r.names)
		r.names = append(r.names, "capture_id")
	}
	return r.names, nil
}

func (r *reader) take(b *batch.Batch) error {
	keys, names := b.Vectors[0].Int64, &b.Vectors[1]
	for i := range b.Rows {
		if r.capture >= 0 && b.Vectors[r.capture].Int32[i] != r.table.Capture {
			continue
		}
		if err := r.labels.Add(keys[i], r.class(b, names, i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) class(b *batch.Batch, names *batch.Vector, i int) string {
	if r.outcome >= 0 && !b.Vectors[r.outcome].Null(i) && b.Vectors[r.outcome].String(i) == label.Ambiguous.String() {
		return Ambiguous
	}
	switch {
	case names.Null(i):
		return Unlabelled
	case r.numeric:
		return fmt.Sprint(where.IntegerAt(r.typ, names, i))
	}
	if name := names.String(i); name != "" {
		return name
	}
	return Unlabelled
}
