package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
	"pcapmill/ingest/segment"
	"pcapmill/outputs/text"
)

// session is the loop: it takes frames and fills segments. It belongs to one goroutine.
type session struct {
	cfg    *Config
	src    Source
	pipe   *pipe
	ills   []*trouble
	ticks  chan<- int64
	report *Report

	head   segment.Config // of the next segment
	number int64
	w      *segment.Writer
	opened Instant

	schedule   schedule
	endMono    int64 // of the session; 0: none
	pollMono   int64 // when statistics are asked for next
	busy       bool  // frames came since the last poll
	forgetMono int64 // when buffers that were not needed lose their memory next
	now        Instant

	stats   live.Stats // as last asked for
	base    live.Stats // when the segment was opened
	before  segment.Tally
	ended   int64 // segments
	untimed int64 // packets of the segment that had no time that can be written
	losses  losses
	said    Status // the last one
}

// pollEvery is how often statistics are asked for, and a watermark is written where nothing
// came.
const pollEvery = int64(time.Second)

// forgetEvery is how long a buffer waits before its memory is given up.
const forgetEvery = int64(time.Minute)

// loop runs until the context ends, time is up, or the source has no more. The segment at hand
// is left open.
func (s *session) loop(ctx context.Context) (why string, err error) {
	for {
		switch {
		case ctx.Err() != nil:
			return "signal", nil
		case s.endMono != 0 && s.now.Mono >= s.endMono:
			return "duration", nil
		}
		batch, err := s.src.Next(ctx, s.wait())
		s.now = s.cfg.Clock.Now()
		if batch != nil {
			taken := s.take(batch)
			batch.Release()
			if taken != nil {
				return "trouble", taken
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return "source", nil
		case ctx.Err() != nil:
			return "signal", nil
		default:
			return "source", s.broken(err)
		}
		if err := s.tick(); err != nil {
			return "trouble", err
		}
	}
}

// ErrSource is wrapped by what a source fails with.
var ErrSource = errors.New("capture broke off")

func (s *session) broken(err error) error {
	return fmt.Errorf("%w: %s: %w", ErrSource, text.Escape(s.src.Info().Interface), err)
}

// wait is how long nothing is due.
func (s *session) wait() time.Duration {
	until := s.pollMono
	if s.schedule.every != 0 {
		until = min(until, s.schedule.deadline)
	}
	if s.endMono != 0 {
		until = min(until, s.endMono)
	}
	return time.Duration(max(until-s.now.Mono, int64(time.Millisecond)))
}

// take writes the frames of a batch.
func (s *session) take(b *live.Batch) error {
	s.busy = s.busy || len(b.Frames) > 0
	limited := s.cfg.Rotate.Bytes != 0 || s.cfg.Rotate.Packets != 0 || s.schedule.due(s.now)
	for i := range b.Frames {
		f := &b.Frames[i]
		if limited {
			if reason := s.full(f); reason != "" {
				if err := s.rotate(reason); err != nil {
					return err
				}
			}
		}
		err := s.w.Frame(f.Time, f.WireLen, f.Flags, f.Prefix[:f.PrefixLen], f.Data)
		switch {
		case err == nil:
		case errors.Is(err, capfile.ErrTime), errors.Is(err, capfile.ErrPacketLength):
			s.untimed++
		default:
			return err
		}
	}
	return nil
}

// full says why the segment at hand takes no more, "" where it takes f.
func (s *session) full(f *live.Frame) event.Reason {
	r, held := &s.cfg.Rotate, s.w.Tally().Packets
	switch {
	case int64(f.Time) >= s.schedule.boundary && s.schedule.due(s.now):
		return event.ByTime
	case held == 0:
		return ""
	case r.Packets != 0 && held >= r.Packets:
		return event.ByPackets
	case r.Bytes != 0 && s.w.Size()+segment.FrameBytes(f.Len(), f.Flags) > r.Bytes:
		return event.BySize
	}
	return ""
}

// tick does what time asks for.
func (s *session) tick() error {
	if by := s.schedule.stepped(s.now); by != 0 {
		s.losses.stepped(s.now.Wall, by)
		s.cfg.Log.Warn(fmt.Sprintf("the wall clock was set by %v", time.Duration(by)))
	}
	if s.now.Mono >= s.pollMono {
		if err := s.poll(); err != nil {
			return err
		}
	}
	if s.schedule.due(s.now) {
		return s.rotate(event.ByTime)
	}
	select {
	case <-s.cfg.Rotations:
		return s.rotate(event.BySignal)
	default:
		return nil
	}
}

// poll looks for losses, says on an idle link that time goes on, and hands over what is in the
// buffer, so that a process that is killed takes no more than about a second with it.
func (s *session) poll() error {
	s.pollMono = s.now.Mono + pollEvery
	if err := s.ask(); err != nil {
		return err
	}
	if !s.busy {
		if t := s.caught(); t != packet.NoTime {
			if err := s.w.Watermark(t, s.counts()); err != nil {
				return err
			}
		}
	}
	s.busy = false
	if len(s.pipe.free.there) > 0 { // else the disk is behind, and would be waited for
		if err := s.w.Flush(); err != nil {
			return err
		}
	}
	if s.now.Mono >= s.forgetMono {
		s.forgetMono = s.now.Mono + forgetEvery
		s.pipe.free.forget()
	}
	select {
	case s.ticks <- s.now.Wall:
	default: // retention is at work
	}
	if s.cfg.Status != nil {
		s.said = s.status()
		s.cfg.Status(s.said)
	}
	return nil
}

// waiting says that the loop is alive though it waits for the disk: a service manager would kill it, and
// what is in the buffers, with the losses that it counts. Its other numbers are those of the last poll.
func (s *session) waiting() {
	if s.cfg.Status != nil {
		s.said.Trouble = s.trouble()
		s.cfg.Status(s.said)
	}
}

// ask takes statistics and events of the source.
func (s *session) ask() error {
	stats, err := s.src.Stats()
	if err != nil {
		return s.broken(err)
	}
	s.losses.dropped(s.now.Wall, stats.Drops-s.stats.Drops, s.refusals())
	s.stats = stats
	for _, e := range s.src.Events() {
		s.losses.happened(e)
	}
	return nil
}

// refusals returns how often the disk refused something.
func (s *session) refusals() int64 {
	n := int64(0)
	for _, t := range s.ills {
		n += t.seen.Load()
	}
	return n
}

// caught is how far packet time has come.
func (s *session) caught() packet.Nanos { return max(s.src.Caught(), s.w.Tally().Last) }

// counts are the source's statistics since the segment was opened.
func (s *session) counts() segment.Counts {
	return segment.Counts{
		Accepted: s.stats.Packets - s.base.Packets,
		Drops:    s.stats.Drops - s.base.Drops,
		Freezes:  s.stats.Freezes - s.base.Freezes,
		IfDrops:  ifDrops(&s.stats) - ifDrops(&s.base),
	}
}

func ifDrops(s *live.Stats) int64 { return s.InterfaceDropped + s.InterfaceMissed }

// rotate ends the segment at hand and opens the next one.
func (s *session) rotate(reason event.Reason) error {
	if err := s.finish(reason); err != nil {
		return err
	}
	return s.open(reason == event.ByTime)
}

// open begins a segment. Its number is the next one.
func (s *session) open(onTime bool) error {
	buf, err := s.pipe.empty()
	if err != nil {
		return err
	}
	s.schedule.open(s.now, onTime)
	s.opened, s.base, s.untimed = s.now, s.stats, 0
	s.head.Number, s.head.OpenedNs = s.number, s.now.Wall
	s.pipe.file, s.pipe.last = &segmentFile{number: s.number, zstd: s.cfg.Zstd}, false
	s.number++
	s.w, err = segment.NewWriter(s.pipe, buf, &s.head)
	return err
}

// finish ends the segment at hand and gives it away with its record.
func (s *session) finish(reason event.Reason) error {
	asked := s.ask() // of a source that cannot answer any more the last answer counts
	if s.untimed > 0 {
		s.losses.add(event.Gap{StartNs: s.opened.Wall, EndNs: &s.now.Wall, Drops: &s.untimed, Why: event.Untimed})
	}
	if faller, is := s.src.(Faller); is {
		if since, down := faller.Down(); down {
			s.losses.stillDown(int64(since), s.now.Wall)
		}
	}
	watermark, counts := max(s.caught(), 0), s.counts() // 0, of 1970, promises nothing
	s.pipe.last = true
	if err := s.w.End(watermark, counts, string(reason)); err != nil {
		return err
	}
	end := &ending{record: s.record(reason, watermark, counts), gaps: s.losses.taken()}
	s.account(counts)
	return errors.Join(asked, s.pipe.send(job{file: s.pipe.file, end: end}))
}

func (s *session) record(reason event.Reason, watermark packet.Nanos, c segment.Counts) event.Segment {
	t := s.w.Tally()
	e := event.Segment{
		Session: s.head.Session, Packets: t.Packets, CapturedBytes: t.CapturedBytes, WireBytes: t.WireBytes,
		OpenedNs: s.opened.Wall, ClosedNs: s.now.Wall, Reason: reason,
		KernelPackets: &c.Accepted, KernelDrops: &c.Drops, Freezes: &c.Freezes, InterfaceDrops: &c.IfDrops,
	}
	if t.Packets > 0 {
		first, last := int64(t.First), int64(t.Last)
		e.FirstNs, e.LastNs = &first, &last
	}
	if watermark > 0 {
		e.WatermarkNs = (*int64)(&watermark)
	}
	return e
}

// account adds a segment to the session's sums.
func (s *session) account(c segment.Counts) {
	t := s.w.Tally()
	s.before.Packets += t.Packets
	s.before.CapturedBytes += t.CapturedBytes
	s.before.WireBytes += t.WireBytes
	s.ended++
	s.report.KernelPackets += c.Accepted
	s.report.KernelDrops += c.Drops
	s.report.Freezes += c.Freezes
	s.report.IfDrops += c.IfDrops
}

func (s *session) status() Status {
	t, c := s.w.Tally(), s.counts()
	return Status{
		Number: s.number - 1, Packets: s.before.Packets + t.Packets, CapturedBytes: s.before.CapturedBytes + t.CapturedBytes,
		WireBytes: s.before.WireBytes + t.WireBytes, Freezes: s.report.Freezes + c.Freezes, Segments: s.ended,
		KernelPackets: s.report.KernelPackets + c.Accepted, KernelDrops: s.report.KernelDrops + c.Drops, IfDrops: s.report.IfDrops + c.IfDrops,
		Trouble: s.trouble(),
	}
}

// trouble is what the disk refuses; "" for nothing.
func (s *session) trouble() string {
	for _, t := range s.ills {
		if what := t.String(); what != "" {
			return what
		}
	}
	return ""
}

// drain takes what the source still has, for a bounded time, and ends the last segment.
func (s *session) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	stopper, stops := s.src.(Stopper)
	if stops {
		if err := stopper.Stop(); err != nil {
			return s.broken(err)
		}
	}
	for idle := 0; ctx.Err() == nil && (stops || idle < 2); {
		batch, err := s.src.Next(ctx, drainTime/8)
		s.now = s.cfg.Clock.Now()
		if batch == nil {
			idle++
		} else {
			taken := s.take(batch)
			batch.Release()
			if taken != nil {
				return taken
			}
		}
		if err != nil {
			break
		}
	}
	return s.unread()
}

// drainTime bounds what is taken after the end was asked for.
const drainTime = 800 * time.Millisecond

// unread counts what is left in the ring.
func (s *session) unread() error {
	if err := s.ask(); err != nil {
		return err
	}
	n := s.stats.Packets - s.stats.Drops - s.stats.Read - s.stats.Filtered - s.stats.Malformed
	if n > 0 {
		s.report.Unread = n
		s.losses.add(event.Gap{StartNs: s.now.Wall, EndNs: &s.now.Wall, Drops: &n, Why: event.Unread})
	}
	return nil
}

// headOf describes a source in the head of its segments.
func headOf(cfg *Config, id string, info *live.Info) segment.Config {
	face := capfile.DefaultInterface(info.Link)
	face.Name, face.SnapLen, face.Filter = info.Interface, uint32(info.SnapLen), info.Filter
	face.Speed = info.SpeedMbit * 1_000_000
	face.MAC = macOf(info.MAC)
	face.Description, face.Comment = describe(info), comment(info)
	return segment.Config{
		Version: cfg.Tool.Version, Session: id, Hardware: runtime.GOARCH, OS: runtime.GOOS, Interface: face,
	}
}

func hostName() string {
	name, _ := os.Hostname()
	return name
}
