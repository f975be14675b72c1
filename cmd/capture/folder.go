package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// Folder is a folder of segments that is ours to write.
type Folder struct {
	cfg     Config
	fsys    publish.FS
	lock    publish.Lock
	log     *ledger.Log
	history *history
	space   func(dir string) (free, size int64, err error) // of the disk, in bytes
}

const lockName = ".pcapmill-lock"

// Open takes the folder, making it where it is absent, and reads its ledger. Another
// capture in it gives publish.ErrBusy, a damaged ledger *ledger.Damage. What a session before
// left unfinished is looked at by Run.
func Open(cfg Config) (*Folder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	fsys, _, err := publish.OpenOS(cfg.Segments)
	if err != nil {
		return nil, err
	}
	f := &Folder{cfg: cfg, fsys: fsys, space: publish.Space}
	if err := f.take(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *Folder) take() error {
	lock, err := f.fsys.Lock(lockName)
	switch {
	case errors.Is(err, publish.ErrNoLocks):
		f.cfg.Log.Warn(fmt.Sprintf("%s: %v: see to it that no other capture writes there", text.Escape(f.cfg.Segments), err))
	case err != nil:
		return fmt.Errorf("%s: %w", text.Escape(f.cfg.Segments), err)
	default:
		f.lock = lock
	}
	if err := f.own(); err != nil {
		return fmt.Errorf("%s: %w", text.Escape(f.cfg.Segments), err)
	}
	path := filepath.Join(f.cfg.Segments, event.LedgerName)
	if f.log, err = ledger.Open(path); err != nil {
		return err
	}
	f.log.Now = func() time.Time { return time.Unix(0, f.cfg.Clock.Now().Wall) }
	if n := f.log.Torn(); n > 0 {
		f.cfg.Log.Warn(fmt.Sprintf("%s: the last record was unfinished: %d bytes are cut off", text.Escape(path), n))
	}
	f.history, err = readHistory(path)
	return err
}

// own keeps others out of the folder, unless it holds what no capture wrote: then others may need it,
// as they do /tmp, and it stays as it is.
func (f *Folder) own() error {
	entries, err := f.fsys.ReadDir(".")
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		_, _, _, segment := event.ParseName(e.Name())
		return segment || e.Name() == event.LedgerName || publish.IsOwn(e.Name())
	})
	if len(entries) == 0 {
		return f.fsys.Own()
	}
	if i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return !e.IsDir() }); i >= 0 {
		f.cfg.Log.Warn(fmt.Sprintf("%s holds what no capture wrote, such as %s: it is left alone, and the folder's mode as it is",
			text.Escape(f.cfg.Segments), text.Escape(entries[i].Name())))
	}
	return nil
}

// Tidy deletes what Config.Retain lets go, and captures nothing: what analysis released when the last
// capture had ended. It returns how many segments went.
func (f *Folder) Tidy() int64 {
	var report Report
	k := keeper{cfg: &f.cfg, fsys: f.fsys, log: f.log, report: &report, space: f.space}
	for _, s := range f.history.kept {
		k.add(s)
	}
	k.tidy(f.cfg.Clock.Now().Wall)
	return report.Deleted
}

// Close gives the folder up.
func (f *Folder) Close() error {
	var errs []error
	if f.log != nil {
		errs = append(errs, f.log.Close())
		f.log = nil
	}
	if f.lock != nil {
		errs = append(errs, f.lock.Unlock())
		f.lock = nil
	}
	if f.fsys != nil {
		errs = append(errs, f.fsys.Close())
		f.fsys = nil
	}
	return errors.Join(errs...)
}

// openRoot opens the folder for what publish.FS has no call for.
func (f *Folder) openRoot() (*os.Root, error) { return os.OpenRoot(f.cfg.Segments) }
