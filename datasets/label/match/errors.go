package match

import "errors"

var (
	// ErrConfig says that a setting, or a condition of a rule, is none.
	ErrConfig = errors.New("labelling")
	// ErrLimit says that there is more than a limit allows.
	ErrLimit = errors.New("limit of labelling")
	// ErrCheck says that the counts of a run do not agree: a defect of this package.
	ErrCheck = errors.New("counts of labelling do not agree")
)
