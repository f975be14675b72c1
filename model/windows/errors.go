package windows

import "errors"

var (
	// ErrTable says that a table is none of hosts or pairs, or has rows that no run of ours
	// writes. It comes with the file and what is wrong.
	ErrTable = errors.New("not a table of windows")
	// ErrMixed says that tables cannot be joined: other columns, another length of window, or
	// one of them is named twice.
	ErrMixed = errors.New("tables do not go together")
	// ErrManifest says that a dataset's manifest cannot be used, or is not of these files.
	ErrManifest = errors.New("not the manifest of this table")
	// ErrLabels says what is wrong with a file of labels.
	ErrLabels = errors.New("not a file of labels")
	// ErrLimit says that there is more than a Set can hold.
	ErrLimit = errors.New("more than can be read at once")
)
