//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// rotateSignals turns SIGUSR1 into rotations, of which one may wait.
func rotateSignals() (<-chan struct{}, func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	rotations := make(chan struct{}, 1)
	go func() {
		for range signals {
			select {
			case rotations <- struct{}{}:
			default:
			}
		}
	}()
	return rotations, func() {
		signal.Stop(signals)
		close(signals)
	}
}
