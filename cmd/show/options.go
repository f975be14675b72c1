package show

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The formats. JSON is one array, JSONL one object a line.
const (
	FormatTable = "table"
	FormatCSV   = "csv"
	FormatTSV   = "tsv"
	FormatJSON  = "json"
	FormatJSONL = "jsonl"
)

// Formats lists the formats, the default first.
func Formats() []string {
	return []string{FormatTable, FormatCSV, FormatTSV, FormatJSON, FormatJSONL}
}

// maxTail bounds the rows that --tail keeps in memory.
const maxTail = 100_000

// Options say what to show.
type Options struct {
	Path   string   // a table's folder, or one of its files
	Select []string // columns, in this order; empty: all
	Where  string   // comparisons joined by and; empty: all rows
	Head   *int64   // at most the first so many rows; nil: all
	Tail   *int64   // at most the last so many rows; nil: all
	Stats  bool     // instead of rows, a line a column
	Format string
	Width  int // cells of a line in FormatTable; 0: no limit
}

// ErrUsage marks options that cannot be used with the table at hand.
var ErrUsage = errors.New("show")

// Validate reports the first option that cannot be used with any table.
func (o *Options) Validate() error {
	switch {
	case o.Path == "":
		return fmt.Errorf("%w: no table named", ErrUsage)
	case negative(o.Head) || negative(o.Tail):
		return fmt.Errorf("%w: a negative number of rows", ErrUsage)
	case o.Head != nil && o.Tail != nil:
		return fmt.Errorf("%w: head or tail, not both", ErrUsage)
	case o.Stats && (o.Head != nil || o.Tail != nil):
		return fmt.Errorf("%w: statistics are of all rows: leave out head and tail", ErrUsage)
	case o.Tail != nil && *o.Tail > maxTail:
		return fmt.Errorf("%w: tail of more than %d rows", ErrUsage, maxTail)
	case !slices.Contains(Formats(), o.Format):
		return fmt.Errorf("%w: unknown format %q; known are %s", ErrUsage, o.Format, strings.Join(Formats(), ", "))
	}
	return nil
}

func negative(n *int64) bool { return n != nil && *n < 0 }
