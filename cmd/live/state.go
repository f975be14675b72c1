package live

import (
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/stages"
)

// State is what an analysis has done since its process began, and how far it is.
type State struct {
	Packets, CapturedBytes, WireBytes int64
	KernelDrops, Freezes, FaceDrops   int64            // that capture recorded of these segments
	Segments                          map[string]int64 // by outcome of the manifest
	Rows                              map[string]int64 // by table
	Open                              int64            // flows
	Clock                             int64            // packet time, ns since 1970; 0: no packet yet
	Waiting                           int64            // segments that are there and not committed
	Behind                            time.Duration    // from the end of the newest segment to that of the last committed
	Through                           int64            // last segment committed

	Checkpoints int64
	Last        livefolder.Checkpoint // the last of them
	Took        time.Duration         // for it
}

// ahead reads on in the ledger of the segments, to know how much waits.
type ahead struct {
	at       ledger.Position
	segments int64 // there, that the process will have to do
	newest   int64 // when it was closed, ns since 1970
}

// look reads what is new. What is wrong with the ledger, the follower says.
func (h *ahead) look(path string) {
	h.at, _ = ledger.Scan(path, h.at, func(r ledger.Record) error {
		var s event.Segment
		if r.Event == event.SegmentEvent && r.Decode(&s) == nil {
			h.segments, h.newest = h.segments+1, s.ClosedNs
		}
		return nil
	})
}

// counted adds a commit to the state.
func (a *analysis) counted(c *livefolder.Commit, r *stages.Result, s *event.Segment) {
	t := &a.state
	read := &r.Accounting.Read
	t.Packets, t.CapturedBytes, t.WireBytes = t.Packets+read.Packets, t.CapturedBytes+read.CapturedBytes, t.WireBytes+read.WireBytes
	for i := range c.Tables {
		t.Rows[c.Tables[i].Name] += c.Tables[i].Rows
	}
	t.Open, t.Clock, t.Through = r.SoFar.Open, c.ClockNs, c.Number
	if c.Input != nil {
		t.Segments[c.Input.Outcome]++
	}
	if s == nil {
		return
	}
	for _, x := range []struct {
		sum  *int64
		more *int64
	}{{&t.KernelDrops, s.KernelDrops}, {&t.Freezes, s.Freezes}, {&t.FaceDrops, s.InterfaceDrops}} {
		if n, is := known(x.more); is {
			*x.sum += n
		}
	}
	a.done, a.closed = a.done+1, s.ClosedNs
}

// tellState tells how far the analysis is.
func (a *analysis) tellState() {
	if a.o.State == nil {
		return
	}
	a.ahead.look(a.follow.path)
	a.state.Waiting = max(0, a.ahead.segments-a.done)
	a.state.Behind = 0
	if a.closed > 0 && a.ahead.newest > a.closed {
		a.state.Behind = time.Duration(a.ahead.newest - a.closed)
	}
	a.o.State(&a.state)
}

// newState is one of a process that has done nothing.
func newState() State { return State{Segments: map[string]int64{}, Rows: map[string]int64{}} }
