package leak

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"pcapmill/datasets/scale"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// maxScalers is how large a file of scalers may be: some hundred bytes a column.
const maxScalers = 16 << 20

// ReadScalers adds the scalers of a file as dataset split writes it. Errors are ErrDataset, and of what
// is not there fs.ErrNotExist too.
func (d *Dataset) ReadScalers(path string) error {
	info, err := os.Stat(path) // opening a pipe would wait for its writer
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDataset, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is no file", ErrDataset, text.Escape(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDataset, err)
	}
	defer f.Close() //nolint:errcheck // only read
	if err := d.addScalers(io.LimitReader(f, maxScalers+1)); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDataset, text.Escape(path), err)
	}
	return nil
}

func (d *Dataset) addScalers(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(data) > maxScalers {
		return fmt.Errorf("more than %d bytes", maxScalers)
	}
	var all scale.Scalers
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("not the JSON of scalers: %s", text.Escape(err.Error()))
	}
	if all.Version != 1 {
		return fmt.Errorf("version %d of scalers, and not 1", all.Version)
	}
	d.Log = all.Log
	for i := range all.Columns {
		c := &all.Columns[i]
		s := Scaler{Column: c.Column}
		if s.Standard = c.Mean != nil && c.Std != nil; s.Standard {
			s.Mean, s.Std = *c.Mean, *c.Std
		}
		if s.MinMax = c.Min != nil && c.Max != nil; s.MinMax {
			s.Min, s.Max = *c.Min, *c.Max
		}
		d.Scalers = append(d.Scalers, s)
	}
	return nil
}

// logarithm is what dataset split makes of numbers with --log1p.
func logarithm(x float64) float64 { return math.Copysign(math.Log1p(math.Abs(x)), x) }

// scaledTable is a second table of the same rows, scaled.
type scaledTable struct {
	method string
	parts  []string // as Dataset.Parts
}

// read returns the moments of its columns of doubles that are not labels, by split.
func (s *scaledTable) read(ctx context.Context, d *Dataset) ([]columnScan, error) {
	var all []columnScan
	for i, path := range s.parts {
		pick := func(schema *column.Schema) ([]string, error) {
			of := scaledColumns(schema)
			if all == nil {
				all = make([]columnScan, len(of))
				for k := range of {
					all[k].Column = of[k]
				}
			}
			names := make([]string, len(of))
			for k := range of {
				names[k] = of[k].Name
			}
			if len(names) != len(all) {
				return nil, fmt.Errorf("%w: %s has other columns than the parts before it", ErrDataset, text.Escape(path))
			}
			return names, nil
		}
		err := tables.Read(ctx, path, pick, func(b *batch.Batch) error {
			for k := range b.Vectors {
				all[k].addSplit(&b.Vectors[k], b.Rows, d.Parts[i].Split)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func scaledColumns(s *column.Schema) (some []*column.Column) {
	for i := range s.Columns {
		if c := &s.Columns[i]; c.Type == column.Double && c.Role != column.Label {
			some = append(some, c)
		}
	}
	return some
}

func (c *columnScan) addSplit(v *batch.Vector, rows, split int) {
	for i := range rows {
		if x, known := finite(v, c.Type, i); known {
			c.split[split].add(x)
		}
	}
}

// scaled checks the table of scaled rows.
func (j *judge) scaled(ctx context.Context) error {
	t := &j.d.Scaled
	if len(t.parts) == 0 || t.method != scale.Standard && t.method != scale.MinMax {
		return nil
	}
	columns, err := t.read(ctx, j.d)
	if err != nil {
		return err
	}
	for i := range columns {
		c := &columns[i]
		if c.split[Train].n > 0 && c.split[Train].low != c.split[Train].high {
			j.transformed(t.method == scale.Standard, c)
		}
	}
	return nil
}
