package capture

import (
	"errors"
	"fmt"
	"slices"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/text"
)

// history is what a folder's ledger says of sessions before.
type history struct {
	next    int64  // number of the next segment
	lastSHA string // of the last segment
	kept    []kept // segments whose files should be there, by number

	session   string // the last one's ID; "" for none
	ended     bool   // it has its end record
	untilNs   int64  // time up to which it is known what came
	removing  int64  // number of the segment that the last record but its end says is deleted
	wasKilled bool   // the last session began and did not end
}

// kept is a segment in the folder.
type kept struct {
	number   int64
	name     string
	bytes    int64
	closedNs int64
	gone     bool // the ledger says that it is deleted, and its file would not go
}

// readHistory goes through a ledger.
func readHistory(path string) (*history, error) {
	h := &history{next: 1}
	_, err := ledger.Scan(path, ledger.Position{}, h.take)
	h.wasKilled = h.session != "" && !h.ended
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return h, nil
}

// maxNumber is far beyond any capture, and far from where numbers overflow.
const maxNumber = 1 << 53

// used notes that a number is taken.
func (h *history) used(number int64) error {
	if number < 1 || number > maxNumber {
		return fmt.Errorf("segments have numbers from 1 to %d, not %d", int64(maxNumber), number)
	}
	h.next = max(h.next, number+1)
	return nil
}

func (h *history) take(r ledger.Record) error {
	h.removing = 0
	switch r.Event {
	case event.SessionEvent:
		var e event.Session
		if err := r.Decode(&e); err != nil {
			return err
		}
		if e.ID == "" { // as in the ledger of live tables, whose sessions are others
			return errors.New("its sessions are none of a capture: segments go into a folder of their own")
		}
		h.session, h.ended, h.untilNs = e.ID, false, e.StartNs
	case event.SegmentEvent:
		var e event.Segment
		if err := r.Decode(&e); err != nil {
			return err
		}
		if err := h.used(e.Number); err != nil {
			return err
		}
		h.segment(&e)
	case event.LostEvent:
		var e event.Lost
		if err := r.Decode(&e); err != nil {
			return err
		}
		if err := h.used(e.Number); err != nil {
			return err
		}
		h.drop(e.Number)
	case event.DeleteEvent:
		var e event.Delete
		if err := r.Decode(&e); err != nil {
			return err
		}
		h.drop(e.Number)
		h.removing = e.Number
	case event.EndEvent:
		h.ended, h.untilNs = true, r.TimeNs
	}
	return nil
}

func (h *history) segment(e *event.Segment) {
	h.next = max(h.next, e.Number+1)
	h.lastSHA = e.SHA256
	h.kept = append(h.kept, kept{number: e.Number, name: event.SegmentName(e.Number, isZstd(e.Name)), bytes: e.Bytes, closedNs: e.ClosedNs})
	h.untilNs = max(h.untilNs, e.ClosedNs)
}

func (h *history) drop(number int64) {
	h.kept = slices.DeleteFunc(h.kept, func(k kept) bool { return k.number == number })
}

// isZstd reads it off a segment's name, which is not trusted with anything more.
func isZstd(name string) bool {
	_, zstd, _, _ := event.ParseName(name)
	return zstd
}
