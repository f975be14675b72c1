package ledger

import (
	"errors"
	"fmt"

	"pcapmill/outputs/text"
)

// ErrClosed: a call after Close.
var ErrClosed = errors.New("the ledger is closed")

// Damage says where a ledger cannot be believed any more. All lines before are sound.
type Damage struct {
	Path   string
	Line   int64 // number of the first bad line, from 1
	Offset int64 // where it begins, in bytes
	Err    error // what is wrong with it
}

// Error names the place, the reason and what can be done.
func (d *Damage) Error() string {
	path := text.Escape(d.Path)
	if d.Line <= 1 {
		return fmt.Sprintf("%s is damaged: line 1 at offset 0: %v; restore the file from a copy, or move its folder aside and start anew", path, d.Err)
	}
	return fmt.Sprintf("%s is damaged: line %d at offset %d: %v; restore the file from a copy, or keep what is sound of it: head -c %d",
		path, d.Line, d.Offset, d.Err, d.Offset)
}

// Unwrap returns what is wrong.
func (d *Damage) Unwrap() error { return d.Err }
