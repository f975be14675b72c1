package livefolder

import (
	"fmt"

	"pcapmill/outputs/ledger"
)

// Visitor is told what a ledger says, in its order. What is nil is passed over.
type Visitor struct {
	Session    func(*Session, *ledger.Record) error
	Commit     func(*Commit, *ledger.Record) error
	Checkpoint func(*Checkpoint, *ledger.Record) error
	Release    func(*Release) error
	Gap        func(*Gap) error
	End        func(*End) error

	Brief bool // of a commit's Input, Outcome alone is asked for

	record func(*ledger.Record) error // of any event, before what the event has of its own
}

// Visit reads a ledger from a position on, and returns the position behind it. Commits come in
// the order of their numbers, or the error says where they do not. Errors are those of ledger.Scan,
// ErrRecord, and the visitor's.
func Visit(path string, from ledger.Position, v *Visitor) (ledger.Position, error) {
	return ledger.Scan(path, from, v.visit())
}

// visit returns what takes record after record.
func (v *Visitor) visit() func(ledger.Record) error {
	var last Mark
	return func(r ledger.Record) error {
		if v.record != nil {
			if err := v.record(&r); err != nil {
				return err
			}
		}
		switch r.Event {
		case CommitEvent:
			c, err := decodeCommit(&r, v.Brief)
			if err != nil {
				return err
			}
			if err := last.next(c); err != nil {
				return fmt.Errorf("record %d: %w", r.Seq, err)
			}
			return call2(v.Commit, c, &r)
		case SessionEvent:
			s := new(Session)
			if err := decode(&r, s); err != nil {
				return err
			}
			return call2(v.Session, s, &r)
		case CheckpointEvent:
			if v.Checkpoint == nil {
				return nil
			}
			return call(func(c *Checkpoint) error { return v.Checkpoint(c, &r) }, &r)
		case ReleaseEvent:
			return call(v.Release, &r)
		case GapEvent:
			return call(v.Gap, &r)
		case EndEvent:
			return call(v.End, &r)
		}
		return nil // of a later build
	}
}

func call[T any](visit func(*T) error, r *ledger.Record) error {
	if visit == nil {
		return nil
	}
	body := new(T)
	if err := decode(r, body); err != nil {
		return err
	}
	return visit(body)
}

func call2[T any](visit func(*T, *ledger.Record) error, body *T, r *ledger.Record) error {
	if visit == nil {
		return nil
	}
	return visit(body, r)
}

// next moves the mark on to a commit, which must be sound and later.
func (m *Mark) next(c *Commit) error {
	if err := c.validate(); err != nil {
		return err
	}
	if c.Number < m.Number || c.Number == m.Number && (m.AtEnd || !c.AtEnd) {
		return fmt.Errorf("%w: commit %d after commit %d", ErrRecord, c.Number, m.Number)
	}
	*m = Mark{c.Number, c.AtEnd}
	return nil
}
