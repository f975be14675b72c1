package baselines

import (
	"errors"
	"fmt"

	"pcapmill/model/baseline"
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

// Advice says what to do about a file that cannot be used, "" where nothing is known.
func Advice(err error) string {
	switch {
	case errors.Is(err, baseline.ErrNewer):
		return "use the pcapmill that wrote it, or a later one"
	case errors.Is(err, baseline.ErrTampered), errors.Is(err, baseline.ErrCorrupt):
		return "restore a copy, or build it again from its tables with --force"
	case errors.Is(err, baseline.ErrForeign):
		return "name another file"
	case errors.Is(err, baseline.ErrTooLarge):
		return "build it with fewer --hosts, or drop days with --max-age"
	}
	return ""
}
