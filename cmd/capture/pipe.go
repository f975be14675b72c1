package capture

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"pcapmill/cmd/capture/event"
)

// errGivenUp: the disk took nothing any more when the session had to end.
var errGivenUp = errors.New("the disk did not take what was captured before the capture had to end")

// pipe carries full buffers from the loop to the disk, and empty ones back.
type pipe struct {
	free *pool
	jobs chan job
	patience
	every time.Duration
	waits func() // called each so often while the loop waits for the disk

	// Of the segment at hand. They belong to the loop.
	file *segmentFile
	last bool // its next buffer is its last
}

// patience says how long the disk is waited for.
type patience struct {
	hurry <-chan struct{} // closed when the session ends: what the disk refuses is not tried for long
	dead  <-chan struct{} // closed when nothing is waited for any more
}

func (p patience) hurried() bool {
	select {
	case <-p.hurry:
		return true
	default:
		return false
	}
}

// wait waits, and reports whether it is worth trying again.
func (p patience) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-p.dead:
		return false
	}
}

// job is a buffer to write, or the end of a segment.
type job struct {
	file *segmentFile
	buf  []byte
	end  *ending
}

// ending is what the loop knows of a segment that ended.
type ending struct {
	record event.Segment
	gaps   []event.Gap
}

func newPipe(cfg *Config, until patience) *pipe {
	return &pipe{free: newPool(cfg.Buffers, cfg.BufferBytes), jobs: make(chan job, cfg.Buffers), patience: until, every: cfg.RetryEvery}
}

// pool holds the empty buffers. The one that came back last is given out first: while the disk
// keeps up two or three go round, which stay in the processor's cache, and the others take no
// memory, or none any more once they have waited for a while.
type pool struct {
	there chan struct{} // one for each buffer
	size  int
	mu    sync.Mutex
	stack [][]byte // nil: one that has no memory
	least int      // buffers that were not needed since forget
}

func newPool(n, size int) *pool {
	p := &pool{there: make(chan struct{}, n), size: size}
	for range n {
		p.put(nil)
	}
	return p
}

func (p *pool) put(buf []byte) {
	p.mu.Lock()
	p.stack = append(p.stack, buf[:0])
	p.mu.Unlock()
	p.there <- struct{}{}
}

// take takes a buffer for each value that was received from there.
func (p *pool) take() []byte {
	p.mu.Lock()
	last := len(p.stack) - 1
	buf := p.stack[last]
	p.stack, p.least = p.stack[:last], min(p.least, last)
	p.mu.Unlock()
	if buf == nil {
		buf = make([]byte, 0, p.size)
	}
	return buf
}

// forget gives up the memory of buffers that were not needed since it was called before: the
// disk was slow once, and no longer is.
func (p *pool) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.stack[:p.least])
	p.least = len(p.stack)
}

// empty waits for a buffer.
func (p *pipe) empty() ([]byte, error) {
	for {
		select {
		case <-p.free.there:
			return p.free.take(), nil
		case <-p.dead:
			return nil, errGivenUp
		case <-time.After(p.every):
			p.waits()
		}
	}
}

// send waits until the disk takes a job.
func (p *pipe) send(j job) error {
	for {
		select {
		case p.jobs <- j:
			return nil
		case <-p.dead:
			return errGivenUp
		case <-time.After(p.every):
			p.waits()
		}
	}
}

// Exchange implements capfile.Exchanger. It waits for the disk, which is what bounds memory.
func (p *pipe) Exchange(full []byte) ([]byte, error) {
	if err := p.send(job{file: p.file, buf: full}); err != nil {
		return nil, err
	}
	if p.last { // the next segment asks for its own
		return nil, nil
	}
	return p.empty()
}

// trouble is what the disk refuses to one goroutine.
type trouble struct {
	now  atomic.Pointer[string] // nil: nothing
	seen atomic.Int64           // times that it refused something
}

// refused notes an error; after success it is news.
func (t *trouble) refused(err error) (news bool) {
	s := err.Error()
	t.seen.Add(1)
	return t.now.Swap(&s) == nil
}

// works notes success; after errors it is news.
func (t *trouble) works() (news bool) { return t.now.Load() != nil && t.now.Swap(nil) != nil }

func (t *trouble) String() string {
	if s := t.now.Load(); s != nil {
		return *s
	}
	return ""
}
