package pack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// ErrDataset marks a folder that is no dataset, or is none that a package can be made of.
var ErrDataset = errors.New("not a dataset")

// Survey is what a look at all rows of a dataset says of them.
type Survey struct {
	Schema  *column.Schema   // of data
	Keys    *column.Schema   // nil: the dataset has none
	Tables  []*column.Schema // of all tables in Parquet, in the dataset's order
	Rows    int64
	Splits  []Split
	Classes []Class // the largest first
	Rest    int64   // rows of classes that had no place among Classes
	Columns []ColumnFacts
	Begin   int64 // ns since 1970 of the first row; 0 with Timed false
	End     int64 // of the last one's begin
	Timed   bool
}

// Split is a part of the rows; that of a dataset without splits has no name.
type Split struct {
	Name    string
	Rows    int64
	Bytes   int64   // of its Parquet files
	Arrow   int64   // of its columns as Arrow arrays
	Classes []int64 // rows of each of Survey.Classes
	Begin   int64   // ns since 1970
	End     int64
	Timed   bool
}

// Folder is the folder of the split below a table's, empty where there is none.
func (s *Split) Folder() string {
	if s.Name == "" {
		return ""
	}
	return splitKey + "=" + s.Name
}

const splitKey = "split"

// The names that everybody gives to splits, in the order in which they are used.
var usualSplits = []string{"train", "validation", "test"}

// Look reads all of a dataset. Memory is bounded by columns and classes, not rows. Errors are
// ErrDataset, the tables' and the context's.
func Look(ctx context.Context, o *folder.Opened) (*Survey, error) {
	data, ok := o.Table(build.Data)
	if !ok {
		return nil, fmt.Errorf("%w: it has no table %s", ErrDataset, build.Data)
	}
	s := &Survey{Rows: data.Rows}
	names, err := splitsOf(o)
	if err != nil {
		return nil, err
	}
	l := look{ctx: ctx, o: o, s: s}
	for _, name := range names {
		split := Split{Name: name}
		for _, p := range data.Parts {
			if name == "" || strings.HasPrefix(p.Path, build.Data+"/"+split.Folder()+"/") {
				split.Rows += p.Rows
			}
		}
		split.weigh(o.Manifest.Tables)
		s.Splits = append(s.Splits, split)
	}
	if err := l.tables(); err != nil {
		return nil, err
	}
	if err := l.columns(); err != nil {
		return nil, err
	}
	if err := l.classes(); err != nil {
		return nil, err
	}
	return s, nil
}

// splitsOf lists the splits of a dataset, the usual ones first.
func splitsOf(o *folder.Opened) ([]string, error) {
	var names []string
	for _, p := range o.Partitions(build.Data) {
		name, is := strings.CutPrefix(p, splitKey+"=")
		if !is || strings.Contains(name, "/") {
			return nil, fmt.Errorf("%w: %s is partitioned by %s, not by %s", ErrDataset, build.Data, p, splitKey)
		}
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if i, j := splitRank(a), splitRank(b); i != j {
			return i - j
		}
		return strings.Compare(a, b)
	})
	if len(names) == 0 {
		names = []string{""}
	}
	return names, nil
}

func splitRank(name string) int {
	if i := slices.Index(usualSplits, name); i >= 0 {
		return i
	}
	return len(usualSplits)
}

// look is a Survey in the making.
type look struct {
	ctx context.Context
	o   *folder.Opened
	s   *Survey
}

// tables reads the columns of all tables.
func (l *look) tables() error {
	for i := range l.o.Manifest.Tables {
		t := &l.o.Manifest.Tables[i]
		if len(t.Parts) == 0 || !strings.HasSuffix(t.Parts[0].Path, ".parquet") {
			continue // copies of others
		}
		schema, err := l.schemaOf(t.Name)
		if err != nil {
			return err
		}
		named := *schema
		named.Table = t.Name
		l.s.Tables = append(l.s.Tables, &named)
		switch t.Name {
		case build.Data:
			l.s.Schema = &named
		case build.Keys:
			l.s.Keys = &named
		}
	}
	return nil
}

// schemaOf returns the columns of a table.
func (l *look) schemaOf(table string) (*column.Schema, error) {
	var s *column.Schema
	stop := errors.New("seen")
	err := tables.EachPart(l.o.Path(table, ""), func(schema *column.Schema) error { s = schema; return nil }, func(*tables.Part) error { return stop })
	if err != nil && !errors.Is(err, stop) {
		return nil, err
	}
	return s, nil
}
