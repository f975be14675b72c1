package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// keeper deletes segments as Config.Retain says. It belongs to the publisher.
type keeper struct {
	cfg    *Config
	fsys   publish.FS
	log    *ledger.Log
	report *Report
	space  func(dir string) (free, size int64, err error)

	kept     []kept // oldest first
	bytes    int64
	released releases
	warned   string // the last warning, which is not repeated
}

func (k *keeper) add(s kept) {
	k.kept = append(k.kept, s)
	k.bytes += s.bytes
}

// tidy applies all limits.
func (k *keeper) tidy(nowNs int64) {
	if !k.cfg.Retain.Any() || len(k.kept) == 0 {
		return
	}
	k.refresh()
	for i := 0; i < len(k.kept); {
		s := k.kept[i]
		why := k.due(s, nowNs)
		if why == "" || !k.free(s.number) || !k.delete(i, why, true) {
			i++
		}
	}
	k.reserve()
}

// due says by which limit a segment is too many, "" by none. Later ones are judged when
// earlier ones are gone.
func (k *keeper) due(s kept, nowNs int64) string {
	r := &k.cfg.Retain
	switch {
	case r.Released:
		return "released"
	case r.Age > 0 && nowNs-s.closedNs > int64(r.Age):
		return "age"
	case r.Bytes > 0 && k.bytes > r.Bytes:
		return "size"
	case r.Count > 0 && int64(len(k.kept)) > r.Count:
		return "count"
	}
	return ""
}

// reserve keeps room free on the disk: released segments first, then others.
func (k *keeper) reserve() {
	if k.cfg.Retain.FreeBytes == 0 && k.cfg.Retain.FreePercent == 0 {
		return
	}
	for _, released := range []bool{true, false} {
		for i := 0; i < len(k.kept); {
			free, size, err := k.space(k.cfg.Segments)
			if err != nil {
				k.warn(fmt.Sprintf("free space is not known: %v", err))
				return
			}
			if free >= k.cfg.Retain.reserve(size) {
				return
			}
			if k.free(k.kept[i].number) != released || !k.delete(i, "free", released) {
				i++
			}
		}
	}
}

// makeRoom is for a disk that is full: it deletes the oldest segment that may go, so that
// writing can go on. Without any retention nothing may.
func (k *keeper) makeRoom() {
	if !k.cfg.Retain.Any() {
		return
	}
	k.refresh()
	for i := range k.kept {
		if k.free(k.kept[i].number) && k.delete(i, "full", true) {
			return
		}
	}
	if k.cfg.Retain.FreeBytes != 0 || k.cfg.Retain.FreePercent != 0 {
		for i := range k.kept {
			if k.delete(i, "full", false) {
				return
			}
		}
	}
}

// free reports whether analysis lets a segment go, or there is none.
func (k *keeper) free(number int64) bool {
	return k.cfg.ReleasedBy == "" || k.released.has(number)
}

// delete records and removes segment i of kept. Where the ledger cannot grow because the
// disk is full the file goes first.
func (k *keeper) delete(i int, why string, released bool) bool {
	s := k.kept[i]
	record := event.Delete{Number: s.number, Why: why, Released: released}
	var recorded error
	if !s.gone {
		recorded = k.log.Append(event.DeleteEvent, record)
		k.kept[i].gone = recorded == nil
	}
	if recorded != nil && why != "full" {
		k.warn(recorded.Error())
		return false
	}
	if err := k.fsys.Remove(s.name); err != nil && !errors.Is(err, os.ErrNotExist) {
		if !s.gone { // else it was said
			k.warn(err.Error())
		}
		return false
	}
	k.kept = append(k.kept[:i], k.kept[i+1:]...)
	k.bytes -= s.bytes
	k.report.Deleted++
	if recorded != nil {
		recorded = k.log.Append(event.DeleteEvent, record)
	}
	if recorded != nil {
		k.warn(recorded.Error())
	}
	if !released {
		k.cfg.Log.Warn(fmt.Sprintf("%s deleted for lack of room, though analysis has not released it", filepath.Join(text.Escape(k.cfg.Segments), s.name)))
	}
	return true
}

func (k *keeper) refresh() {
	if k.cfg.ReleasedBy == "" {
		return
	}
	if err := k.released.read(filepath.Join(k.cfg.ReleasedBy, livefolder.LedgerName), filepath.Join(k.cfg.Segments, event.LedgerName)); err != nil {
		k.warn(fmt.Sprintf("what analysis has released is not known: %v", err))
	}
}

// warn says something once, until something else is said.
func (k *keeper) warn(what string) {
	if what != k.warned {
		k.warned = what
		k.cfg.Log.Warn(fmt.Sprintf("%s: retention: %s", text.Escape(k.cfg.Segments), what))
	}
}

// releases is what an analysis's ledger has released.
type releases struct {
	at      ledger.Position
	through int64
	flagged map[int64]bool // not released, though not above through
	commit  *ledger.Record // the last one; nil: there is none that was not asked yet
	foreign error          // why they are of other segments; nil: they are of these

	damaged error       // what was wrong when it was read from its beginning; nil: nothing was
	was     fs.FileInfo // of it then
}

func (r *releases) has(number int64) bool {
	return r.foreign == nil && number <= r.through && !r.flagged[number]
}

// read goes on in the ledger from where it was. A ledger that is no longer the same is read
// from its beginning: another analysis has taken over, and releases anew. Its commits say up to where in
// the segments' ledger they are: what was analysed of other segments, that have these numbers too, releases none.
func (r *releases) read(path, segments string) error {
	now, _ := os.Stat(path)
	if r.damaged != nil && now != nil && os.SameFile(now, r.was) && now.Size() == r.was.Size() && now.ModTime().Equal(r.was.ModTime()) {
		return r.damaged // a second look, each second, at all of it would find the same
	}
	at, err := ledger.Scan(path, r.at, r.take)
	if err != nil && r.at != (ledger.Position{}) {
		*r = releases{}
		at, err = ledger.Scan(path, r.at, r.take)
	}
	if r.at, r.damaged, r.was = at, err, now; now == nil {
		r.damaged = nil
	}
	if r.commit == nil || err != nil {
		return errors.Join(err, r.foreign)
	}
	r.foreign = ofThese(r.commit, segments)
	r.commit = nil
	return r.foreign
}

// ofThese reports why a commit is not of the segments of a ledger.
func ofThese(commit *ledger.Record, segments string) error {
	var c livefolder.Commit
	if err := commit.Decode(&c); err != nil {
		return err
	}
	_, err := ledger.Scan(segments, c.At, func(ledger.Record) error { return errFirst })
	if err == nil || errors.Is(err, errFirst) {
		return nil
	}
	return fmt.Errorf("its tables are of other segments than these: %w", err)
}

func (r *releases) take(record ledger.Record) error {
	if record.Event == livefolder.CommitEvent {
		r.commit = &record
	}
	if record.Event != livefolder.ReleaseEvent {
		return nil
	}
	var e livefolder.Release
	if err := record.Decode(&e); err != nil {
		return err
	}
	r.through = max(r.through, e.Through)
	for _, number := range e.Flagged {
		if r.flagged == nil {
			r.flagged = make(map[int64]bool)
		}
		r.flagged[number] = true
	}
	return nil
}
