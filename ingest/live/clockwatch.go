package live

import (
	"fmt"
	"time"
)

// clockWatch notices that the system's clock was set: then it and the monotonic clock
// have gone different ways.
type clockWatch struct {
	base  time.Time
	apart time.Duration
}

// leastStep is far above what keeping the clock in step with others takes in a second.
const leastStep = 500 * time.Millisecond

// step returns by how much the clock was set since the last call, 0 where it was not.
func (w *clockWatch) step(now time.Time) time.Duration {
	if w.base.IsZero() {
		w.base = now
		return 0
	}
	apart := time.Duration(now.UnixNano()-w.base.UnixNano()) - now.Sub(w.base)
	by := apart - w.apart
	w.apart = apart
	if by > -leastStep && by < leastStep {
		return 0
	}
	return by
}

// clockEvent is what is said of a step.
func clockEvent(now time.Time, by time.Duration) Event {
	direction := "forward"
	if by < 0 {
		direction = "back"
	}
	at := now.UnixNano()
	return Event{Kind: EventClockStep, Start: at, End: at, Detail: fmt.Sprintf("set %s by %v", direction, by.Abs())}
}
