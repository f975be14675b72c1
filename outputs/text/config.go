package text

import "fmt"

// CSVConfig says how NewCSV writes. The zero value is not valid; start from
// DefaultCSV or DefaultTSV.
type CSVConfig struct {
	Comma  byte // between cells: ',' or '\t', or any printable ASCII but quote, digits, letters, + - .
	Header bool // whether the first line names the columns
	Raw    bool // whether text is written as it is: no escapes, no apostrophe before formulas
}

// DefaultCSV returns comma-separated cells under a header, safe to open in a spreadsheet.
func DefaultCSV() CSVConfig { return CSVConfig{Comma: ',', Header: true} }

// DefaultTSV returns the same with tabs.
func DefaultTSV() CSVConfig { return CSVConfig{Comma: '\t', Header: true} }

// Validate reports a separator that cells could contain unquoted or that is not one byte of text.
func (c CSVConfig) Validate() error {
	switch {
	case c.Comma == '\t':
		return nil
	case c.Comma < 0x20 || c.Comma >= 0x7f,
		c.Comma >= '0' && c.Comma <= '9', c.Comma >= 'a' && c.Comma <= 'z', c.Comma >= 'A' && c.Comma <= 'Z',
		c.Comma == '"', c.Comma == '\'', c.Comma == '\\', c.Comma == '+', c.Comma == '-', c.Comma == '.':
		return fmt.Errorf("%q cannot separate cells", c.Comma)
	}
	return nil
}

// TableConfig says how NewTable writes.
type TableConfig struct {
	Width  int    // cells a line may take; 0: no limit. Columns that do not fit are named below the table
	Cell   int    // cells a value may take before it is cut with …; 0: no limit. Where Width is set, only in lines that do not fit
	Sample int    // rows that are held back to find the column widths
	Null   string // what a null looks like
	Empty  string // what an empty text looks like

	Right []string // columns of text that are treated as numbers: aligned to the right and never cut
}

// What a null and an empty text look like to people.
const (
	nullMark  = "-"
	emptyMark = `""`
)

// DefaultTable returns a table without a line limit whose values are cut at 40 cells.
func DefaultTable() TableConfig { return TableConfig{Cell: 40, Sample: 200, Null: nullMark} }

// Validate reports limits that leave no room.
func (c TableConfig) Validate() error {
	switch {
	case c.Width < 0:
		return fmt.Errorf("a line of %d cells", c.Width)
	case c.Cell < 0:
		return fmt.Errorf("values of %d cells", c.Cell)
	case c.Sample < 1:
		return fmt.Errorf("column widths from %d rows", c.Sample)
	}
	return nil
}
