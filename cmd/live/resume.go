package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/text"
)

// resume restores the session that earlier processes left open, as far as that can be, and sets
// where the ledger of the segments is read on.
func (a *analysis) resume(ctx context.Context) error {
	h := a.history
	a.base, a.last, a.open, a.flagged = h.at, h.mark.Number, h.open, a.wanted(h.flagged)
	a.known = h.mark.Number
	a.redo = map[livefolder.Mark]*livefolder.Commit{}
	at := h.at
	if h.open {
		from, err := a.restore()
		if err != nil {
			return err
		}
		at = from
	}
	a.follow = newFollower(a.o.Segments, event.LedgerName, at)
	a.ahead.at = at
	return a.resumeWatch(ctx)
}

// restore continues the open session: from its last checkpoint that can be read, from its first
// segment, or not at all.
func (a *analysis) restore() (ledger.Position, error) {
	h := a.history
	for i := len(h.checkpoints) - 1; i >= 0; i-- {
		c := &h.checkpoints[i]
		err := a.load(c)
		if err == nil {
			a.last, a.now, a.base = c.Number, c.ClockNs, c.At
			a.lastDate, a.known = c.Date, c.Number
			a.kept, a.flagged = h.checkpoints[max(0, i-1):i+1], a.wanted(c.Flagged)
			return c.At, a.again(h.kept[i], livefolder.Mark{Number: c.Number})
		}
		a.o.Log.Warn(fmt.Sprintf("the state behind segment %d cannot be restored: %v", c.Number, err))
	}
	if err := a.allThere(h); err != nil {
		return h.at, a.breakOff(err.Error())
	}
	if h.opened > 0 {
		a.o.Log.Warn(fmt.Sprintf("there is no state to restore: segments from %d on are done again", h.opened))
	}
	var err error
	if a.session, err = a.engine.begin(a.config()); err != nil {
		return h.at, err
	}
	if h.session.Broke != nil {
		a.gaps = append(a.gaps, brokenGap(h.session.Broke))
	}
	a.last, a.now, a.base, a.known = 0, 0, h.session.From, h.before
	return h.session.From, a.again(h.begun, livefolder.Mark{Number: h.opened - 1, AtEnd: true})
}

// wanted are the segments that were flagged before, where somebody asks for them.
func (a *analysis) wanted(flagged []int64) []int64 {
	if a.o.Keep == KeepNone {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(flagged)))
}

// load restores a session from a checkpoint.
func (a *analysis) load(c *livefolder.Checkpoint) error {
	r, err := a.store.read(c)
	if err != nil {
		return err
	}
	s, err := a.engine.restore(a.config(), r)
	if err = errors.Join(err, r.Close()); err != nil {
		return err
	}
	a.session = s
	return nil
}

// again sets what is to be done again: the session's commits behind a mark, which are in the ledger
// behind a position.
func (a *analysis) again(from ledger.Position, mark livefolder.Mark) (err error) {
	a.behind = mark
	if a.history.opened > 0 && a.history.mark != mark {
		a.redo, err = commitsAfter(a.folder.LedgerPath(), from, mark)
	}
	return err
}

// allThere reports which of the session's segments is missing, of those that were committed.
func (a *analysis) allThere(h *history) error {
	path, seen := filepath.Join(a.o.Segments, event.LedgerName), int64(0)
	_, err := ledger.Scan(path, h.session.From, func(r ledger.Record) error {
		if r.Event != event.SegmentEvent {
			return nil
		}
		var s event.Segment
		if err := r.Decode(&s); err != nil {
			return err
		}
		if s.Number > h.mark.Number {
			return errOne
		}
		_, _, _, ok := event.ParseName(s.Name)
		if info, err := os.Lstat(filepath.Join(a.o.Segments, s.Name)); ok && err == nil && info.Size() == s.Bytes {
			seen = s.Number
			return nil
		}
		return fmt.Errorf("segment %d, with which it would begin again, is not there any more", s.Number)
	})
	var damage *ledger.Damage
	if errors.Is(err, errOne) || errors.As(err, &damage) && seen == h.mark.Number { // what is behind is another matter
		return nil
	}
	return err
}

// breakOff gives up the open session: what has no end stays without, and the next segment begins
// another one.
func (a *analysis) breakOff(why string) error {
	through := a.history.mark.Number
	a.o.Log.Warn(fmt.Sprintf("rows cannot be continued behind segment %d: %s; flows that were open are missing, and a new session begins", through, text.Escape(why)))
	a.broke = &livefolder.Gap{Through: through, TimeNs: time.Now().UnixNano(), Why: text.Escape(why)}
	a.session, a.open, a.redo = nil, false, map[livefolder.Mark]*livefolder.Commit{}
	a.gaps, a.last, a.base, a.known = nil, 0, a.history.at, through
	a.kept = nil
	if a.follow != nil {
		a.follow.goTo(a.base)
	}
	return failed(job.ExitOutput, a.folder.Log.Append(livefolder.GapEvent, a.broke))
}
