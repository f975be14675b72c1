package publish

import (
	"context"
	"errors"
	"time"
)

// pause between two looks at a lock that another process holds.
const pause = 50 * time.Millisecond

// Await takes a lock as FS.Lock does, and waits for so long where another process holds it.
// Errors are those of Lock: ErrBusy where the wait was in vain.
func Await(ctx context.Context, folder FS, name string, patience time.Duration) (Lock, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		lock, err := folder.Lock(name)
		if !errors.Is(err, ErrBusy) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}
