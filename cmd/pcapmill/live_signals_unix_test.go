//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// TestHangupsArriveBesideRotations: live takes both, SIGUSR1 for capture and SIGHUP for analysis.
// Taking the one once had the other ignored, so that nothing was ever read again.
func TestHangupsArriveBesideRotations(t *testing.T) {
	hung := make(chan os.Signal, 1)
	signal.Notify(hung, syscall.SIGHUP)
	defer signal.Stop(hung)
	rotations, stop := rotateSignals()
	defer stop()
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGHUP} {
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
	}
	limit := time.After(time.Minute)
	for range 2 {
		select {
		case <-rotations:
		case <-hung:
		case <-limit:
			t.Fatal("a signal is lost")
		}
	}
}
