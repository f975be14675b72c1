package metrics

import (
	"maps"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"pcapmill/cmd/watch"
	"pcapmill/model/drift"
)

// Sums are what the analysis has counted since it began, and how it is now.
type Sums struct {
	Packets, CapturedBytes, WireBytes    int64 // read from segments
	KernelDrops, Freezes, InterfaceDrops int64 // that the ledger of capture says of these segments

	Segments map[string]int64 // by outcome: committed, damaged, lost
	Rows     map[string]int64 // by table

	OpenFlows int64
	Waiting   int64         // segments that are there and not committed
	Behind    time.Duration // from the end of the newest segment to that of the last committed
	Clock     int64         // packet clock, ns since 1970; 0: no packet yet

	Checkpoints       int64
	CheckpointBytes   int64 // of the last one's state
	CheckpointWritten int64 // of it, bytes that were new
	CheckpointTook    time.Duration
}

// Store has what metrics show.
type Store struct {
	build  [][2]string // names and values of labels of the build
	began  time.Time
	totals func() watch.Totals // may be nil

	mu   sync.Mutex
	sums Sums
}

// NewStore begins a Store. build are labels such as version and go; totals are those of a
// Watch, nil where nothing is looked for.
func NewStore(build [][2]string, began time.Time, totals func() watch.Totals) *Store {
	return &Store{build: build, began: began, totals: totals, sums: Sums{Segments: map[string]int64{}, Rows: map[string]int64{}}}
}

// Change changes the sums. It must not wait for anything.
func (s *Store) Change(by func(*Sums)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	by(&s.sums)
}

// copied returns the sums as they are.
func (s *Store) copied() Sums {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.sums
	c.Segments, c.Rows = maps.Clone(c.Segments), maps.Clone(c.Rows)
	return c
}

// Exposition is all metrics as text.
func (s *Store) Exposition() string {
	var w Writer
	c := s.copied()
	s.traffic(&w, &c)
	s.state(&w, &c)
	if s.totals != nil {
		t := s.totals()
		found(&w, &t)
	}
	s.process(&w)
	return w.String()
}

func (s *Store) traffic(w *Writer, c *Sums) {
	w.Counter("pcapmill_packets_total", "Packets read from segments.").Int(c.Packets)
	w.Counter("pcapmill_captured_bytes_total", "Bytes of packets that segments have.").Int(c.CapturedBytes)
	w.Counter("pcapmill_wire_bytes_total", "Bytes of packets on the wire.").Int(c.WireBytes)
	w.Counter("pcapmill_kernel_drops_total", "Packets that the ring had no room for.").Int(c.KernelDrops)
	w.Counter("pcapmill_ring_freezes_total", "Times that the ring was full.").Int(c.Freezes)
	w.Counter("pcapmill_interface_drops_total", "Packets that the interface dropped.").Int(c.InterfaceDrops)
	labelled(w.Counter("pcapmill_segments_total", "Segments by what became of them."), "outcome", c.Segments)
	labelled(w.Counter("pcapmill_rows_total", "Rows written, by table."), "table", c.Rows)
}

// labelled adds a sample for each key, ascending.
func labelled(f Family, name string, of map[string]int64) {
	for _, key := range slices.Sorted(maps.Keys(of)) {
		f.Int(of[key], Label{name, key})
	}
}

func (s *Store) state(w *Writer, c *Sums) {
	w.Gauge("pcapmill_open_flows", "Flows that are open.").Int(c.OpenFlows)
	w.Gauge("pcapmill_segments_waiting", "Segments that are there and not committed.").Int(c.Waiting)
	w.Gauge("pcapmill_behind_seconds", "From the end of the last segment that was committed to that of the newest.").Add(c.Behind.Seconds())
	if c.Clock != 0 {
		w.Gauge("pcapmill_packet_clock_seconds", "Packet time that has been reached, since 1970.").Add(float64(c.Clock) / 1e9)
	}
	w.Counter("pcapmill_checkpoints_total", "Checkpoints written.").Int(c.Checkpoints)
	w.Gauge("pcapmill_checkpoint_bytes", "State in the last checkpoint.").Int(c.CheckpointBytes)
	w.Gauge("pcapmill_checkpoint_written_bytes", "Of it, what was new and written.").Int(c.CheckpointWritten)
	w.Gauge("pcapmill_checkpoint_seconds", "What the last checkpoint took.").Add(c.CheckpointTook.Seconds())
}

func found(w *Writer, t *watch.Totals) {
	alerts := w.Counter("pcapmill_alerts_total", "Alerts written, by severity.")
	for s := drift.Low; s <= drift.Critical; s++ {
		alerts.Int(t.Alerts[s], Label{"severity", s.String()})
	}
	w.Counter("pcapmill_alerts_known_total", "Alerts that had been told, and were not written.").Int(t.Known)
	windows := w.Counter("pcapmill_windows_total", "Stretches of windows by what became of them.")
	windows.Int(t.Windows, Label{"outcome", "judged"}).Int(t.LeftOut, Label{"outcome", "left_out"})
	w.Counter("pcapmill_windows_late_total", "Windows of which rows came when they had been judged.").Int(t.Late)
	w.Gauge("pcapmill_rules_late_rows", "Rows that came for windows of rules that were over, since rules were loaded.").Int(t.RulesLate)
	w.Gauge("pcapmill_rules_left_out", "Rows, events and alerts of rules that had no room, since rules were loaded.").Int(t.RulesNoRoom)
	w.Counter("pcapmill_watch_failures_total", "Tables and baselines that could not be read.").Int(t.Failures)
	w.Counter("pcapmill_watch_forgotten_segments_total", "Segments forgotten for lack of room.").Int(t.Forgotten)
	w.Counter("pcapmill_reloads_total", "Times that baseline and rules were loaded again.").Int(t.Reloads)
}

func (s *Store) process(w *Writer) {
	w.Gauge("pcapmill_memory_bytes", "What the Go runtime holds of the system's memory.").Int(memory())
	states(w.Gauge("pcapmill_heap_bytes", "Of the heap: objects, room between them, pages that are free and not given back."))
	w.Gauge("pcapmill_goroutines", "Goroutines.").Int(int64(runtime.NumGoroutine()))
	w.Gauge("pcapmill_start_time_seconds", "When the process began, since 1970.").Add(float64(s.began.UnixNano()) / 1e9)
	var labels []Label
	for _, l := range s.build {
		labels = append(labels, Label{l[0], l[1]})
	}
	w.Gauge("pcapmill_build_info", "1, with what the build is as labels.").Int(1, labels...)
}

func memory() int64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return int64(m[0].Value.Uint64() - m[1].Value.Uint64())
}

// heapStates are the runtime's names of what the heap's memory is used for.
var heapStates = [...]string{"free", "objects", "unused"}

// states adds a sample for each use of the heap.
func states(f Family) {
	var m [len(heapStates)]metrics.Sample
	for i, state := range heapStates {
		m[i].Name = "/memory/classes/heap/" + state + ":bytes"
	}
	metrics.Read(m[:])
	for i, state := range heapStates {
		f.Int(int64(m[i].Value.Uint64()), Label{"state", state})
	}
}
