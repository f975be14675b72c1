package accuracy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/stages"
)

// byOffset are the rows of a table of windows as text, by how much later than a multiple of
// their length the windows begin; in the order of the table.
func byOffset(table *accuracy.Table, late time.Duration) map[int64][]string {
	rows := map[int64][]string{}
	for i := range table.Rows {
		start, length := table.Int("window_start_ns", i)+int64(late), table.Int("window_ns", i)
		row := []string{fmt.Sprint(start)}
		for _, c := range table.Schema.Columns {
			switch c.Name {
			case "window_start_ns", "window_start", "hour_of_week": // which move with the capture
			case "first_start_ns", "last_start_ns": // too
				if !table.Null(c.Name, i) {
					row = append(row, fmt.Sprint(c.Name, "=", table.Int(c.Name, i)+int64(late)))
				}
			default:
				row = append(row, c.Name+"="+table.Show(c.Name, i))
			}
		}
		offset := (start%length + length) % length
		rows[offset] = append(rows[offset], strings.Join(row, " "))
	}
	return rows
}

// earlier is a capture so much earlier.
func earlier(p *accuracy.Packets, by time.Duration) *accuracy.Packets {
	early := *p
	early.List = slices.Clone(p.List)
	for i := range early.List {
		early.List[i].Time -= int64(by)
	}
	return &early
}

// hopByShifts computes a run of windows that overlap from runs of windows that do not: of
// the capture moved by each offset.
func hopByShifts(t *testing.T, cfg stages.Config, p *accuracy.Packets) map[string]map[int64][]string {
	t.Helper()
	want := map[string]map[int64][]string{"hosts": {}, "pairs": {}}
	n := int64(cfg.Window / cfg.Hop)
	cfg.WindowMemory = batchesOfWindows + (cfg.WindowMemory-batchesOfWindows)/n
	hop := cfg.Hop
	cfg.Hop = 0
	for k := range n {
		late := time.Duration(k) * hop
		tables, _ := runWindows(t, cfg, earlier(p, late))
		for name := range want {
			for offset, rows := range byOffset(tables[name], late) {
				want[name][offset] = rows
			}
		}
	}
	return want
}

// batchesOfWindows is the part of the windows' memory that is the same for any number of
// offsets.
const batchesOfWindows = 8 << 20

// sameHop checks the tables of a run against those by shifts. Rows of windows that came
// whole are in the order of their begin.
func sameHop(t *testing.T, what string, tables accuracy.Tables, want map[string]map[int64][]string) {
	t.Helper()
	for name := range want {
		got := byOffset(tables[name], 0)
		if len(got) != len(want[name]) {
			t.Errorf("%s: %s: %d offsets, want %d", what, name, len(got), len(want[name]))
		}
		for offset, rows := range want[name] {
			if len(got[offset]) != len(rows) {
				t.Fatalf("%s: %s at offset %v: %d rows, want %d", what, name, time.Duration(offset), len(got[offset]), len(rows))
			}
			for i, row := range rows {
				if got[offset][i] != row {
					t.Fatalf("%s: %s at offset %v, row %d:\n%s\nwant\n%s", what, name, time.Duration(offset), i, got[offset][i], row)
				}
			}
		}
		last := int64(-1 << 63)
		for i := range tables[name].Rows {
			if tables[name].Int("part_no", i) > 0 {
				continue
			}
			start := tables[name].Int("window_start_ns", i)
			if start < last {
				t.Fatalf("%s: %s: row %d is of a window before that of the row before", what, name, i)
			}
			last = start
			begin := time.Unix(0, start).UTC()
			if hour := int64(begin.Weekday()+6)%7*24 + int64(begin.Hour()); name == "hosts" && tables[name].Int("hour_of_week", i) != hour {
				t.Errorf("%s: hour_of_week of %v is not %d", what, begin, hour)
			}
		}
	}
}

// TestHopsAgainstShiftedRuns: windows that overlap are those of runs without overlap over
// captures moved by each offset, with memory to spare or short, with flows that are never
// cut, under Zeek's rules; for any number of workers, any blocks and files.
func TestHopsAgainstShiftedRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	parts, rows := int64(0), 0
	hops := func(t *testing.T, what string, p *accuracy.Packets) {
		cfg := windowed([]time.Duration{6 * time.Second, time.Minute, 10 * time.Minute}[rng.IntN(3)])
		n := []int64{2, 3, 6}[rng.IntN(3)]
		cfg.Hop = cfg.Window / time.Duration(n)
		if what == "scan" || rng.IntN(2) == 0 {
			cfg.WindowMemory = batchesOfWindows + n*(60<<10)
		}
		cfg.Timeouts.Active = []time.Duration{0, 2 * time.Second, 30 * time.Minute}[rng.IntN(3)]
		cfg.Timeouts.Zeek = rng.IntN(4) == 0
		if rng.IntN(4) == 0 {
			cfg.Windows = []string{"hosts", "pairs", "slots"}
		}
		what = fmt.Sprintf("%s: %v of %v", what, cfg.Hop, cfg.Window)
		want := hopByShifts(t, cfg, p)
		for _, workers := range []int{1, 2, 7} {
			in := *p
			cfg.Workers, in.Block = workers, []int{3, 50, 1000}[rng.IntN(3)]
			got, r := runWindows(t, cfg, &in)
			sameHop(t, fmt.Sprintf("%s, %d workers", what, workers), got, want)
			parts, rows = parts+r.WindowParts, rows+got["hosts"].Rows
			got, _ = runWindows(t, cfg, cut(rng, p, workers)...)
			sameHop(t, fmt.Sprintf("%s, in files, %d workers", what, workers), got, want)
		}
	}
	hops(t, "scan", scan(rng, 10_000))
	mix, _ := rough(t, 0.002)
	for range 3 {
		hops(t, "all protocols", mix)
	}
	loadSample(t, 97, func(t *testing.T, c record, p *accuracy.Packets) {
		if p.Err = nil; len(p.List) <= 50_000 && plainTimes(p) {
			hops(t, c["capture"], p)
		}
	})
	if parts == 0 || rows == 0 {
		t.Errorf("%d parts, %d rows: nothing was tried", parts, rows)
	}
}
