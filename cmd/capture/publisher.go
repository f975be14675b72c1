package capture

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// publisher gives segments their names, records them and deletes old ones. It is one
// goroutine, beside the writing of the next segment, and alone appends to the ledger while
// the session goes on.
type publisher struct {
	cfg    *Config
	fsys   publish.FS
	log    *ledger.Log
	ills   *trouble
	until  patience
	report *Report

	ended <-chan ended
	room  <-chan struct{} // the disk is full
	ticks <-chan int64    // wall clock, about once a second

	lastSHA string
	keeper  keeper
}

// run works until all segments have ended. It goes on behind errors of single segments.
func (p *publisher) run() error {
	for {
		select {
		case e, more := <-p.ended:
			if !more {
				return nil
			}
			if err := p.publish(e); err != nil {
				return err
			}
			p.keeper.tidy(e.record.ClosedNs)
		case now := <-p.ticks:
			p.keeper.tidy(now)
		case <-p.room:
			p.keeper.makeRoom()
		}
	}
}

// publish puts one segment in place. A sync that fails loses it: what the disk has of it is
// not known, and there is no second copy. So does someone who removes the file.
func (p *publisher) publish(e ended) error {
	if err := p.store(e.segmentFile); err != nil {
		return p.lose(e, err)
	}
	switch err := p.insist(func() error { return p.fsys.Rename(e.temp(), e.name()) }); {
	case errors.Is(err, fs.ErrNotExist):
		return p.lose(e, err)
	case err != nil:
		return err
	}
	if err := p.fsys.SyncDir("."); err != nil {
		_ = p.fsys.Remove(e.name())
		return p.lose(e, err)
	}
	if err := p.tell(e.gaps); err != nil {
		return err
	}
	r := &e.record
	r.Number, r.Name, r.Bytes, r.SHA256 = e.number, e.name(), e.size, hex.EncodeToString(e.sum.Sum(nil))
	r.PrevSHA256, p.lastSHA = p.lastSHA, r.SHA256
	if err := p.append(event.SegmentEvent, r); err != nil {
		return err
	}
	p.count(r)
	return nil
}

// store makes a file durable and closes it.
func (p *publisher) store(f *segmentFile) error {
	err := f.handle.Sync()
	if closed := f.handle.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = p.fsys.Remove(f.temp())
	}
	return err
}

func (p *publisher) count(r *event.Segment) {
	p.report.Segments++
	p.report.Packets += r.Packets
	p.report.CapturedBytes += r.CapturedBytes
	p.report.WireBytes += r.WireBytes
	p.keeper.add(kept{number: r.Number, name: r.Name, bytes: r.Bytes, closedNs: r.ClosedNs})
	if p.cfg.Published != nil {
		p.cfg.Published(*r)
	}
}

// tell records gaps.
func (p *publisher) tell(gaps []event.Gap) error {
	for _, gap := range gaps {
		if err := p.append(event.GapEvent, gap); err != nil {
			return err
		}
	}
	return nil
}

// lose records that a segment is lost. What was missing of it before, or of the time behind it, is so still.
func (p *publisher) lose(e ended, why error) error {
	p.report.Lost++
	name := filepath.Join(text.Escape(p.cfg.Segments), e.name())
	p.cfg.Log.Warn(fmt.Sprintf("%s is lost: %v", name, why))
	if err := p.tell(e.gaps); err != nil {
		return err
	}
	return p.append(event.LostEvent, event.Lost{Number: e.number, Why: text.Escape(why.Error())})
}

// append adds a record, however often the disk must be asked.
func (p *publisher) append(kind string, body any) error {
	return p.insist(func() error { return p.log.Append(kind, body) })
}

func (p *publisher) insist(do func() error) error {
	return insist(p.cfg, p.ills, p.until, do, p.keeper.makeRoom)
}
