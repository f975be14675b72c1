package nightly

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/text"
)

// segments takes those that live's capture says are whole and that are still there. They need
// not settle: they have their names only once they are whole.
func (f *finding) segments(folder string) error {
	path := filepath.Join(folder, event.LedgerName)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("inputs: segments: %w; it is not a folder that pcapmill live writes segments to", err)
	}
	ended := false
	_, err := ledger.Scan(path, ledger.Position{}, func(r ledger.Record) error {
		switch r.Event {
		case event.SessionEvent:
			ended = false
		case event.EndEvent:
			ended = true
		case event.SegmentEvent:
			var s event.Segment
			if err := r.Decode(&s); err != nil {
				return err
			}
			return f.segment(folder, &s)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("inputs: segments: %w", err)
	}
	if ended {
		f.captured = f.now
	}
	return nil
}

func (f *finding) segment(folder string, s *event.Segment) error {
	if _, _, temporary, ok := event.ParseName(s.Name); !ok || temporary {
		return fmt.Errorf("%s is no name of a segment", text.Escape(s.Name))
	}
	opened := time.Unix(0, s.OpenedNs)
	if opened.After(f.captured) {
		f.captured = opened
	}
	path := filepath.Join(folder, s.Name)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist): // retention has taken it
		f.gone[f.nightOfSegment(s)]++
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return nil
	}
	x := &file{path: path, bytes: info.Size(), modNs: info.ModTime().UnixNano(), first: packet.NoTime, sha256: s.SHA256}
	if s.KernelDrops != nil { // what the interface calls dropped may be in the segment: see capture.Report.Missing
		x.drops = *s.KernelDrops
	}
	if s.FirstNs != nil {
		x.first = packet.Nanos(*s.FirstNs)
	}
	x.night = f.nightOfSegment(s)
	if known := f.state.files[path]; known != nil {
		x.night, _ = split(known.night)
	}
	f.files[path] = x
	return nil
}

// nightOfSegment is by its first packet, or by when it was opened. Names have numbers, not dates.
func (f *finding) nightOfSegment(s *event.Segment) string {
	at := s.OpenedNs
	if s.FirstNs != nil && f.c.Nights.Pattern == nil {
		at = *s.FirstNs
	}
	return f.c.Nights.nameOf(time.Unix(0, at))
}
