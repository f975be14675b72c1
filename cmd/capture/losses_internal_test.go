package capture

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/live"
	"pcapmill/ingest/packet"
)

// shown writes gaps in short: why, stretch, drops.
func shown(gaps []event.Gap) (all []string) {
	for _, g := range gaps {
		s := fmt.Sprintf("%s %d-%d", g.Why, g.StartNs, *g.EndNs)
		if g.Drops != nil {
			s += fmt.Sprintf(" lost %d", *g.Drops)
		}
		all = append(all, s)
	}
	return all
}

// TestLosses: losses of polls that follow one another are one gap, and what is told of twice counts once.
func TestLosses(t *testing.T) {
	down := func(start, end packet.Nanos) live.Event {
		return live.Event{Kind: live.EventDown, Start: start, End: end}
	}
	for name, c := range map[string]struct {
		does func(l *losses)
		want string
	}{
		"nothing":                  {func(l *losses) { l.dropped(20, 0, 0) }, ""},
		"one gap":                  {func(l *losses) { l.dropped(20, 3, 0); l.dropped(30, 4, 0); l.dropped(40, 0, 0) }, "ring_full 10-30 lost 7"},
		"two gaps":                 {func(l *losses) { l.dropped(20, 3, 0); l.dropped(30, 0, 0); l.dropped(40, 5, 0) }, "ring_full 10-20 lost 3, ring_full 30-40 lost 5"},
		"for lack of a disk":       {func(l *losses) { l.dropped(20, 3, 0); l.dropped(30, 4, 1); l.dropped(40, 5, 1) }, "disk 10-40 lost 12"},
		"the disk was full before": {func(l *losses) { l.dropped(20, 0, 9); l.dropped(30, 4, 9) }, "ring_full 20-30 lost 4"},
		"clock put forward":        {func(l *losses) { l.stepped(50, 30); l.dropped(60, 2, 0) }, "clock 20-50 lost 0, ring_full 40-60 lost 2"},
		"clock put back":           {func(l *losses) { l.stepped(5, -30) }, "clock 5-35 lost 0"},
		"down and up":              {func(l *losses) { l.happened(down(12, 17)) }, "interface_down 12-17"},
		"down over three segments": {func(l *losses) {
			l.stillDown(12, 20)
			l.stillDown(12, 30)
			l.happened(down(12, 35))
			l.happened(down(40, 45))
		}, "interface_down 12-20, interface_down 20-30, interface_down 30-35, interface_down 40-45"},
		"up before the segment ended": {func(l *losses) { l.stillDown(12, 20); l.happened(down(12, 15)) }, "interface_down 12-20"},
		"down since now":              {func(l *losses) { l.stillDown(20, 20) }, ""},
		"another name":                {func(l *losses) { l.happened(live.Event{Kind: live.EventMTU, Start: 3, End: 4}) }, "changed 3-4 lost 0"},
		"the source's own steps":      {func(l *losses) { l.happened(live.Event{Kind: live.EventClockStep, Start: 3, End: 4}) }, ""},
	} {
		l := &losses{pollNs: 10}
		c.does(l)
		if got := strings.Join(shown(l.taken()), ", "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if again := l.taken(); len(again) != 0 {
			t.Errorf("%s: taken twice: %v", name, shown(again))
		}
	}
}

// TestMoreGapsThanAreListed are added to the last of their kind: analysis takes drops of a full ring off the segment's
// own count, and would count them twice under another kind.
func TestMoreGapsThanAreListed(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	gap := func(why event.Why, at int64, drops *int64) event.Gap {
		return event.Gap{StartNs: at, EndNs: n(at + 1), Drops: drops, Why: why}
	}
	l := &losses{gaps: slices.Repeat([]event.Gap{gap(event.RingFull, 0, n(1))}, maxGaps-2)}
	for i := range int64(3) {
		at := 10 * i
		l.add(gap(event.RingFull, at+1, n(2)))
		l.add(gap(event.Changed, at+3, n(0)))
		l.add(gap(event.InterfaceDown, at+5, nil))
	}
	l.add(gap(event.Unread, 40, n(7)))
	gaps := l.taken()
	if got, want := shown(gaps[maxGaps-2:]), []string{"ring_full 1-22 lost 6", "changed 3-24 lost 0", "interface_down 5-26", "unread 40-41 lost 7"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if gaps[maxGaps-2].Detail == "" || gaps[maxGaps-3].Detail != "" || *gaps[maxGaps-3].Drops != 1 {
		t.Errorf("%+v, %+v", gaps[maxGaps-3], gaps[maxGaps-2])
	}
}
