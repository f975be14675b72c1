package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"pcapmill/cmd/job"
)

// signalled is the cause of a context that a signal ended.
type signalled struct{ signal syscall.Signal }

// Error names the signal.
func (s signalled) Error() string {
	return fmt.Sprintf("stopped by signal %d (%s): nothing was published", int(s.signal), s.signal)
}

// ExitCode is 128 plus the signal's number.
func (s signalled) ExitCode() int { return job.ExitSignal + int(s.signal) }

// signalContext returns a context that the first SIGINT, SIGTERM, SIGHUP or SIGQUIT
// ends. A second one ends the process at once. SIGHUP stays ignored under nohup.
// SIGABRT is left to Go, which writes what every goroutine is doing. A broken pipe is
// an error of Write and no signal.
func signalContext() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	signal.Ignore(syscall.SIGPIPE)
	go func() {
		for first := true; ; first = false {
			s, ok := <-signals
			if !ok {
				return
			}
			why := signalled{s.(syscall.Signal)}
			if !first {
				os.Exit(why.ExitCode())
			}
			cancel(why)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// unwritten reports whether standard output or a file would not take what we wrote.
func unwritten(err error) bool {
	var at *fs.PathError
	return errors.As(err, &at) && at.Op == "write"
}

// brokenPipe reports whether whoever read our output has gone.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
