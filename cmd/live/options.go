package live

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/outputs/livefolder"
)

// Keep says which segments are kept once analysis has no need of them.
type Keep string

// What can be kept.
const (
	KeepNone    Keep = "none"    // capture may delete each
	KeepFlagged Keep = "flagged" // those that alerts fell into
	KeepAll     Keep = "all"     // only where space forces it is one deleted
)

// Keeps lists them.
func Keeps() []string { return []string{string(KeepNone), string(KeepFlagged), string(KeepAll)} }

// Options say what is analysed, and into what.
type Options struct {
	Segments string // folder that capture writes
	Job      job.Options
	Keep     Keep
	Follow   bool            // wait for more, whatever the ledger says
	Drain    <-chan struct{} // where closed, wait no more: end when all that is there is done; may be nil
	Every    time.Duration   // work after which a checkpoint is worth its cost though segments wait
	FailLoss bool            // packets that are missing give exit code 3

	Log     *slog.Logger
	Watcher Watcher // told of each commit; may be nil
	Ready   func()  // told once, when the folder is open and what was there is restored; may be nil
}

// DefaultOptions returns the documented defaults.
func DefaultOptions() Options {
	return Options{Job: job.DefaultOptions(), Keep: KeepNone, Every: 30 * time.Second, Log: slog.New(slog.DiscardHandler)}
}

// Validate reports the first option that cannot be used.
func (o *Options) Validate() error {
	switch {
	case o.Segments == "":
		return errors.New("no folder of segments: name the one that live capture writes")
	case !slices.Contains(Keeps(), string(o.Keep)):
		return fmt.Errorf("unknown segments to keep %q; known are %s", o.Keep, strings.Join(Keeps(), ", "))
	case o.Every <= 0:
		return fmt.Errorf("checkpoints every %v", o.Every)
	}
	return nil
}

// Watcher is told what was committed while it happens. Its methods are called by one goroutine, which
// goes on when they return.
type Watcher interface {
	// Committed is called after each commit, for those that are redone too, for which Redone is set.
	Committed(c *Committed) error
	// Flagged returns those of the segments up to a number, and behind another, that alerts fell into.
	Flagged(after, through int64) []int64
	// Idle is called when all that is there is done, and from time to time while nothing comes.
	Idle()
}

// Committed is what a Watcher is told.
type Committed struct {
	Folder string // OUT
	Commit *livefolder.Commit
	Redone bool  // it was committed by an earlier process
	Behind int64 // bytes of the segments' ledger that are not read yet, 0 where analysis has caught up
}
