package show_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"pcapmill/cmd/show"
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// hostile is a table whose values attack who looks at it.
func hostile() *batch.Batch {
	values := []string{
		"\x1b[2J\x1b]0;owned\x07", "=cmd|' /C calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "a\r\nb", "a,b;c\td|e",
		`"quoted"`, "\u202eevil\u202c", "\u200b", "\x00", "\x7f\u0085", "＝1", "'", "", "\\x1b", "-", "null", strings.Repeat("long", 1000),
	}
	s := &column.Schema{Table: "hostile", Version: 1, Columns: []column.Column{
		{Name: "name", Type: column.Text, Doc: "d"},
		{Name: "word", Type: column.String, Doc: "d"},
		{Name: "list", Type: column.ListString, Doc: "d"},
		{Name: "bytes", Type: column.Binary, Doc: "d"},
	}}
	b := batch.New(s)
	b.Vectors[2] = batch.Vector{Dict: values, Offsets: []int32{0}}
	for i, value := range values {
		for _, at := range []int{0, 1, 3} {
			b.Vectors[at].AppendText([]byte(value))
		}
		b.Vectors[2].Codes = append(b.Vectors[2].Codes, int32(i))
		b.Vectors[2].Offsets = append(b.Vectors[2].Offsets, int32(i)+1)
		b.Rows++
	}
	return b
}

// TestHostileValues: in every format, of rows and of statistics, nothing reaches a
// terminal that does not print, and no cell starts a formula.
func TestHostileValues(t *testing.T) {
	dir := write(t, 1, hostile())
	for _, format := range show.Formats() {
		for i, o := range []show.Options{
			{}, {Width: 80}, {Stats: true}, {Stats: true, Width: 80}, {Order: []string{"word:desc"}}, {Tail: new(int64(30)), UTC: true},
		} {
			o.Path, o.Format = dir, format
			text, _ := shown(t, o)
			for _, r := range text {
				if r != '\n' && (r != '\t' || format != show.FormatTSV) && !unicode.IsPrint(r) {
					t.Errorf("%s, %d: %q is written", format, i, r)
				}
			}
			switch format {
			case show.FormatJSON:
				if !json.Valid([]byte(text)) {
					t.Errorf("%d: no JSON:\n%s", i, text)
				}
			case show.FormatCSV:
				cells(t, text, ',')
			case show.FormatTSV:
				cells(t, text, '\t')
			}
		}
	}
	semicolons, _ := shown(t, show.Options{Path: dir, Format: show.FormatCSV, Separator: ';', Units: true})
	cells(t, semicolons, ';')
}

// cells reads separated values and looks at where they begin.
func cells(t *testing.T, text string, comma rune) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = comma
	rows, err := r.ReadAll()
	if err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r＝", []rune(cell)[0]) {
				t.Errorf("a cell is %q", cell)
			}
		}
	}
}

// TestHostileValuesAreFound: conditions compare what is stored and not what is shown.
func TestHostileValuesAreFound(t *testing.T) {
	dir := write(t, 1, hostile())
	for where, want := range map[string]int64{
		"word = '=cmd|'' /C calc''!A1'": 1,
		"word = \"'\"":                  1,
		"word = ''''":                   1,
		"word = ''":                     1,
		"word = '\\x1b'":                1,
		"word contains '\x1b'":          1,
		"word = 'null'":                 1,
		"word = null":                   0,
		"word ~ '(?s)\r\n'":             1,
		"any list = '=cmd|'' /C calc''!A1' or list contains '-'": 2,
		"bytes = 00":    1,
		"word glob '*'": 20,
	} {
		if _, sum := shown(t, show.Options{Path: dir, Where: where, Format: show.FormatCSV}); sum.Rows != want {
			t.Errorf("%q gives %d rows, want %d", where, sum.Rows, want)
		}
	}
}
