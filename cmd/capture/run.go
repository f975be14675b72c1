package capture

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/segment"
	"pcapmill/outputs/text"
)

// Run captures from a source until the context ends, Config.Duration is over or the source
// has no more; each of these is a good end. The report is of this session, also with an
// error: of the source, after which the last segment is whole, or of the disk, where the
// next session salvages what is left. The folder must be closed afterwards.
func (f *Folder) Run(ctx context.Context, src Source) (Report, error) {
	report := Report{Session: newID()}
	now := f.cfg.Clock.Now()
	if err := f.recover(now.Wall, &report); err != nil {
		return report, fmt.Errorf("%s: %w", text.Escape(f.cfg.Segments), err)
	}
	if err := f.log.Append(event.SessionEvent, f.beginning(report.Session, now, src)); err != nil {
		return report, err
	}
	p, err := f.start(ctx, src, now, &report)
	if err != nil {
		return report, err
	}
	if err = p.session.begin(); err == nil {
		report.Why, err = p.session.loop(ctx)
	}
	err = errors.Join(err, p.end(!errors.Is(err, errGivenUp)))
	if errors.Is(err, errGivenUp) {
		return report, err
	}
	return report, errors.Join(err, f.log.Append(event.EndEvent, event.End{Session: report.Session, Why: report.Why}))
}

func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func (f *Folder) beginning(id string, now Instant, src Source) event.Session {
	return event.Session{
		ID: id, StartNs: now.Wall, Host: hostName(), Note: f.cfg.Note, Interface: src.Info(), Tool: f.cfg.Tool,
		Options: event.Options{Rotate: f.cfg.Rotate.String(), Retain: f.cfg.Retain.String(), Zstd: f.cfg.Zstd},
	}
}

// parts are the goroutines of a session.
type parts struct {
	session *session
	pipe    *pipe
	hurry   func()     // what the disk refuses is not tried for long
	give    func()     // nothing is waited for
	done    chan error // of the disk and of the publisher, when they end
	limit   time.Duration
}

// start sets the goroutines off.
func (f *Folder) start(ctx context.Context, src Source, now Instant, report *Report) (*parts, error) {
	var zip *segment.Compressor
	if f.cfg.Zstd {
		var err error
		if zip, err = segment.NewCompressor(); err != nil {
			return nil, err
		}
	}
	ending, hurry := context.WithCancel(ctx)
	dead, give := context.WithCancel(context.Background())
	until := patience{hurry: ending.Done(), dead: dead.Done()}
	pipe := newPipe(&f.cfg, until)
	segments, room, ticks := make(chan ended, 4), make(chan struct{}, 1), make(chan int64, 1)
	d := &disk{cfg: &f.cfg, fsys: f.fsys, pipe: pipe, ills: new(trouble), room: room, ended: segments, zip: zip}
	pub := &publisher{
		cfg: &f.cfg, fsys: f.fsys, log: f.log, ills: new(trouble), until: until, report: report,
		ended: segments, room: room, ticks: ticks, lastSHA: f.history.lastSHA,
		keeper: keeper{cfg: &f.cfg, fsys: f.fsys, log: f.log, report: report, space: f.space},
	}
	for _, k := range f.history.kept {
		pub.keeper.add(k)
	}
	s := f.session(src, now, report)
	s.pipe, s.ticks, s.ills = pipe, ticks, []*trouble{d.ills, pub.ills}
	pipe.waits = s.waiting
	p := &parts{session: s, pipe: pipe, hurry: hurry, give: give, done: make(chan error, 2), limit: f.cfg.Patience}
	context.AfterFunc(ctx, func() { time.AfterFunc(f.cfg.Patience, give) })
	if d := f.cfg.Duration; d > 0 { // a loop that waits for the disk cannot see that time is up
		time.AfterFunc(d, hurry)
		time.AfterFunc(d+f.cfg.Patience, give)
	}
	go p.run(d.run)
	go p.run(pub.run)
	return p, nil
}

// run runs a goroutine to its end. Where it gave up nobody need wait for it.
func (p *parts) run(do func() error) {
	err := do()
	if err != nil {
		p.give()
	}
	p.done <- err
}

func (f *Folder) session(src Source, now Instant, report *Report) *session {
	info := src.Info()
	s := &session{
		cfg: &f.cfg, src: src, report: report, now: now, number: f.history.next,
		head:     headOf(&f.cfg, report.Session, &info),
		schedule: schedule{every: int64(f.cfg.Rotate.Every)},
		before:   segment.NewTally(),
	}
	if f.cfg.Duration > 0 {
		s.endMono = now.Mono + int64(f.cfg.Duration)
	}
	return s
}

// begin opens the first segment. What the source counted before is of this session.
func (s *session) begin() error {
	s.losses.pollNs = s.now.Wall
	s.pollMono = s.now.Mono + pollEvery
	s.schedule.start(s.now)
	return s.open(false)
}

// end ends the last segment, where the loop has not broken off within it, and waits until
// all is published.
func (p *parts) end(whole bool) error {
	p.hurry()
	time.AfterFunc(p.limit, p.give)
	var err error
	if whole {
		err = errors.Join(p.session.drain(), p.session.finish(event.ByEnd))
	}
	close(p.pipe.jobs)
	for range cap(p.done) {
		err = errors.Join(err, p.wait())
	}
	p.give()
	return err
}

// wait waits for a goroutine, but not for one that hangs in a call of the system.
func (p *parts) wait() error {
	select {
	case err := <-p.done:
		return err
	case <-p.pipe.dead:
	}
	select {
	case err := <-p.done:
		return err
	case <-time.After(100 * time.Millisecond):
		return errGivenUp
	}
}
