package stages

import (
	"pcapmill/features/flow"
	"pcapmill/stages/stream"
)

// StreamStore keeps what TCP streams carried. All shards use it at once.
type StreamStore interface {
	// Create begins a stream that nobody can name yet.
	Create() (SavedStream, error)
}

// SavedStream takes the bytes of one direction, in order. One goroutine uses it.
type SavedStream interface {
	Write(data []byte) (int, error)
	// Publish ends it under a name that no other has.
	Publish(name StreamName) error
}

// StreamName says what a saved stream is of.
type StreamName struct {
	Conn    int64 // conn_id
	Capture int32 // that holds the connection, where others may hold it too: independent inputs; else -1
	Number  int   // of the connection among those of its flow, from 1
	Reverse bool  // it is of the responder
}

// savedBuffer is how much of a direction is gathered before it is written.
const savedBuffer = 4 << 10

// saving is one direction on its way to the store.
type saving struct {
	to      SavedStream `snapshot:"-"` // nil: nothing was written yet
	waiting []byte
}

// saveGap keeps n missing bytes as zeros, so that places stay.
func (rc *recorder) saveGap(s *saving, n int64) {
	for ; n > 0; n -= savedBuffer {
		rc.save(s, zeros[:min(n, savedBuffer)])
	}
}

var zeros [savedBuffer]byte

// save gathers delivered bytes, and writes them once there are enough.
func (rc *recorder) save(s *saving, data []byte) {
	if s.waiting = append(s.waiting, data...); len(s.waiting) >= savedBuffer {
		rc.flush(s)
	}
}

func (rc *recorder) flush(s *saving) {
	if rc.failed != nil || len(s.waiting) == 0 {
		return
	}
	var err error
	if s.to == nil {
		s.to, err = rc.store.Create()
	}
	if err == nil {
		_, err = s.to.Write(s.waiting)
	}
	if err != nil {
		rc.failed = sinkError(err)
	}
	s.waiting = s.waiting[:0]
}

// publish ends what was kept of a flow's connection.
func (rc *recorder) publish(t *tcpTalk, r *flow.Row) {
	name := StreamName{Conn: r.ConnID(), Capture: -1, Number: t.connection + 1}
	if rc.apart {
		name.Capture = r.Capture
	}
	for side := range t.saved {
		s := &t.saved[side]
		rc.flush(s)
		if s.to != nil && rc.failed == nil {
			name.Reverse = (side == 0) == swapped(r)
			if err := s.to.Publish(name); err != nil {
				rc.failed = sinkError(err)
			}
		}
		*s = saving{}
	}
}

// remainder saves what waits behind holes of a flow that has ended. It implements
// stream.Consumer.
type remainder struct {
	rc *recorder
	t  *tcpTalk
}

// Deliver implements stream.Consumer.
func (m *remainder) Deliver(dir stream.Dir, data []byte) { m.rc.save(&m.t.saved[dir], data) }

// Gap implements stream.Consumer.
func (m *remainder) Gap(dir stream.Dir, n int64) { m.rc.saveGap(&m.t.saved[dir], n) }

// Restart implements stream.Consumer.
func (*remainder) Restart() {}
