package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

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
// ends. A second one ends the process at once, unless it ends once. SIGHUP stays ignored under nohup; where hung is not
// nil it goes there instead, as often as somebody looks.
// SIGABRT is left to Go, which writes what every goroutine is doing.
func signalContext(hung hangups, once bool) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		first := true
		for s := range signals {
			if hung != nil && s == syscall.SIGHUP {
				select {
				case hung <- struct{}{}:
				default: // one is waiting
				}
				continue
			}
			why := signalled{s.(syscall.Signal)}
			if !first && once {
				continue
			}
			if !first {
				os.Exit(why.ExitCode())
			}
			first = false
			cancel(why)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// hangups has an element where a SIGHUP came to a command that does not end by it.
type hangups chan struct{}

// staysOnHangup is implemented by commands that do not.
type staysOnHangup interface{ staysOnHangup() }

// hangupsOf returns where the SIGHUPs of a command go; nil: it ends by them.
func hangupsOf(parsed *kong.Context) hangups {
	node := parsed.Selected()
	if node == nil || !node.Target.CanAddr() {
		return nil
	}
	if _, stays := node.Target.Addr().Interface().(staysOnHangup); stays {
		return make(hangups, 1)
	}
	return nil
}

// endsOnce is implemented by commands that a second signal may not end at once: parts of live mode,
// which have a segment or a state to keep. The system tells them of their supervisor's death once for
// each of its threads; one who means to kill them has SIGKILL.
type endsOnce interface{ endsOnce() bool }

func endsOnceOf(parsed *kong.Context) bool {
	node := parsed.Selected()
	if node == nil || !node.Target.CanAddr() {
		return false
	}
	c, is := node.Target.Addr().Interface().(endsOnce)
	return is && c.endsOnce()
}

// unwritten reports whether standard output or a file would not take what we wrote.
func unwritten(err error) bool {
	var at *fs.PathError
	return errors.As(err, &at) && at.Op == "write"
}

// brokenPipe reports whether whoever read our output has gone.
func brokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// verdict is what a command writes to whose exit code says what it found: it takes all though whoever
// reads has gone, as head does, for what was found is not gone with it.
type verdict struct{ io.Writer }

// Write implements io.Writer.
func (v verdict) Write(b []byte) (int, error) {
	n, err := v.Writer.Write(b)
	if brokenPipe(err) {
		return len(b), nil
	}
	return n, err
}
