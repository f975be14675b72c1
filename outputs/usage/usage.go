// Package usage has the error of what is asked for and does not go together, or is not there:
// commands end with the code of wrong usage by it.
package usage

import (
	"errors"
	"fmt"
)

// Err is what every error of Errorf is.
var Err = errors.New("wrong usage")

// fault is an Err whose text is what is wrong, and no more.
type fault struct{ error }

// Is reports whether target is Err.
func (fault) Is(target error) bool { return target == Err }

// Unwrap returns what is wrong.
func (f fault) Unwrap() error { return f.error }

// Errorf returns an Err whose text is the format's; what it wraps with %w it is, too.
func Errorf(format string, args ...any) error { return fault{fmt.Errorf(format, args...)} }
