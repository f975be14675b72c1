package live

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/cmd/watch"
	"pcapmill/stages"
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

	Log    *slog.Logger
	Watch  *watch.Watch    // looks at each commit; may be nil. It is the caller's to close
	Reload <-chan struct{} // an element asks that the watch reads rules and baseline again; may be nil
	Ready  func() error    // called once, when the folder is open and what was there is restored; an error ends the analysis; may be nil
	State  func(*State)    // told after each commit, and now and then; it keeps nothing; may be nil

	Progress *stages.Progress // counts while a segment is read, for who asks whether that goes on; may be nil
	Hashed   *atomic.Int64    // counts bytes while a segment is hashed, for the same; may be nil
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
