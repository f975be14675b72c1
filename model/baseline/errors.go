package baseline

import "errors"

var (
	// ErrConfig says that a configuration, a table or a source is none.
	ErrConfig = errors.New("not a description of a baseline")
	// ErrMismatch says that baselines or rows are of other tables, features or settings.
	ErrMismatch = errors.New("of another table, other features or other settings")
	// ErrRow says that a row cannot be taken: see the message.
	ErrRow = errors.New("not a row of a window table")
	// ErrTwice says that a source is in the baseline already. Nothing was added.
	ErrTwice = errors.New("is in the baseline already")
	// ErrFull says that a count or the number of tag sets would exceed what a baseline holds.
	ErrFull = errors.New("the baseline can take no more")
	// ErrForeign says that bytes are no baseline.
	ErrForeign = errors.New("not a baseline of pcapmill")
	// ErrNewer says that a file is of a later version of the format.
	ErrNewer = errors.New("written by a newer pcapmill")
	// ErrTampered says that a file was cut or changed after it was written.
	ErrTampered = errors.New("damaged or changed: its SHA-256 is another")
	// ErrCorrupt says that bytes have the right hash, but no baseline encodes so.
	ErrCorrupt = errors.New("not the encoding of a baseline")
	// ErrChanged says that a file became another while it was open.
	ErrChanged = errors.New("changed while it was open")
	// ErrTooLarge says that a file exceeds the caller's limit, or a host the memory that a File
	// gives it.
	ErrTooLarge = errors.New("larger than the limit")
)
