package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"pcapmill/outputs/text"
)

// What can be wrong. An *Error around it says where.
var (
	ErrOptions = errors.New("options of label sources")
	ErrOpen    = errors.New("label source cannot be read")
	ErrFormat  = errors.New("no format of label sources that is known: say with --format which it is, and of a table with --csv-map which columns say what")
	ErrContent = errors.New("nothing in it could be understood")
	ErrZone    = errors.New("times without a zone: say with --zone which one they are in, as --zone UTC or --zone America/Halifax")
	ErrLimit   = errors.New("limit of label sources reached")
)

// Error says where in which file reading ended.
type Error struct {
	Path   string
	Line   int64 // from 1; 0: not at a line
	Offset int64 // in bytes of the decompressed file; negative: not known
	Err    error
}

// Error is one line: the file, the line, what is wrong.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(text.Escape(e.Path))
	if e.Line > 0 {
		b.WriteString(":" + strconv.FormatInt(e.Line, 10))
	}
	if e.Line > 0 && e.Offset >= 0 {
		fmt.Fprintf(&b, " (offset %d)", e.Offset)
	}
	b.WriteString(": " + e.Err.Error())
	return b.String()
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// final reports whether an error is about more than the line that it was met in.
func final(err error) bool {
	return errors.Is(err, ErrZone) || errors.Is(err, ErrLimit) || errors.Is(err, ErrOptions)
}
