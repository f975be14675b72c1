package build

import (
	"errors"
	"fmt"

	"pcapmill/outputs/text"
)

var (
	// ErrInput: tables and labels cannot be joined, or not be read.
	ErrInput = errors.New("tables and labels do not fit")
	// ErrLimit: there is more of something than is kept.
	ErrLimit = errors.New("too many")
)

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrInput, fmt.Errorf(format, args...))
}

// tooMuch is the error of labels that must be kept, and do not fit.
func tooMuch(table string, memory int64) error {
	return fmt.Errorf("%w labels: %s is in another order than its rows and takes more than %d bytes of memory", ErrLimit, table, memory)
}

// describe names a row in errors.
func (k key) describe(table string) string {
	switch {
	case k.host != "":
		return fmt.Sprintf("host %s from %d on", text.Escape(k.host), k.a)
	case table == flowsTable:
		return fmt.Sprintf("flow_id %d", k.a)
	}
	return fmt.Sprintf("flow_id %d, packet %d", k.a, k.b)
}
