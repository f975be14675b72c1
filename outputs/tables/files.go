package tables

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/features/column"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// ErrTable marks a table that cannot be read.
var ErrTable = errors.New("table cannot be read")

const (
	ending   = ".parquet"
	database = ".sqlite" // has all tables of a dataset
)

// Files returns the paths of the parts of the table that path names, in their order: a
// folder's, those of its partitions (split=train), or the file itself. The error is ErrTable.
//
// Of a folder of live tables, which may be growing, parts count up to its last commit.
func Files(path string) ([]string, error) { return NewView().Files(path) }

// ofLive splits the path of a table, or of one of its days, in a folder of live tables; dir is empty
// where it is none.
func ofLive(path string) (dir, table, day string) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return "", "", ""
	}
	path = filepath.Clean(path)
	dir, table = filepath.Dir(path), filepath.Base(path)
	if strings.Contains(table, "=") {
		day, table, dir = table, filepath.Base(dir), filepath.Dir(dir)
	}
	if !livefolder.Is(dir) {
		return "", "", ""
	}
	return dir, table, day
}

func filesIn(path string, depth int) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %w%s", ErrTable, err, nearby(path))
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	case info.Mode().IsRegular():
		return []string{path}, nil
	case !info.IsDir(): // opening a pipe would wait for a writer, and no signal would end that
		return nil, fmt.Errorf("%w: %s is neither a file nor a folder", ErrTable, text.Escape(path))
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	}
	var files, tables, others []string
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir():
			tables = append(tables, name)
		case strings.HasSuffix(name, ending) && !strings.HasPrefix(name, "."):
			files = append(files, filepath.Join(path, name))
		default:
			others = append(others, name)
		}
	}
	switch {
	case len(files) > 0:
		slices.SortStableFunc(files, compareParts)
		return files, nil
	case depth < maxPartitions && len(tables) > 0 && !slices.ContainsFunc(tables, notPartition):
		return partitions(path, tables, depth)
	}
	return nil, notATable(path, tables, others)
}

// compareParts puts files in the order of their names, and parts of ours in that of their numbers,
// which have five digits or more.
func compareParts(a, b string) int {
	const part = "part-"
	x, y := filepath.Base(a), filepath.Base(b)
	if strings.HasPrefix(x, part) && strings.HasPrefix(y, part) && len(x) != len(y) {
		return cmp.Compare(len(x), len(y))
	}
	return strings.Compare(x, y)
}

// maxPartitions is how many columns a table's folders may stand for, one below the other.
const maxPartitions = 3

// notPartition reports whether a folder's name does not say key=value, as Hive's partitions do.
func notPartition(name string) bool { return strings.Index(name, "=") < 1 }

// partitions returns the parts of all partitions, in the order of their names.
func partitions(path string, names []string, depth int) ([]string, error) {
	var all []string
	for _, name := range names {
		files, err := filesIn(filepath.Join(path, name), depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// nearby suggests what stands beside a path that does not exist.
func nearby(path string) string {
	entries, _ := os.ReadDir(filepath.Dir(path)) //nolint:errcheck // no suggestion then
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return text.Suggest(filepath.Base(path), names)
}

// Readable returns ErrTable where the tables of a dataset are in one file of another format. A
// dataset that has no folder of the tables that are looked for may be such a one.
func Readable(dataset string) error {
	entries, err := os.ReadDir(dataset)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTable, err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == database && !e.IsDir() {
			return notRead(text.Escape(dataset), database)
		}
	}
	return nil
}

func notRead(shown, ext string) error {
	return fmt.Errorf("%w: %s holds %s files, and only Parquet is read here", ErrTable, shown, ext)
}

// notATable says what a folder without Parquet files is instead.
func notATable(path string, tables, others []string) error {
	shown := text.Escape(path)
	if slices.Contains(others, manifest.Name) && len(tables) > 0 {
		named := make([]string, len(tables))
		for i, t := range tables {
			named[i] = text.Escape(filepath.Join(path, t))
		}
		return fmt.Errorf("%w: %s is a dataset; name one of its tables: %s", ErrTable, shown, strings.Join(named, ", "))
	}
	for _, name := range others {
		if ext := filepath.Ext(name); ext == ".csv" || ext == ".tsv" || ext == ".jsonl" || ext == ".arrow" || ext == database {
			return notRead(shown, ext)
		}
	}
	return fmt.Errorf("%w: %s holds no Parquet files", ErrTable, shown)
}

// EachPart opens the files of the table that path names, one after the other: plan has the
// columns of the first, whose table all must be of, and then each has every one, which is
// open until it returns. Errors are theirs as they are, and ErrTable.
func EachPart(path string, plan func(*column.Schema) error, each func(*Part) error) error {
	return NewView().EachPart(path, plan, each)
}

// EachFile is EachPart of the files that are named, in that order.
func EachFile(files []string, plan func(*column.Schema) error, each func(*Part) error) error {
	return eachFile(files, func(*Part) {}, plan, each)
}

func eachFile(paths []string, opened func(*Part), plan func(*column.Schema) error, each func(*Part) error) error {
	var first *column.Schema
	for _, path := range paths {
		p, err := open(path)
		if err != nil {
			return err
		}
		opened(p)
		if first == nil {
			first = p.Schema()
			err = plan(first)
		} else if why := sameTable(first, p.Schema()); why != "" {
			err = fmt.Errorf("%w: %s is of another table: %s", ErrTable, text.Escape(path), why)
		}
		if err == nil {
			err = each(p)
		}
		p.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// sameTable reports how a part's columns differ from the first one's, "" where
// they do not.
func sameTable(a, b *column.Schema) string {
	if len(a.Columns) != len(b.Columns) {
		return fmt.Sprintf("%d columns and not %d", len(b.Columns), len(a.Columns))
	}
	for i := range a.Columns {
		x, y := &a.Columns[i], &b.Columns[i]
		if x.Name != y.Name || x.Type != y.Type || x.Optional() != y.Optional() {
			return fmt.Sprintf("column %d is %s and not %s", i, text.Escape(y.Name), text.Escape(x.Name))
		}
	}
	return ""
}
