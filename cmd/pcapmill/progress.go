package main

import (
	"fmt"
	"os"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// meter redraws one line on a terminal while a run goes on. Elsewhere it does
// nothing.
type meter struct {
	out      *os.File
	progress *stages.Progress
	enabled  bool
	began    time.Time
	total    atomic.Int64 // bytes to read; 0 where unknown
	quit     chan struct{}
	done     sync.WaitGroup
}

const redrawEvery = 250 * time.Millisecond

func newMeter(out *os.File, progress *stages.Progress, wanted bool) *meter {
	_, terminal := terminalWidth(out)
	return &meter{out: out, progress: progress, enabled: wanted && terminal, quit: make(chan struct{})}
}

// start begins drawing; total is the stored size of all inputs.
func (m *meter) start(total int64) {
	if !m.enabled {
		return
	}
	m.began = time.Now()
	m.total.Store(total)
	m.done.Go(func() {
		tick := time.NewTicker(redrawEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				m.draw(m.line(time.Since(m.began)))
			case <-m.quit:
				m.draw("")
				return
			}
		}
	})
}

// stop ends drawing and clears the line.
func (m *meter) stop() {
	close(m.quit)
	m.done.Wait()
}

// draw replaces the line, cut to the terminal's width.
func (m *meter) draw(line string) {
	width, _ := terminalWidth(m.out)
	if r := []rune(line); len(r) > width-1 && width > 1 {
		line = string(r[:width-1])
	}
	fmt.Fprintf(m.out, "\r\x1b[K%s", line)
}

func (m *meter) line(elapsed time.Duration) string {
	p := m.progress
	bytes, packets := p.Bytes.Load(), p.Packets.Load()
	seconds := max(elapsed.Seconds(), 1e-3)
	parts := []string{
		size(bytes), text.Count(packets) + " packets", text.Count(int64(float64(packets)/seconds)) + "/s",
		text.Count(p.Live.Load()) + " open flows", text.Count(p.Rows.Load()) + " written", size(memory()) + " memory",
	}
	if left := remaining(bytes, m.total.Load(), elapsed); left > 0 {
		parts = append(parts, left.String()+" left")
	}
	return strings.Join(parts, "  ")
}

// remaining estimates the time to go; 0 where it cannot be known, as with
// compressed inputs, which hold more than their size.
func remaining(read, total int64, elapsed time.Duration) time.Duration {
	if total <= 0 || read <= 0 || read > total {
		return 0
	}
	return time.Duration(float64(elapsed) * float64(total-read) / float64(read)).Round(time.Second)
}

// memory returns what the Go runtime holds of the system's memory, in bytes.
func memory() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}
