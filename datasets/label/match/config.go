package match

import (
	"fmt"
	"runtime"
	"time"
)

// Config says how flows and labels are joined. All but Workers and MaxPairwise change what comes of it.
type Config struct {
	Before        time.Duration // an event may come this long before its flow's start
	After         time.Duration // and this long after its end
	MaxHits       int           // handed over of a flow, the first ones; all decide and are counted
	MaxCandidates int           // pairs of event and flow held; an event that has more is ambiguous
	MaxPerEvent   int           // of these, flows of one event
	MaxPairwise   int           // events of one place that are each compared with each flow; of more, flows are held and sorted, MaxCandidates at most
	MaxConflicts  int           // pairs of rules that disagree, reported
	Workers       int
}

// DefaultConfig returns the settings used when none are given.
//
// Clocks agree where an alert and a flow are of one capture, so what comes before a flow is
// rounding, as of Zeek's microseconds: a second is ample, and allows for times cut to seconds
// whose source does not say so.
//
// Suricata looks once more at a connection that it gives up, and what it finds then has the
// time of the newest packet of the capture, or the network: 10 minutes after the connection's
// last packet where it stayed open (flow-timeouts.tcp.established), a little later since it
// looks for such connections now and then, and as late as the capture lasts where that ends
// first. In the reference captures 33 of 1,807 alerts come more than a second behind their flow,
// by 11 min 12 s at most, and 3 more by years, in a capture joined of several. After is
// 15 minutes; a flow in whose own time an alert is goes first, so that this only matters where
// there is none.
func DefaultConfig() Config {
	return Config{
		Before:        time.Second,
		After:         15 * time.Minute,
		MaxHits:       256,
		MaxCandidates: 1 << 24,
		MaxPerEvent:   1000,
		MaxPairwise:   512,
		MaxConflicts:  10_000,
		Workers:       runtime.GOMAXPROCS(0),
	}
}

// maxSlack bounds Before and After: what is a day away is no slack.
const maxSlack = 24 * time.Hour

// Validate reports the first setting that is out of range, as an ErrConfig.
func (c Config) Validate() error {
	switch {
	case c.Before < 0 || c.Before > maxSlack:
		return fmt.Errorf("%w: %v before a flow is not in 0..%v", ErrConfig, c.Before, maxSlack)
	case c.After < 0 || c.After > maxSlack:
		return fmt.Errorf("%w: %v after a flow is not in 0..%v", ErrConfig, c.After, maxSlack)
	case c.MaxHits < 1 || c.MaxHits > 1<<12:
		return fmt.Errorf("%w: %d hits of a flow is not in 1..4096", ErrConfig, c.MaxHits)
	case c.MaxCandidates < 1 || c.MaxCandidates > 1<<28:
		return fmt.Errorf("%w: %d pairs of events and flows is not in 1..2^28", ErrConfig, c.MaxCandidates)
	case c.MaxPerEvent < 2 || c.MaxPerEvent > 1<<20:
		return fmt.Errorf("%w: %d flows of an event is not in 2..2^20", ErrConfig, c.MaxPerEvent)
	case c.MaxPairwise < 0:
		return fmt.Errorf("%w: %d events compared with each flow is below 0", ErrConfig, c.MaxPairwise)
	case c.MaxConflicts < 0 || c.MaxConflicts > 1<<24:
		return fmt.Errorf("%w: %d conflicts is not in 0..2^24", ErrConfig, c.MaxConflicts)
	case c.Workers < 1 || c.Workers > 256:
		return fmt.Errorf("%w: %d workers is not in 1..256", ErrConfig, c.Workers)
	}
	return nil
}
