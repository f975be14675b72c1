package status

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"pcapmill/outputs/text"
)

// Screen is where a Board shows what it knows.
type Screen struct {
	Out   io.Writer
	Width func() (cells int, terminal bool) // asked at each drawing: terminals are resized
}

// Times of a Board.
const (
	redraw = time.Second // of a terminal
	report = time.Minute // of a log, besides a line for each segment
)

// Board keeps the latest Status of each process, and shows them: as one line that is drawn
// again on a terminal; elsewhere as a line for each segment and each minute. Any goroutine
// may call its methods.
type Board struct {
	screen Screen
	began  time.Time

	mu     sync.Mutex
	latest map[Role]Status
	rate   rate
	drawn  bool // the line is on the terminal
	told   time.Time
	done   int64 // segments when a log was told last
}

// rate is how fast packets came between two looks.
type rate struct {
	at             time.Time
	packets, bytes int64
	perSecond      float64
	bitsPerSecond  float64
}

// NewBoard begins a Board, at an instant.
func NewBoard(s Screen, now time.Time) *Board {
	return &Board{screen: s, began: now, told: now, latest: map[Role]Status{}, rate: rate{at: now}}
}

// Take keeps a Status.
func (b *Board) Take(s Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.latest[s.Role] = s
}

// Run shows until the context ends, and then clears its line.
func (b *Board) Run(ctx context.Context) {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			b.Show(now)
		case <-ctx.Done():
			b.Say()
			return
		}
	}
}

// Show shows what there is to say at an instant.
func (b *Board) Show(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.measure(now)
	width, terminal := b.screen.Width()
	if terminal {
		b.clear()
		fmt.Fprint(b.screen.Out, text.Truncate(b.line(now), max(1, width-1)))
		b.drawn = true
		return
	}
	if done := b.segments(); done != b.done || now.Sub(b.told) >= report {
		fmt.Fprintln(b.screen.Out, b.line(now))
		b.done, b.told = done, now
	}
}

// Say writes lines of other kinds where the line was, which comes again below them.
func (b *Board) Say(lines ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	for _, l := range lines {
		fmt.Fprintln(b.screen.Out, l)
	}
}

func (b *Board) clear() {
	if b.drawn {
		fmt.Fprint(b.screen.Out, "\r\x1b[K")
		b.drawn = false
	}
}

// segments that are done: committed, or written where nobody analyses.
func (b *Board) segments() int64 {
	if s, ok := b.latest[Analysis]; ok {
		return s.Segments
	}
	return b.latest[Capture].Segments
}

// packets come from whoever is nearest to the wire.
func (b *Board) nearest() Status {
	if s, ok := b.latest[Capture]; ok {
		return s
	}
	return b.latest[Analysis]
}

// measure takes the rates since the last look. A process that began anew counts from 0.
func (b *Board) measure(now time.Time) {
	s, seconds := b.nearest(), now.Sub(b.rate.at).Seconds()
	if seconds <= 0 {
		return
	}
	b.rate = rate{
		at: now, packets: s.Packets, bytes: s.Bytes,
		perSecond: float64(since(b.rate.packets, s.Packets)) / seconds, bitsPerSecond: 8 * float64(since(b.rate.bytes, s.Bytes)) / seconds,
	}
}

func since(before, now int64) int64 {
	if now < before {
		return now
	}
	return now - before
}

// line says all in one line. What matters most comes first: narrow terminals cut the rest.
func (b *Board) line(now time.Time) string {
	s, analysis := b.nearest(), b.latest[Analysis]
	parts := []string{
		now.Sub(b.began).Round(time.Second).String(),
		text.Count(int64(b.rate.perSecond)) + " packets/s", text.Count(max(s.Drops, analysis.Drops)) + " dropped",
		fmt.Sprintf("%.1f Mbit/s", b.rate.bitsPerSecond/1e6), text.Count(analysis.Flows) + " open flows", text.Plural(analysis.Alerts, "alert"),
		fmt.Sprintf("segments %s done %s waiting", text.Count(b.segments()), text.Count(analysis.Waiting)),
	}
	for _, doing := range []string{s.Doing, analysis.Doing} {
		if doing != "" && parts[len(parts)-1] != doing {
			parts = append(parts, text.Escape(doing))
		}
	}
	return strings.Join(parts, "  ")
}
