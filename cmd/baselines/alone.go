package baselines

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// patience is how long a change waits for another one of the same file: a build of some
// millions of rows is done by then, and a job that hangs holds up no others for longer.
const patience = time.Minute

// alone calls change while no other process changes the file: what two read, add to and
// replace at once has the tables of the last one only. The error is publish.ErrBusy, ctx's or that of change.
// File systems without locks have none.
func alone(ctx context.Context, name string, change func() error) (err error) {
	dir, base := filepath.Split(filepath.Clean(name))
	folder, err := publish.OpenParent(filepath.Clean(dir))
	if err != nil {
		return err
	}
	defer folder.Close()
	lock, err := publish.Await(ctx, folder, ".pcapmill-"+base+".lock", patience)
	switch {
	case errors.Is(err, publish.ErrNoLocks):
		return change()
	case err != nil:
		return fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return change()
}
