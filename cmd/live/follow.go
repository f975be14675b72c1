package live

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
)

// follower reads the ledger of the segments, record by record, as it grows.
type follower struct {
	path string
	at   ledger.Position // behind the last record that next returned
	wake waker

	coming *ledger.Record // the next one, where it was read already
	behind ledger.Position
}

// poll is how often the ledger is looked at where nothing says that it grew: file systems of other
// machines do not.
const poll = 2 * time.Second

// waker says that a file may have grown.
type waker interface {
	// wait returns when the file changed, after a while, or when the context ends.
	wait(ctx context.Context, patience time.Duration)
	close()
}

func newFollower(folder, ledgerName string, at ledger.Position) *follower {
	path := filepath.Join(folder, ledgerName)
	return &follower{path: path, at: at, wake: newWaker(path)}
}

func (f *follower) close() { f.wake.close() }

// errOne ends a scan behind its first record.
var errOne = errors.New("one record")

// next returns the next record, or nil where there is none yet.
func (f *follower) next() (*ledger.Record, error) {
	if err := f.look(); f.coming == nil {
		return nil, err
	}
	one := f.coming
	f.goTo(f.behind)
	return one, nil
}

// look reads the next record, where there is one, without going behind it.
func (f *follower) look() error {
	if f.coming != nil {
		return nil
	}
	next, err := ledger.Scan(f.path, f.at, func(r ledger.Record) error {
		f.coming = &r
		return errOne
	})
	f.behind = next
	return err
}

// goTo reads on from another place.
func (f *follower) goTo(at ledger.Position) { f.at, f.coming = at, nil }

// ahead returns the segment that comes next, nil where none is there yet or another record comes.
func (f *follower) ahead() *event.Segment {
	_ = f.look() // what is wrong, next says
	if f.coming == nil || f.coming.Event != event.SegmentEvent {
		return nil
	}
	s := new(event.Segment)
	if f.coming.Decode(s) != nil {
		return nil
	}
	return s
}

// exists reports whether there is a file to read.
func (f *follower) exists() bool {
	_, err := os.Lstat(f.path)
	return err == nil
}

// unread returns how many bytes of the ledger were not read yet.
func (f *follower) unread() int64 {
	info, err := os.Stat(f.path)
	if err != nil {
		return 0
	}
	return max(0, info.Size()-f.at.Offset)
}

// sleeper is a waker that only looks at the clock.
type sleeper struct{}

func (sleeper) wait(ctx context.Context, patience time.Duration) {
	timer := time.NewTimer(min(patience, poll/4))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (sleeper) close() {}
