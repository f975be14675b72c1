package accuracy_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// everything are the defaults with all feature groups.
func everything() stages.Config {
	cfg := stages.DefaultConfig()
	cfg.Features = []string{"all"}
	cfg.Workers = 1
	return cfg
}

func mustRun(t testing.TB, cfg stages.Config, inputs ...stages.Input) (*accuracy.Table, *stages.Result) {
	t.Helper()
	table, r, err := accuracy.Run(cfg, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Failed() {
		t.Errorf("%s: %s", f.Name, f.Detail)
	}
	return table, r
}

// loadSample calls do for one capture in every, and for all of them under
// PCAPMILL_ACCEPT=1.
func loadSample(t *testing.T, every int, do func(t *testing.T, c record, p *accuracy.Packets)) {
	for i, c := range captures(t) {
		if !sampled(i, every) {
			continue
		}
		p, _ := accuracy.Load(capturePath(t, c["capture"])) // what was read before an error counts
		if len(p.List) > 0 {
			do(t, c, p)
		}
	}
}

// sameRows reports the first column in which two tables differ, those named left
// out.
func sameRows(a, b *accuracy.Table, except ...string) error {
	if a.Rows != b.Rows {
		return fmt.Errorf("%d and %d rows", a.Rows, b.Rows)
	}
	if a.Rows == 0 {
		return nil
	}
	for i := range a.Vectors {
		name := a.Schema.Columns[i].Name
		if slices.Contains(except, name) || sameVector(&a.Vectors[i], &b.Vectors[i]) {
			continue
		}
		for row := range a.Rows {
			if x, y := a.Show(name, row), b.Show(name, row); x != y {
				return fmt.Errorf("row %d (flow_id %d, %s > %s): %s is %s and %s", row, a.Int("flow_id", row), a.Text("src_ip", row), a.Text("dst_ip", row), name, x, y)
			}
		}
		// Where batches end decides which dictionary a word is in, not what rows say.
	}
	return nil
}

func sameVector(a, b *batch.Vector) bool {
	return slices.Equal(a.Int64, b.Int64) && slices.Equal(a.Int32, b.Int32) && slices.Equal(a.Float64, b.Float64) &&
		slices.Equal(a.Codes, b.Codes) && bytes.Equal(a.Bytes, b.Bytes) && slices.Equal(a.Offsets, b.Offsets) &&
		bytes.Equal(a.Valid, b.Valid) && reflect.DeepEqual(a.Dict, b.Dict)
}

// TestDeterminism holds that neither shards nor blocks nor the keys of the hash
// tables, which are other ones in each run, show in a table.
func TestDeterminism(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	loadSample(t, 89, func(t *testing.T, c record, p *accuracy.Packets) {
		for _, zeek := range []bool{false, true} {
			cfg := everything()
			cfg.Timeouts.Zeek = zeek
			want, _ := mustRun(t, cfg, p)
			for _, workers := range []int{[]int{1, 2}[rng.IntN(2)], []int{3, 8}[rng.IntN(2)]} {
				in := *p
				cfg.Workers, in.Block = workers, []int{1, 7, 1000}[rng.IntN(3)]
				if in.Block == 1 && len(p.List) > 5000 {
					in.Block = 50
				}
				got, _ := mustRun(t, cfg, &in)
				if got.Hash() != want.Hash() {
					t.Errorf("%s: zeek %v, %d workers, blocks of %d: %v", c["capture"], zeek, workers, in.Block, sameRows(want, got))
				}
			}
		}
	})
}

func TestDeterminismProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	loadSample(t, 199, func(t *testing.T, c record, p *accuracy.Packets) {
		want, _ := mustRun(t, everything(), p)
		for _, procs := range []int{1, 2} {
			runtime.GOMAXPROCS(procs)
			cfg := everything()
			cfg.Workers = 3
			got, _ := mustRun(t, cfg, accuracy.File(capturePath(t, c["capture"])))
			if got.Hash() != want.Hash() {
				t.Errorf("%s: %d processors: %v", c["capture"], procs, sameRows(want, got))
			}
		}
	})
}

// cut splits a capture at n random packet boundaries, empty files included.
func cut(rng *rand.Rand, p *accuracy.Packets, n int) []stages.Input {
	places := []int{0, len(p.List)}
	for range n {
		places = append(places, rng.IntN(len(p.List)+1))
	}
	slices.Sort(places)
	var parts []stages.Input
	for i := range len(places) - 1 {
		parts = append(parts, &accuracy.Packets{List: p.List[places[i]:places[i+1]], Interfaces: p.Interfaces})
	}
	return parts
}

func TestCutInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	shifts := []time.Duration{10 * time.Minute, -10 * time.Minute, 30 * time.Hour, -30 * time.Hour}
	loadSample(t, 89, func(t *testing.T, c record, p *accuracy.Packets) {
		p.Err = nil
		for _, shift := range []time.Duration{0, shifts[rng.IntN(len(shifts))]} {
			moved := *p
			moved.List = slices.Clone(p.List)
			half := len(p.List) / 2
			for i := range moved.List[half:] {
				if at := &moved.List[half+i].Time; *at != packet.NoTime && *at < 1<<61 && *at > -1<<61 {
					*at += int64(shift)
				}
			}
			want, _ := mustRun(t, everything(), &moved)
			parts := cut(rng, &moved, 1+rng.IntN(19))
			if shift != 0 { // a cut just where the clock jumps
				a, b := moved, moved
				a.List, b.List = moved.List[:half], moved.List[half:]
				parts = []stages.Input{&a, &b}
			}
			got, _ := mustRun(t, everything(), parts...)
			if err := sameRows(want, got, "capture_id", "first_packet_index"); err != nil {
				t.Errorf("%s in %d parts, second half moved by %v: %v", c["capture"], len(parts), shift, err)
			}
		}
	})
}

// encoded is a capture file in memory as an input.
type encoded []byte

func (e encoded) Open(context.Context) (stages.Source, error) {
	return capfile.NewReader(bytes.NewReader(e), capfile.DefaultConfig())
}

func (encoded) Close(*stages.InputSummary) error { return nil }

// encode writes packets as a pcapng file with all interfaces, or as a classic one.
// It reports false where the format cannot hold them.
func encode(p *accuracy.Packets, list []accuracy.Packet, classic bool) (encoded, bool) {
	var buf bytes.Buffer
	if classic {
		cfg := capfile.DefaultPcapConfig()
		cfg.Link = p.Interfaces[0].Link
		w, err := capfile.NewPcapWriter(&buf, cfg)
		for i := 0; i < len(list) && err == nil; i++ {
			err = w.WritePacket(list[i].Time, list[i].Wire, list[i].Data)
		}
		ok := err == nil && w.Close() == nil && len(p.Interfaces) == 1
		return buf.Bytes(), ok
	}
	w, err := capfile.NewPcapngWriter(&buf, capfile.PcapngConfig{})
	for i := 0; i < len(p.Interfaces) && err == nil; i++ {
		_, err = w.AddInterface(capfile.DefaultInterface(p.Interfaces[i].Link))
	}
	for i := 0; i < len(list) && err == nil; i++ {
		err = w.WritePacket(int(list[i].Interface), list[i].Time, list[i].Wire, list[i].Data)
	}
	ok := err == nil && w.Close() == nil
	return buf.Bytes(), ok
}

func TestCutIntoFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	files, several := 0, 0
	loadSample(t, 67, func(t *testing.T, c record, p *accuracy.Packets) {
		p.Err = nil
		want, _ := mustRun(t, everything(), p)
		var inputs []stages.Input
		for i, part := range cut(rng, p, 1+rng.IntN(19)) {
			data, ok := encode(p, part.(*accuracy.Packets).List, i%2 == 1 && len(p.Interfaces) == 1)
			if !ok || slices.ContainsFunc(p.Interfaces, func(f packet.Interface) bool { return f.Note != "" }) {
				return // a time or an interface that the writers refuse
			}
			inputs = append(inputs, data)
		}
		files++
		if len(p.Interfaces) > 1 {
			several++
		}
		got, _ := mustRun(t, everything(), inputs...)
		if err := sameRows(want, got, "capture_id", "first_packet_index"); err != nil {
			t.Errorf("%s in %d files: %v", c["capture"], len(inputs), err)
		}
	})
	t.Logf("%d captures cut into files, %d of them with several interfaces", files, several)
}

func TestIndependentInputs(t *testing.T) {
	var inputs []stages.Input
	var apart []*accuracy.Table
	loadSample(t, 61, func(t *testing.T, c record, p *accuracy.Packets) {
		inputs = append(inputs, p)
		table, _ := mustRun(t, everything(), p)
		apart = append(apart, table)
	})
	cfg := everything()
	cfg.Inputs, cfg.Workers = stages.Independent, 3
	together, _ := mustRun(t, cfg, inputs...)
	row := 0
	for i, one := range apart {
		for r := range one.Rows {
			if row >= together.Rows {
				t.Fatalf("%d rows, want more", together.Rows)
			}
			if got := together.Int("capture_id", row); got != int64(i) {
				t.Fatalf("row %d: capture_id %d, want %d", row, got, i)
			}
			for _, col := range one.Schema.Columns {
				if x, y := one.Show(col.Name, r), together.Show(col.Name, row); x != y && col.Name != "capture_id" {
					t.Fatalf("capture %d row %d: %s is %s alone and %s together", i, r, col.Name, x, y)
				}
			}
			row++
		}
	}
	if row != together.Rows {
		t.Errorf("%d rows together, %d apart", together.Rows, row)
	}
}

func TestPacketLimit(t *testing.T) {
	loadSample(t, 211, func(t *testing.T, c record, p *accuracy.Packets) {
		for _, n := range []int{1, len(p.List)/2 + 1, len(p.List), len(p.List) + 1} {
			cfg := everything()
			first := *p
			first.List = p.List[:min(n, len(p.List))]
			want, _ := mustRun(t, cfg, &first)
			cfg.Packets = int64(n)
			in := *p
			in.Block = 10
			got, r := mustRun(t, cfg, &in, p)
			if n <= len(p.List) {
				if err := sameRows(want, got); err != nil {
					t.Errorf("%s, %d packets: %v", c["capture"], n, err)
				}
			}
			if read := r.Accounting.Read.Packets; read != int64(min(n, 2*len(p.List))) {
				t.Errorf("%s: read %d packets of %d asked for", c["capture"], read, n)
			}
			if n < len(p.List) && (!r.Inputs[0].Stopped || !r.Inputs[1].Skipped) {
				t.Errorf("%s: stopped %v, skipped %v", c["capture"], r.Inputs[0].Stopped, r.Inputs[1].Skipped)
			}
		}
	})
}

func TestTimeRange(t *testing.T) {
	loadSample(t, 41, func(t *testing.T, c record, p *accuracy.Packets) {
		if c.int("backward_steps") > 0 || len(p.List) < 3 || slices.ContainsFunc(p.List, func(q accuracy.Packet) bool { return q.Time == packet.NoTime }) {
			return
		}
		cfg := everything()
		cfg.From, cfg.To = p.List[len(p.List)/4].Time, p.List[len(p.List)*3/4].Time
		if cfg.From >= cfg.To {
			return
		}
		within := *p
		within.List = nil
		for _, q := range p.List {
			if q.Time >= cfg.From && q.Time < cfg.To {
				within.List = append(within.List, q)
			}
		}
		want, _ := mustRun(t, everything(), &within)
		got, r := mustRun(t, cfg, p)
		except := []string{"first_packet_index"}
		if c.int("ip_fragments") > 0 { // a flow that begins with one is told apart by its packet's number
			except = append(except, "flow_id", "conn_id")
		}
		if err := sameRows(want, got, except...); err != nil {
			t.Errorf("%s: %v", c["capture"], err)
		}
		if f := r.Accounting.By[packet.Filtered].Packets; f != int64(len(p.List)-len(within.List)) {
			t.Errorf("%s: %d packets filtered, want %d", c["capture"], f, len(p.List)-len(within.List))
		}
	})
}

// TestRows holds what must be true of any table.
func TestRows(t *testing.T) {
	loadSample(t, 19, func(t *testing.T, c record, p *accuracy.Packets) {
		table, _ := mustRun(t, everything(), p)
		ids := map[int64]int{}
		pieces := map[[2]int64]bool{}
		for i := range table.Rows {
			if other, seen := ids[table.Int("flow_id", i)]; seen {
				t.Errorf("%s: rows %d and %d share a flow_id", c["capture"], other, i)
			}
			ids[table.Int("flow_id", i)] = i
			piece := [2]int64{table.Int("conn_id", i), table.Int("piece_no", i)}
			if pieces[piece] || piece[1] == 0 && piece[0] != table.Int("flow_id", i) {
				t.Errorf("%s: row %d: piece %d of connection %d again, or not named after its first", c["capture"], i, piece[1], piece[0])
			}
			pieces[piece] = true
		}
		for _, col := range table.Schema.Columns {
			if col.Name == "first_iats_ns" || col.Role == column.Time || col.Name == "producer_consumer_ratio" || col.Name == "flow_id" {
				continue
			}
			v := &table.Vectors[table.Schema.Index(col.Name)]
			negative := slices.ContainsFunc(v.Int64, func(x int64) bool { return x < 0 }) ||
				slices.ContainsFunc(v.Int32, func(x int32) bool { return x < 0 }) ||
				slices.ContainsFunc(v.Float64, func(x float64) bool { return x < 0 })
			if negative {
				t.Errorf("%s: %s has negative values", c["capture"], col.Name)
			}
		}
	})
}

// TestRowOrder recomputes each row's close instant from its columns and compares
// the order, in captures whose clock never goes back.
func TestRowOrder(t *testing.T) {
	cfg := everything()
	loadSample(t, 19, func(t *testing.T, c record, p *accuracy.Packets) {
		if c.int("backward_steps") > 0 || p.Err != nil || slices.ContainsFunc(p.List, func(q accuracy.Packet) bool { return q.Time == packet.NoTime }) {
			return
		}
		table, r := mustRun(t, cfg, p)
		if r.Inputs[0].TimeOutliers > 0 {
			return
		}
		end := p.List[len(p.List)-1].Time
		began := map[tuple][]int64{} // starts of all rows of a key
		for i := range table.Rows {
			k, _ := rowTuple(table, i)
			began[k] = append(began[k], table.Int("start_ns", i))
		}
		var lastClose, lastIndex int64
		for i := range table.Rows {
			k, _ := rowTuple(table, i)
			closed := closeInstant(&cfg, table, i, end, began[k])
			index := table.Int("first_packet_index", i)*16 + table.Int("tunnel_depth", i)
			if i > 0 && (closed < lastClose || closed == lastClose && index <= lastIndex) {
				t.Errorf("%s: row %d (%s, close %d, packet %d) after row with close %d, packet %d", c["capture"], i, table.Text("end_reason", i), closed, index, lastClose, lastIndex)
			}
			lastClose, lastIndex = closed, index
		}
	})
}

// closeInstant is the design's rule: the clock of the closing packet, or last
// plus timeout, at most the end of the capture.
func closeInstant(cfg *stages.Config, t *accuracy.Table, i int, end int64, began []int64) int64 {
	last := t.Int("end_ns", i) + waited(cfg, t, i)
	switch t.Text("end_reason", i) {
	case "tcp_closed", "tcp_reset":
		return min(end, last+int64(cfg.Timeouts.TCPClosed))
	case "idle_timeout":
		switch {
		case t.Int("protocol", i) == packet.ProtoTCP && !t.Null("src_port", i):
			return last + int64(cfg.Timeouts.TCPIdle)
		case t.Int("protocol", i) == packet.ProtoUDP && !t.Null("src_port", i):
			return last + int64(cfg.Timeouts.UDPIdle)
		}
		return last + int64(cfg.Timeouts.OtherIdle)
	case "active_timeout", "ports_reused":
		next := end
		for _, b := range began {
			if b > t.Int("start_ns", i) && b >= last {
				next = min(next, b)
			}
		}
		return next
	}
	return end
}

// waited is for how long the only packet of a flow waited for the rest of its datagram, which
// never came; nothing of flows of more packets. It counts from then on.
func waited(cfg *stages.Config, t *accuracy.Table, i int) int64 {
	if t.Int("quality_bits", i)&int64(packet.Unresolved) == 0 || t.Int("fwd_packets", i)+t.Int("rev_packets", i) > 1 {
		return 0
	}
	if t.Int("ip_version", i) == 6 {
		return int64(cfg.Fragments.IPv6)
	}
	return int64(cfg.Fragments.IPv4)
}
