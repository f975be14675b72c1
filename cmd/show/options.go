package show

import (
	"slices"
	"strings"

	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// The formats. Text is a line a value, JSON one array, JSONL one object a line.
const (
	FormatTable = "table"
	FormatText  = "text"
	FormatCSV   = "csv"
	FormatTSV   = "tsv"
	FormatJSON  = "json"
	FormatJSONL = "jsonl"
)

// Formats lists the formats, the default first.
func Formats() []string {
	return []string{FormatTable, FormatText, FormatCSV, FormatTSV, FormatJSON, FormatJSONL}
}

// maxTail bounds the rows that --tail keeps in memory.
const maxTail = 100_000

// Options say what to show.
type Options struct {
	Path   string   // a table's folder, or one of its files
	Select []string // columns, in this order; empty: all
	Where  string   // condition that rows meet; empty: all rows
	Order  []string // columns to sort by, each with :asc or :desc behind it or not; empty: as in the table
	Head   *int64   // at most the first so many rows; nil: all
	Tail   *int64   // at most the last so many rows; nil: all
	Stats  bool     // instead of rows, a line a column
	Format string
	Width  int // cells of a line in FormatTable; 0: no limit

	Separator byte // between the values of FormatCSV and FormatTSV; 0: the format's own
	NoHeader  bool // whether the line with the columns' names is left out of these
	Units     bool // whether columns' names have their units behind them; not in JSON
	UTC       bool // whether columns in ns since 1970 are shown as times in UTC
}

// Validate reports the first option that cannot be used with any table.
func (o *Options) Validate() error {
	switch {
	case o.Path == "":
		return usage.Errorf("no table named")
	case negative(o.Head) || negative(o.Tail):
		return usage.Errorf("a negative number of rows")
	case o.Head != nil && o.Tail != nil:
		return usage.Errorf("--head or --tail, not both")
	case o.Stats && (o.Head != nil || o.Tail != nil):
		return usage.Errorf("statistics are of all rows: leave out --head and --tail")
	case o.Stats && len(o.Order) > 0:
		return usage.Errorf("statistics have a line a column: leave out --order")
	case o.Tail != nil && *o.Tail > maxTail:
		return usage.Errorf("--tail of more than %d rows", maxTail)
	case !slices.Contains(Formats(), o.Format):
		return usage.Errorf("unknown format %q; known are %s", o.Format, strings.Join(Formats(), ", "))
	}
	return o.validateFormat()
}

func (o *Options) validateFormat() error {
	separated := o.Format == FormatCSV || o.Format == FormatTSV
	switch {
	case o.Separator != 0 && !separated:
		return usage.Errorf("--separator is for csv and tsv")
	case o.NoHeader && !separated:
		return usage.Errorf("--no-header is for csv and tsv")
	case o.Units && (o.Format == FormatJSON || o.Format == FormatJSONL):
		return usage.Errorf("--units is not for JSON, whose keys are the columns' names")
	case separated:
		if err := o.separated(text.DefaultCSV()).Validate(); err != nil {
			return usage.Errorf("--separator: %w", err)
		}
	}
	return nil
}

func negative(n *int64) bool { return n != nil && *n < 0 }
