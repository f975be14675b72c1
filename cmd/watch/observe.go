package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pcapmill/cmd/baselines"
	"pcapmill/model/windows"
)

// ErrUnlearned says that there is nothing to learn from: no window is whole.
var ErrUnlearned = errors.New("there is no whole window to learn from")

// Observation is what live --save-baseline learns.
type Observation struct {
	Out     string  // the folder of the tables
	File    string  // the baseline
	Covered float64 // share of a window that captures must cover
}

// Save makes a baseline of the windows that are in the tables so far, in place of what is in
// the file: the bytes are those of `baseline build OUT -o FILE --force`. Whoever opens the file
// sees an old or the new one, whole. It reads all of the tables, so that it is for the end, and
// for checkpoints where it is asked for. Errors are those of baselines.Build, and
// ErrUnlearned, where the file stays as it was.
func (o *Observation) Save(ctx context.Context) (*baselines.Built, error) {
	build := baselines.Build{Out: o.File, Tables: []string{o.Out}, Force: true, Keys: -1, Covered: o.Covered}
	done, err := build.Run(ctx)
	if errors.Is(err, windows.ErrTable) {
		return nil, fmt.Errorf("%w: %w", ErrUnlearned, err)
	}
	return done, err
}

// enough windows are what hosts need to be judged by, in baselines that are asked by rules.
const enough = 12

// lengths of windows that a short capture can have, and that divide an hour.
var lengths = []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// ObserveWindow is how long windows are best for a baseline of a capture of some duration: the
// longest, no longer than usual, of which enough are whole wherever the capture begins. The
// first and the last are cut by its ends. Of a duration of 0, which has no end, it is usual.
func ObserveWindow(duration, usual time.Duration) time.Duration {
	if duration == 0 || whole(duration, usual) >= enough {
		return usual
	}
	best := min(lengths[0], usual)
	for _, l := range lengths {
		if l <= usual && whole(duration, l) >= enough {
			best = l
		}
	}
	return best
}

// whole is how many windows of a capture are whole at least.
func whole(duration, window time.Duration) int { return max(0, int(duration/window)-1) }

// Learns says what a baseline of a capture of some duration will know.
func Learns(duration, window time.Duration) string {
	if duration == 0 {
		return fmt.Sprintf("learns windows of %v until it is stopped", window)
	}
	n := whole(duration, window)
	s := fmt.Sprintf("learns %d or %d whole windows of %v; drift against it needs windows of %v", n, n+1, window, window)
	if n < enough {
		s += fmt.Sprintf("; %d are few: capture for %v or longer, or with a shorter --window", n, (enough+1)*window)
	}
	if duration < 24*time.Hour {
		s += "; hours of the day that it has not seen are compared with those that it has"
	}
	return s
}
