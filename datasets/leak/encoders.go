package leak

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"pcapmill/datasets/scale"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Encoder is what a saved encoder knows of a column of texts.
type Encoder struct {
	Column     string
	Categories []string
}

// maxEncoders is how large a file of encoders may be: each column has a megabyte of categories at most.
const maxEncoders = 64 << 20

// ReadEncoders adds the encoders of a file as dataset split writes it. Errors are ErrDataset, and of
// what is not there fs.ErrNotExist too.
func (d *Dataset) ReadEncoders(path string) error {
	err := d.addEncoders(path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDataset, text.Escape(path), err)
	}
	return nil
}

func (d *Dataset) addEncoders(path string) error {
	info, err := os.Stat(path) // opening a pipe would wait for its writer
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("is no file")
	case info.Size() > maxEncoders:
		return fmt.Errorf("more than %d bytes", maxEncoders)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	var all scale.Encoders
	if err := json.NewDecoder(io.LimitReader(f, maxEncoders)).Decode(&all); err != nil {
		return fmt.Errorf("not the JSON of encoders: %s", text.Escape(err.Error()))
	}
	if all.Version != 1 {
		return fmt.Errorf("version %d of encoders, and not 1", all.Version)
	}
	if all.Label != nil {
		all.Columns = append(all.Columns, *all.Label)
	}
	for _, e := range all.Columns {
		if !e.TooMany {
			d.Encoders = append(d.Encoders, Encoder{e.Column, e.Categories})
		}
	}
	return nil
}

// encoderScan is in which rows the categories of an encoder are.
type encoderScan struct {
	*Encoder
	col       *column.Column
	seen      map[string][2]bool // by side; what is no category is not there
	strangers bool               // training has a text that is no category
}

// encoders compares saved encoders with the texts of training rows.
func (j *judge) encoders(ctx context.Context, data *column.Schema) error {
	var all []*encoderScan
	var names []string
	for i := range j.d.Encoders {
		e := &j.d.Encoders[i]
		at := data.Index(e.Column)
		if at < 0 || !textual(data.Columns[at].Type) || slices.Contains(names, e.Column) {
			continue
		}
		s := &encoderScan{Encoder: e, col: &data.Columns[at], seen: make(map[string][2]bool, len(e.Categories))}
		for _, word := range e.Categories {
			s.seen[word] = [2]bool{}
		}
		all, names = append(all, s), append(names, e.Column)
	}
	if len(all) == 0 {
		return nil
	}
	err := j.d.walk(ctx, dataOf, names, func(b *batch.Batch, first int64, _ *Part) error {
		for k, s := range all {
			s.take(&b.Vectors[k], b.Rows, first, j.l)
		}
		return nil
	})
	for _, s := range all {
		j.encoder(s)
	}
	return err
}

func (s *encoderScan) take(v *batch.Vector, rows int, first int64, l *labelled) {
	for i := range rows {
		if v.Null(i) {
			continue
		}
		word, at := v.String(i), side(l.splitOf(first+int64(i)))
		sides, known := s.seen[word]
		switch {
		case !known:
			s.strangers = s.strangers || at == 0
		case !sides[at]:
			sides[at] = true
			s.seen[word] = sides
		}
	}
}

// encoder judges one: categories that training lacks and others have came from these.
func (j *judge) encoder(s *encoderScan) {
	foreign, unknown := 0, 0
	for _, sides := range s.seen {
		switch {
		case sides[0]:
		case sides[1]:
			foreign++
		default:
			unknown++
		}
	}
	c := &columnScan{Column: s.col}
	evidence := []Number{{"categories", float64(len(s.seen))}, {"categories_outside_training_alone", float64(foreign)}, {"categories_in_no_row", float64(unknown)}}
	switch {
	case foreign > 0:
		j.add(ScalerFittedOnAll, Error, c, fmt.Sprintf("has an encoder with %s that no training row has, and rows outside it have", plurals(int64(foreign), "category", "categories")), evidence...)
	case unknown > 0 || s.strangers:
		j.add(ScalerStale, Warning, c, "has an encoder with categories of other rows than those of training", evidence...)
	}
}
