package nightly

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/rules"
	"pcapmill/model/windows"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/usage"
)

// wallError ends an execution that takes too long.
type wallError struct{ limit time.Duration }

// Error says what to do.
func (e wallError) Error() string {
	return fmt.Sprintf("stopped after %v, as limits: wall says; what is left is done the next time", e.limit)
}

// ExitCode is that of a limit.
func (wallError) ExitCode() int { return job.ExitLimit }

// errReserve: too little space is free, and nothing is left that may be deleted.
var errReserve = errors.New("less is free than retention: reserve asks for, and there are no older tables to delete")

// errCaptures: what a night is to be made of is not there.
var errCaptures = errors.New("captures are not there")

// exitOf returns the exit code of an error.
func exitOf(ctx context.Context, err error) int {
	var coder interface{ ExitCode() int }
	var known *job.Error
	var damage *ledger.Damage
	var writing *publish.Error
	switch {
	case err == nil:
		return job.ExitOK
	case ctx.Err() != nil:
		if errors.As(context.Cause(ctx), &coder) {
			return coder.ExitCode()
		}
		return job.ExitInternal
	case errors.As(err, &known):
		return known.Exit
	case errors.Is(err, ErrConfig), errors.Is(err, usage.Err), errors.Is(err, publish.ErrBusy), errors.Is(err, windows.ErrMixed),
		errors.Is(err, rules.ErrRule), errors.Is(err, rules.ErrConfig):
		return job.ExitUsage
	case errors.Is(err, baseline.ErrFull), errors.Is(err, baseline.ErrTooLarge), errors.Is(err, windows.ErrLimit), errors.Is(err, drift.ErrTooMany):
		return job.ExitLimit
	case errors.As(err, &writing), made(err), errors.Is(err, publish.ErrForeign), errors.Is(err, alert.ErrForeign), errors.Is(err, alert.ErrTooLarge):
		return job.ExitOutput
	case unreadable(err), errors.As(err, &damage):
		return job.ExitRejected
	}
	return job.ExitOutput
}

// made reports whether an error is of a folder or name that was to be made or removed, and not
// of what was to be read.
func made(err error) bool {
	var at *fs.PathError
	var link *os.LinkError
	return errors.As(err, &link) || errors.As(err, &at) && !slices.Contains([]string{"open", "stat", "lstat", "read", "readdirent", "fdopendir"}, at.Op)
}

// unreadable reports whether an error is of what was to be read.
func unreadable(err error) bool {
	for _, known := range []error{
		tables.ErrTable, windows.ErrTable, windows.ErrManifest, windows.ErrLabels, drift.ErrMismatch,
		baseline.ErrForeign, baseline.ErrNewer, baseline.ErrTampered, baseline.ErrCorrupt, baseline.ErrRow, baseline.ErrConfig,
		fs.ErrNotExist, fs.ErrPermission, errPart, errCaptures,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// worse returns the exit code that wins: the highest of 3 to 7, then an internal failure,
// then what was found.
func worse(a, b int) int {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func rank(code int) int {
	switch {
	case code >= job.ExitSignal:
		return 1000
	case code >= job.ExitPartial && code <= job.ExitSelfCheck:
		return 100 + code
	case code == job.ExitUsage:
		return 100
	case code == job.ExitInternal:
		return 99
	}
	return code
}
