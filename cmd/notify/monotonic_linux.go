package notify

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// monotonic is the clock that the manager compares with: it does not jump.
func monotonic() (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0, fmt.Errorf("reading the clock: %w", err)
	}
	return time.Duration(ts.Nano()), nil
}
