package leak

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// Dataset says where a split dataset is and what it promises.
type Dataset struct {
	Parts       []Part
	Ours        bool     // its columns are ours: that they can be null is by design
	Label       string   // the column of data that models shall predict
	SplitColumn string   // of data, where Parts do not say the split; empty: they do
	Groups      []string // columns of data that are keys, where there is no table of keys
	Time        string   // of these the one that is an instant; empty: none
	Policy      Policy
	Scalers     []Scaler
	Encoders    []Encoder
	Log         bool        // Scalers are of logarithm(x)
	Scaled      scaledTable // the same rows, scaled
	Predicates  []string    // columns that the rules of labels asked
}

// Part is a stretch of rows: a folder of Parquet files, or one.
type Part struct {
	Split int    // Train, Validation, Test
	Data  string // path
	Keys  string // path of as many rows in the same order; empty: there are no keys
}

// Policy is what the split promises.
type Policy struct {
	By       []string       // columns of keys of which no value is in two splits; time: splits follow one another
	Internal []netip.Prefix // no host in these is in two splits; none: that is not said
	Benign   []string       // labels of what is no campaign, in any case of letters
	Embargo  int64          // ns between splits by time
	Known    bool           // false: nobody says
}

// benign reports whether a class is what goes on all the time.
func (p *Policy) benign(c *Class) bool {
	return c.Null || slices.ContainsFunc(p.Benign, func(s string) bool { return strings.EqualFold(s, c.Name) })
}

// Time is what Policy.By has of splits by time.
const byTime = "time"

func (p *Policy) promises(column string) bool { return slices.Contains(p.By, column) }

// Scaler is what a saved scaler knows of a column.
type Scaler struct {
	Column    string
	Mean, Std float64
	Min, Max  float64
	Standard  bool // Mean and Std are known
	MinMax    bool // Min and Max are
}

// table returns the path of one of a part's tables.
type table func(*Part) string

func dataOf(p *Part) string { return p.Data }
func keysOf(p *Part) string { return p.Keys }

// schema returns the columns of one of the dataset's tables, which all its parts have.
func (d *Dataset) schema(of table) (*column.Schema, error) {
	var first *column.Schema
	for i := range d.Parts {
		path := of(&d.Parts[i])
		err := tables.EachPart(path, func(s *column.Schema) error {
			if first == nil {
				first = s
			}
			return sameColumns(first, s, path)
		}, func(*tables.Part) error { return nil })
		if err != nil {
			return nil, err
		}
	}
	return first, nil
}

func sameColumns(a, b *column.Schema, path string) error {
	for i := range max(len(a.Columns), len(b.Columns)) {
		if i >= len(a.Columns) || i >= len(b.Columns) || a.Columns[i].Name != b.Columns[i].Name || a.Columns[i].Type != b.Columns[i].Type {
			return fmt.Errorf("%w: %s has other columns than the parts before it", ErrDataset, text.Escape(path))
		}
	}
	return nil
}

// walk hands over rows of named columns of one of the dataset's tables, with the number of the first of
// them, in their order.
func (d *Dataset) walk(ctx context.Context, of table, names []string, take func(b *batch.Batch, first int64, part *Part) error) error {
	at := int64(0)
	pick := func(*column.Schema) ([]string, error) { return names, nil }
	for i := range d.Parts {
		p := &d.Parts[i]
		err := tables.Read(ctx, of(p), pick, func(b *batch.Batch) error {
			err := take(b, at, p)
			at += int64(b.Rows)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// validate checks the dataset against its columns.
func (d *Dataset) validate(data *column.Schema) error {
	for _, name := range append([]string{d.Label, d.SplitColumn, d.Time}, d.Groups...) {
		if name != "" && data.Index(name) < 0 {
			return fmt.Errorf("%w: data has no column %s%s", ErrConfig, text.Escape(name), text.Suggest(name, columnNames(data)))
		}
	}
	if i := data.Index(d.Label); numericList(data.Columns[i].Type) {
		return fmt.Errorf("%w: column %s is a list and no label", ErrConfig, text.Escape(d.Label))
	}
	return nil
}

func numericList(t column.Type) bool { return !numeric(t) && !textual(t) }

func columnNames(s *column.Schema) []string {
	names := make([]string, len(s.Columns))
	for i := range s.Columns {
		names[i] = s.Columns[i].Name
	}
	return names
}
