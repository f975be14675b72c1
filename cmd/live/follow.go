package live

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"pcapmill/outputs/ledger"
)

// follower reads the ledger of the segments, record by record, as it grows.
type follower struct {
	path string
	at   ledger.Position // behind the last record that next returned
	wake waker
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
	var one *ledger.Record
	next, err := ledger.Scan(f.path, f.at, func(r ledger.Record) error {
		one = &r
		return errOne
	})
	if one == nil {
		return nil, err
	}
	f.at = next
	return one, nil
}

// behind returns how many bytes of the ledger were not read yet.
func (f *follower) behind() int64 {
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
