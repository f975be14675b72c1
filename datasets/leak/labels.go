package leak

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// labelled has the class and split of every row.
type labelled struct {
	class   []uint16
	split   []uint8
	classes []Class
}

func (l *labelled) splitOf(row int64) int { return int(l.split[row]) }

func (l *labelled) rows() (n [3]int64) {
	for i := range l.classes {
		for s := range n {
			n[s] += l.classes[i].Rows[s]
		}
	}
	return n
}

// className identifies a value of the label.
type className struct {
	text string
	null bool
}

// labelReader reads classes and splits.
type labelReader struct {
	labelled
	most   int
	known  map[className]uint16
	splits map[string]int
}

func readLabels(ctx context.Context, d *Dataset, most int) (*labelled, error) {
	r := &labelReader{most: most, known: map[className]uint16{}, splits: map[string]int{}}
	names := []string{d.Label}
	if d.SplitColumn != "" {
		names = append(names, d.SplitColumn)
	}
	err := d.walk(ctx, dataOf, names, func(b *batch.Batch, _ int64, p *Part) error {
		for i := range b.Rows {
			split, err := r.splitAt(b, i, p)
			if err != nil {
				return err
			}
			if err := r.add(b, i, split); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.order()
	n := r.rows()
	if n[Train] == 0 || n[Validation]+n[Test] == 0 {
		return nil, fmt.Errorf("%w: %d rows in train, %d in validation, %d in test; want some to learn from and some to test on", ErrDataset, n[Train], n[Validation], n[Test])
	}
	return &r.labelled, nil
}

func (r *labelReader) splitAt(b *batch.Batch, i int, p *Part) (int, error) {
	if len(b.Vectors) < 2 {
		return p.Split, nil
	}
	v := &b.Vectors[1]
	if v.Null(i) {
		return 0, fmt.Errorf("%w: row %d is in no split", ErrDataset, len(r.class)+1)
	}
	return ParseSplit(cellText(v, b.Schema.Columns[1].Type, i))
}

// ParseSplit returns the split of a name, as others call it too. The error is ErrDataset.
func ParseSplit(name string) (int, error) {
	switch strings.ToLower(name) {
	case "train", "training":
		return Train, nil
	case "validation", "valid", "val", "dev":
		return Validation, nil
	case "test", "testing":
		return Test, nil
	}
	return 0, fmt.Errorf("%w: a split is called %s; want train, validation or test", ErrDataset, text.Escape(text.Truncate(name, 60)))
}

func (r *labelReader) add(b *batch.Batch, i, split int) error {
	v := &b.Vectors[0]
	name := className{null: v.Null(i)}
	if !name.null {
		name.text = cellText(v, b.Schema.Columns[0].Type, i)
	}
	c, known := r.known[name]
	if !known {
		if len(name.text) > label.MaxLabel {
			return fmt.Errorf("%w: column %s has a value of %d bytes: no label has more than %d", ErrLimit, text.Escape(b.Schema.Columns[0].Name), len(name.text), label.MaxLabel)
		}
		if len(r.classes) == r.most {
			return fmt.Errorf("%w: column %s has more than %d values: no label has so many", ErrLimit, text.Escape(b.Schema.Columns[0].Name), r.most)
		}
		c = uint16(len(r.classes))
		r.known[name] = c
		r.classes = append(r.classes, Class{Name: name.text, Null: name.null})
	}
	r.classes[c].Rows[split]++
	r.class, r.split = append(r.class, c), append(r.split, uint8(split))
	return nil
}

// order numbers classes by their names, so that the order of rows does not matter.
func (r *labelReader) order() {
	order := make([]int, len(r.classes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &r.classes[a], &r.classes[b]
		if x.Null != y.Null {
			return map[bool]int{true: 1, false: -1}[x.Null]
		}
		return cmp.Compare(x.Name, y.Name)
	})
	ranks, sorted := make([]uint16, len(order)), make([]Class, len(order))
	for rank, old := range order {
		ranks[old], sorted[rank] = uint16(rank), r.classes[old]
	}
	r.classes = sorted
	for i, c := range r.class {
		r.class[i] = ranks[c]
	}
}

// cellText returns a cell that is not null, and no list, as text.
func cellText(v *batch.Vector, t column.Type, i int) string {
	switch {
	case textual(t):
		return v.String(i)
	case t == column.Double:
		return strconv.FormatFloat(v.Float64[i], 'g', -1, 64)
	case t == column.Int32:
		return strconv.Itoa(int(v.Int32[i]))
	}
	return strconv.FormatInt(v.Int64[i], 10)
}

// shown is the class in reports: escaped, and cut where it is long.
func (c *Class) shown() string {
	switch {
	case c.Null:
		return "(null)"
	case c.Name == "":
		return `""`
	}
	return clip(c.Name)
}
