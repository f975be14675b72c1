package windows

import (
	"errors"
	"strings"
)

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

// noneWhole is an ErrTable whose text is what is wrong, and no more.
type noneWhole string

// Error implements error.
func (e noneWhole) Error() string { return string(e) }

// Is reports whether target is ErrTable.
func (noneWhole) Is(target error) bool { return target == ErrTable }

// NoneWhole is the ErrTable of tables that are of windows, none of which is whole: it says why.
func NoneWhole(tables []Quality) error {
	var why []string
	for i, reason := range Reasons() {
		all := LeftOut{Reason: reason}
		for _, q := range tables {
			all.Windows, all.Rows = all.Windows+q.LeftOut[i].Windows, all.Rows+q.LeftOut[i].Rows
		}
		if all.Windows > 0 {
			why = append(why, all.String())
		}
	}
	if len(why) == 0 {
		why = []string{"the tables have no rows"}
	}
	return noneWhole("there are no whole windows: " + strings.Join(why, ", "))
}
