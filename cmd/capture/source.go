package capture

import (
	"context"
	"time"

	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// Source is where frames come from; *live.Capture is one. All but Stop is called from one
// goroutine.
type Source interface {
	// Next waits at most so long for frames and returns nil without any. The batch is released
	// before the next call. io.EOF: there will be no more. Where ctx ends it returns early.
	Next(ctx context.Context, wait time.Duration) (*live.Batch, error)
	// Stats are counts since the source was opened.
	Stats() (live.Stats, error)
	// Info describes the source; it does not change.
	Info() live.Info
	// Caught is a time before which no frame will be that Next has not returned yet.
	Caught() packet.Nanos
	// Events returns what happened since it was last called.
	Events() []live.Event
}

// Stopper is a Source that can be told to take no more frames: what it has taken comes out of
// Next, and then io.EOF. Without it some frames may be left in the ring at the end; they are
// counted.
type Stopper interface{ Stop() error }

// Faller is a Source whose interface can be down. The event that tells of it comes when it is up again.
type Faller interface {
	// Down says since when the interface is down; false while it is up.
	Down() (since packet.Nanos, down bool)
}
