package labels

import (
	"errors"
	"fmt"
)

// ErrUsage: what is asked for does not go together, or is not there.
var ErrUsage = errors.New("wrong usage")

// usageError is an ErrUsage whose text is what is wrong, and no more.
type usageError struct{ error }

// Is reports whether target is ErrUsage.
func (usageError) Is(target error) bool { return target == ErrUsage }

// Unwrap returns what is wrong.
func (e usageError) Unwrap() error { return e.error }

func misuse(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }
