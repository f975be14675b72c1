package capture

import (
	"fmt"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/live"
	"pcapmill/outputs/text"
)

// losses collects the gaps of the segment at hand.
type losses struct {
	gaps     []event.Gap
	open     *event.Gap // packets were dropped up to the last poll
	pollNs   int64      // wall clock of that
	refusals int64      // of the disk, up to then
	downNs   int64      // up to when it was told that the interface is down; 0: nothing of it was
}

// maxGaps bounds the gaps of one segment. Further ones are added to the last of their kind, as analysis asks
// what kinds there were, and which drops the segment's own counters have, too.
const maxGaps = 1000

// dropped takes how many packets were dropped since the last poll. Losses in polls that
// follow one another are one gap.
func (l *losses) dropped(nowNs, n, refusals int64) {
	disk := refusals > l.refusals
	switch {
	case n <= 0:
		l.close()
	case l.open == nil:
		l.open = &event.Gap{StartNs: l.pollNs, EndNs: new(int64), Drops: new(int64), Why: event.RingFull}
	}
	if l.open != nil {
		*l.open.EndNs = nowNs
		*l.open.Drops += n
		if disk {
			l.open.Why = event.DiskTrouble
		}
	}
	l.pollNs, l.refusals = nowNs, refusals
}

func (l *losses) close() {
	if l.open != nil {
		l.add(*l.open)
		l.open = nil
	}
}

// add keeps a gap.
func (l *losses) add(g event.Gap) {
	at := len(l.gaps) - 1 // of the last one of its kind
	for at >= 0 && l.gaps[at].Why != g.Why {
		at--
	}
	if len(l.gaps) < maxGaps || at < 0 {
		l.gaps = append(l.gaps, g)
		return
	}
	last := &l.gaps[at]
	last.EndNs, last.Detail = g.EndNs, "several, too many to list"
	if g.Drops != nil {
		sum := *g.Drops
		if last.Drops != nil {
			sum += *last.Drops
		}
		last.Drops = &sum
	}
}

// stepped notes that the wall clock was set.
func (l *losses) stepped(nowNs, by int64) {
	before := nowNs - by
	start, end := min(before, nowNs), max(before, nowNs)
	l.add(event.Gap{StartNs: start, EndNs: &end, Drops: new(int64), Why: event.ClockStep, Detail: fmt.Sprintf("set by %v", time.Duration(by))})
	l.pollNs += by
}

// stillDown notes that the interface is down when the segment at hand ends, and what was not told of that
// yet: its event comes when it is up again, which may be in days, or never.
func (l *losses) stillDown(sinceNs, nowNs int64) {
	if start := max(sinceNs, l.downNs); start < nowNs {
		l.add(event.Gap{StartNs: start, EndNs: &nowNs, Why: event.InterfaceDown, Detail: "it is still down"})
	}
	l.downNs = nowNs
}

// happened takes an event of the source. Steps of the clock are seen here already.
func (l *losses) happened(e live.Event) {
	end := int64(e.End)
	g := event.Gap{StartNs: int64(e.Start), EndNs: &end, Detail: text.Escape(e.Detail)}
	switch e.Kind {
	case live.EventClockStep:
		return
	case live.EventDown:
		g.Why, g.StartNs, l.downNs = event.InterfaceDown, max(g.StartNs, l.downNs), 0
		if g.StartNs > end {
			return
		}
	default:
		g.Why, g.Drops = event.Changed, new(int64)
	}
	l.add(g)
}

// taken returns the gaps so far and begins anew.
func (l *losses) taken() []event.Gap {
	l.close()
	gaps := l.gaps
	l.gaps = nil
	return gaps
}
