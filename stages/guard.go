package stages

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrPanic marks a defect of ours that a goroutine of the run ran into.
var ErrPanic = errors.New("internal failure")

// guard turns a panic of f into an error, so that the run ends in order: what it
// wrote is taken back and the exit code says that the fault is ours.
func guard(f func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("%w: %v\n%s", ErrPanic, p, debug.Stack())
			}
		}()
		return f()
	}
}
