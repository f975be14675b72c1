package accuracy_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// distinct gives packets times that rise by a nanosecond at least, so that their
// order by time is the one that they have.
func distinct(p *accuracy.Packets) *accuracy.Packets {
	q := *p
	q.List, q.Err = slices.Clone(p.List), nil
	for i := range q.List[1:] {
		if before := q.List[i].Time; q.List[i+1].Time <= before {
			q.List[i+1].Time = before + 1
		}
	}
	return &q
}

// plainTimes reports whether all packets have times of this age.
func plainTimes(p *accuracy.Packets) bool {
	return !slices.ContainsFunc(p.List, func(q accuracy.Packet) bool { return q.Time < 0 || q.Time > 1<<61 })
}

// shuffled moves each packet by less than 40 ms within the order, which keeps all
// of them within the window.
func shuffled(rng *rand.Rand, p *accuracy.Packets) *accuracy.Packets {
	type moved struct {
		accuracy.Packet
		at int64
	}
	list := make([]moved, len(p.List))
	bytes := 0
	for i, q := range p.List {
		list[i] = moved{q, q.Time + rng.Int64N(int64(40*ms))}
		bytes += len(q.Data) + 256
	}
	if bytes < 1<<20 { // else some would leave the window too early
		slices.SortStableFunc(list, func(a, b moved) int { return int(max(-1, min(1, a.at-b.at))) })
	}
	q := *p
	q.List = nil
	for _, m := range list {
		q.List = append(q.List, m.Packet)
	}
	return &q
}

// rowSet returns the rows as text, sorted: those that end at one instant are in
// the order in which their flows' first packets were read. Numbers that say where
// that was are left out.
func rowSet(t *accuracy.Table) []string {
	rows := make([]string, t.Rows)
	for _, c := range t.Schema.Columns {
		switch c.Name {
		case "first_packet_index", "flow_id", "conn_id", "parent_flow_id":
			continue
		}
		for i := range rows {
			rows[i] += c.Name + " " + t.Show(c.Name, i) + "\n"
		}
	}
	slices.Sort(rows)
	return rows
}

// TestShuffledCaptures holds that packets out of order by less than the window
// give the rows of those in order, whatever the blocks, files and workers.
func TestShuffledCaptures(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	reordered := int64(0)
	loadSample(t, 53, func(t *testing.T, c record, p *accuracy.Packets) {
		if !plainTimes(p) || len(p.List) > 20_000 {
			return
		}
		sorted := distinct(p)
		want, _ := mustRun(t, everything(), sorted)
		mixed := shuffled(rng, sorted)
		for _, workers := range []int{1, 2, 3} {
			cfg := everything()
			cfg.Workers = workers
			mixed.Block = []int{0, 1 + rng.IntN(50), 1 + rng.IntN(1000)}[workers-1]
			if len(mixed.List) > 2000 {
				mixed.Block = 0
			}
			got, r := mustRun(t, cfg, mixed)
			reordered += r.Inputs[0].Reordered
			if a, b := rowSet(want), rowSet(got); !slices.Equal(a, b) {
				t.Errorf("%s, %d workers, blocks of %d: other rows", c["capture"], workers, mixed.Block)
			}
		}
		whole, _ := mustRun(t, everything(), mixed)
		parts, _ := mustRun(t, everything(), cut(rng, mixed, 1+rng.IntN(9))...)
		if err := sameRows(whole, parts, "capture_id", "first_packet_index"); err != nil {
			t.Errorf("%s in parts: %v", c["capture"], err)
		}
	})
	t.Logf("%d packets put in their places", reordered)
}

// TestBackwardCaptures runs the captures whose time goes back, which give the same
// rows for any blocks, files and workers.
func TestBackwardCaptures(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	n, steps, reordered := 0, int64(0), int64(0)
	for i, c := range captures(t) {
		if c.int("backward_steps") == 0 || !sampled(i, 3) || c.int("packets") > 50_000 {
			continue
		}
		p, _ := accuracy.Load(capturePath(t, c["capture"]))
		if len(p.List) == 0 {
			continue
		}
		n++
		p.Err = nil
		want, r := mustRun(t, everything(), p)
		in := &r.Inputs[0]
		steps, reordered = steps+in.ClockSteps, reordered+in.Reordered
		if in.Backward == 0 && in.TimeOutliers == 0 && plainTimes(p) {
			t.Errorf("%s: time goes back %d times, but nothing is counted", c["capture"], c.int("backward_steps"))
		}
		for _, workers := range []int{2, 3} {
			cfg, q := everything(), *p
			cfg.Workers, q.Block = workers, []int{1, 7, 100, 0}[rng.IntN(4)]
			if len(p.List) > 2000 {
				q.Block = 500
			}
			got, _ := mustRun(t, cfg, &q)
			if err := sameRows(want, got); err != nil {
				t.Errorf("%s, %d workers, blocks of %d: %v", c["capture"], workers, q.Block, err)
			}
		}
		got, _ := mustRun(t, everything(), cut(rng, p, 1+rng.IntN(19))...)
		if err := sameRows(want, got, "capture_id", "first_packet_index"); err != nil {
			t.Errorf("%s in parts: %v", c["capture"], err)
		}
	}
	t.Logf("%d captures, %d clock steps, %d packets put in their places", n, steps, reordered)
}

// taps deals the packets out to n parallel captures.
func taps(p *accuracy.Packets, n int) []stages.Input {
	lists := make([]stages.Input, n)
	for i := range lists {
		q := &accuracy.Packets{Interfaces: p.Interfaces, Block: 7 * i}
		for j := i; j < len(p.List); j += n {
			q.List = append(q.List, p.List[j])
		}
		lists[i] = q
	}
	return lists
}

// TestMerge holds that a capture dealt out to parallel taps and merged again gives
// the rows of the whole.
func TestMerge(t *testing.T) {
	loadSample(t, 67, func(t *testing.T, c record, p *accuracy.Packets) {
		if !plainTimes(p) || len(p.List) > 100_000 {
			return
		}
		whole := distinct(p)
		want, _ := mustRun(t, everything(), whole)
		for n := 2; n <= 5; n++ {
			cfg := everything()
			cfg.Merge, cfg.Workers = true, 1+n%3
			got, r := mustRun(t, cfg, taps(whole, n)...)
			if err := sameRows(want, got, "capture_id", "first_packet_index"); err != nil {
				t.Errorf("%s in %d taps: %v", c["capture"], n, err)
			}
			for i := range got.Rows {
				at := got.Int("capture_id", i) + int64(n)*(got.Int("first_packet_index", i)-1)
				if at != want.Int("first_packet_index", i)-1 {
					t.Errorf("%s in %d taps: row %d begins with packet %d, want %d", c["capture"], n, i, at+1, want.Int("first_packet_index", i))
				}
			}
			for i := range r.Inputs {
				if read := int((r.Inputs[i].Accounting.Read.Packets)); read != (len(whole.List)+n-1-i)/n {
					t.Errorf("%s: %d packets read of tap %d of %d", c["capture"], read, i, n)
				}
			}
		}
	})
}

// TestMergeOdd: inputs that are damaged, empty or far off in time end or wait
// alone.
func TestMergeOdd(t *testing.T) {
	a, b := datagram(client, server), datagram(other, server)
	cfg := everything()
	cfg.Merge = true
	broken := errors.New("broken")
	long := &accuracy.Packets{List: many(50, 0, a), Block: 3}
	for i := range long.List {
		long.List[i].Time += int64(i) * int64(time.Second)
	}
	short := &accuracy.Packets{List: []accuracy.Packet{at(500*ms, b), at(1500*ms, b), at(90*365*24*time.Hour, b), at(2500*ms, b)}, Block: 1, Err: broken}
	table, r := mustRun(t, cfg, long, short, &accuracy.Packets{}, accuracy.File("no such file"))
	if table.Rows != 2 || table.Int("fwd_packets", 0)+table.Int("fwd_packets", 1) != 54 {
		t.Errorf("%d rows", table.Rows)
	}
	if in := r.Inputs; in[0].Err != nil || !errors.Is(in[1].Err, broken) || in[2].Err != nil || !in[3].Rejected || in[1].Rejected {
		t.Errorf("errors %v, %v, %v, %v", in[0].Err, in[1].Err, in[2].Err, in[3].Err)
	}
	if in := r.Inputs; in[1].TimeOutliers != 1 || in[0].Late+in[1].Late != 0 || in[0].Accounting.Read.Packets != 50 || in[1].Accounting.Read.Packets != 4 {
		t.Errorf("%d outliers, %d late, %d and %d packets", in[1].TimeOutliers, in[0].Late+in[1].Late, in[0].Accounting.Read.Packets, in[1].Accounting.Read.Packets)
	}
	cfg.Packets = 10
	_, r = mustRun(t, cfg, long, short)
	if in := r.Inputs; in[0].Accounting.Read.Packets != 6 || in[1].Accounting.Read.Packets != 4 || !in[0].Stopped {
		t.Errorf("of 10 packets %d and %d are read, stopped %v, %v", in[0].Accounting.Read.Packets, in[1].Accounting.Read.Packets, in[0].Stopped, in[1].Stopped)
	}
	if _, _, err := accuracy.Run(cfg, make([]stages.Input, stages.MaxTaps+1)...); err == nil {
		t.Error("65 inputs are merged")
	}
	cfg.Inputs = stages.Independent
	if cfg.Validate() == nil {
		t.Error("independent inputs are merged")
	}
}

// TestClockSteps counts how often the clock of a capture was set back, and keeps
// the order of packets across it.
func TestClockSteps(t *testing.T) {
	a := datagram(client, server)
	var list []accuracy.Packet
	for i := range 100 {
		d := time.Duration(i) * 10 * ms
		if i >= 40 {
			d -= 2 * time.Hour
		}
		if i >= 80 {
			d -= 5 * time.Second
		}
		list = append(list, at(d, a))
	}
	list[60], list[61] = list[61], list[60]
	table, r := mustRun(t, everything(), &accuracy.Packets{List: list, Block: 9})
	in := &r.Inputs[0]
	if in.ClockSteps != 2 || in.Reordered != 1 || in.Backward != 3 || in.Late != 60 || in.TimeOutliers != 0 || table.Rows != 1 {
		t.Errorf("%d steps, %d reordered, %d backward, %d late, %d outliers, %d rows", in.ClockSteps, in.Reordered, in.Backward, in.Late, in.TimeOutliers, table.Rows)
	}
}

// TestCenturies lets the clock leap by 136 years, which is as many seconds as fit
// 32 bits, forth once and, unheeded, forth and back all the time.
func TestCenturies(t *testing.T) {
	const far = (1<<32 - 1) * int64(time.Second)
	var list []accuracy.Packet
	add := func(at int64, i int) {
		from := netip.AddrPortFrom(client.Addr(), uint16(1000+i))
		list = append(list, accuracy.Whole(at, datagram(from, server)))
	}
	for i := range 40 {
		add(int64(i)*int64(time.Minute), i)
	}
	for i := range 40 {
		add(far+int64(i), 100+i)
	}
	for i := range 40 { // seconds later
		add(far+int64(time.Hour)+int64(i)*int64(time.Minute), 200+i)
	}
	want, _ := mustRun(t, everything(), &accuracy.Packets{List: list})
	for i := range want.Rows {
		if index := int(want.Int("first_packet_index", i)); index != i+1 {
			t.Errorf("row %d begins with packet %d", i, index)
		}
		if got, late := want.Text("end_reason", i), i >= 118; (got == "idle_timeout") == late {
			t.Errorf("row %d ends by %s", i, got)
		}
	}
	for workers := 1; workers <= 3; workers++ {
		cfg := everything()
		cfg.Workers = workers
		got, _ := mustRun(t, cfg, &accuracy.Packets{List: list, Block: 1})
		if err := sameRows(want, got); err != nil {
			t.Errorf("%d workers: %v", workers, err)
		}
	}
	list = nil
	for i := range 10_000 {
		add(int64(i%2)*far, 0)
	}
	table, r := mustRun(t, everything(), &accuracy.Packets{List: list, Block: 100})
	if in := &r.Inputs[0]; in.TimeOutliers != 4999 || in.ClockSteps != 0 || table.Rows != 2 {
		t.Errorf("%d outliers, %d steps, %d rows", in.TimeOutliers, in.ClockSteps, table.Rows)
	}
}

// mirrored is a capture by a mirror port: a session, of which each packet is
// followed by what the port sees of it a second time.
type mirrored struct {
	list  []accuracy.Packet
	now   time.Duration
	ident uint16 // of the last packet around another
}

func (m *mirrored) add(frame []byte, copies ...[]byte) {
	m.now += ms
	m.list = append(m.list, at(m.now, frame))
	for i, c := range copies {
		m.list = append(m.list, at(m.now+time.Duration(i+1)*20*time.Microsecond, c))
	}
}

// tunnelled puts a frame into VXLAN: each copy has an identification of its own
// outside, as each was sent on its own.
func (m *mirrored) tunnelled(frame []byte, network byte) []byte {
	header := []byte{8, 0, 0, 0, 0, 0, network, 0}
	m.ident++
	return traffic.UDP(netip.MustParseAddrPort("203.0.113.1:50000"), netip.MustParseAddrPort("203.0.113.2:4789"), append(header, frame...), traffic.Ident(m.ident))
}

// segments returns a TCP segment as n places see it: with one hop less each, and
// other MAC addresses.
func segments(v6 bool, id uint16, seq uint32, n int, payload string) (frames [][]byte) {
	from, to := client, server
	if v6 {
		from, to = netip.MustParseAddrPort("[2001:db8::1]:40000"), netip.MustParseAddrPort("[2001:db8::2]:80")
	}
	for i := range n {
		macs := traffic.MACs(traffic.MAC{2, 0, 0, 0, 1, byte(i)}, traffic.MAC{2, 0, 0, 0, 2, byte(i)})
		frames = append(frames, traffic.TCP(from, to, packet.ACK, seq, 1, 500, []byte(payload), traffic.Ident(id), traffic.Hops(uint8(64-i)), macs))
	}
	return frames
}

// TestDuplicates counts the duplicates of captures made up so that their number is
// known, and holds that what was sent twice is none.
func TestDuplicates(t *testing.T) {
	seen := func(frames [][]byte) (first []byte, more [][]byte) { return frames[0], frames[1:] }
	far := func(d time.Duration) func(*mirrored) {
		return func(m *mirrored) {
			f := segments(false, 7, 1, 2, "payload")
			m.list = []accuracy.Packet{at(0, f[0]), at(d, f[1])}
		}
	}
	tagged := func(vlans ...uint16) (frames [][]byte) {
		for _, id := range vlans {
			frames = append(frames, traffic.UDP(client, server, []byte("x"), traffic.Ident(9), traffic.Tagged(id)))
		}
		return frames
	}
	for _, c := range []struct {
		name string
		make func(*mirrored)
		want map[stages.DuplicateKey]int64
	}{
		{"a router's both sides", func(m *mirrored) {
			for i := range 50 {
				first, more := seen(segments(false, uint16(i+1), uint32(i), 3, "payload"))
				m.add(first, more...)
			}
		}, map[stages.DuplicateKey]int64{"ip": 100, "vlan": 100, "frame": 0}},
		{"a switch's both sides", func(m *mirrored) {
			for i := range 50 {
				f := segments(false, uint16(i+1), uint32(i), 1, "payload")[0]
				m.add(f, f)
			}
		}, map[stages.DuplicateKey]int64{"ip": 50, "vlan": 50, "frame": 50}},
		{"two VLANs", func(m *mirrored) {
			f := tagged(10, 20, 10)
			m.add(f[0], f[1], f[2])
		}, map[stages.DuplicateKey]int64{"ip": 2, "vlan": 1, "frame": 1}},
		{"segments sent again have another identification", func(m *mirrored) {
			for i := range 50 {
				m.add(segments(false, uint16(i+1), 1, 1, "the same again")[0])
			}
		}, map[stages.DuplicateKey]int64{}},
		{"the same in two tunnels", func(m *mirrored) {
			for i := range 20 {
				f := segments(false, uint16(i+1), uint32(i), 1, "payload")[0]
				m.add(m.tunnelled(f, 1), m.tunnelled(f, 2))
			}
		}, map[stages.DuplicateKey]int64{"inner": 20}},
		{"the same in a tunnel and bare", func(m *mirrored) {
			for i := range 20 {
				f := segments(false, uint16(i+1), uint32(i), 2, "payload")
				m.add(f[0], m.tunnelled(f[1], 7))
			}
		}, map[stages.DuplicateKey]int64{"inner": 20}},
		{"sent again in the same tunnel", func(m *mirrored) {
			for range 20 {
				m.add(m.tunnelled(segments(true, 0, 1, 1, "payload")[0], 7))
			}
		}, map[stages.DuplicateKey]int64{}},
		{"nothing numbers those of IPv6", func(m *mirrored) {
			for range 50 {
				m.add(segments(true, 0, 1, 1, "the same again")[0])
			}
		}, map[stages.DuplicateKey]int64{}},
		{"nor of IPv4 with identification 0", func(m *mirrored) {
			for range 50 {
				m.add(segments(false, 0, 1, 1, "")[0]) // pure acknowledgements, as for fast retransmission
			}
		}, map[stages.DuplicateKey]int64{}},
		{"but both may be seen elsewhere", func(m *mirrored) {
			for i := range 50 {
				first, more := seen(segments(i%2 == 0, 0, 1, 2, "the same again"))
				m.add(first, more...)
			}
		}, map[stages.DuplicateKey]int64{"ip": 50, "vlan": 50}},
		{"a datagram of IPv6", func(m *mirrored) {
			f := traffic.UDP(netip.MustParseAddrPort("[2001:db8::1]:5353"), netip.MustParseAddrPort("[ff02::fb]:5353"), []byte("query"))
			m.add(f, f)
		}, map[stages.DuplicateKey]int64{"ip": 1, "vlan": 1, "frame": 1}},
		{"another payload", func(m *mirrored) {
			for i := range 50 { // that differs behind the bytes compared
				m.add(traffic.UDP(client, server, append(make([]byte, 1000), byte(i)), traffic.Ident(9)))
			}
		}, map[stages.DuplicateKey]int64{}},
		{"just within the window", far(50 * ms), map[stages.DuplicateKey]int64{"ip": 1, "vlan": 1}},
		{"just outside", far(50*ms + 1), map[stages.DuplicateKey]int64{}},
		{"the second sighting has the earlier time", func(m *mirrored) {
			f := segments(false, 7, 1, 2, "payload")
			m.list = []accuracy.Packet{at(ms, f[0]), at(0, f[1])}
		}, map[stages.DuplicateKey]int64{"ip": 1, "vlan": 1}},
	} {
		var m mirrored
		c.make(&m)
		for _, key := range []stages.DuplicateKey{stages.DuplicateByIP, stages.DuplicateByVLAN, stages.DuplicateByFrame, stages.DuplicateByInner} {
			if _, ok := c.want[stages.DuplicateByInner]; !ok && key == stages.DuplicateByInner {
				c.want[key] = c.want[stages.DuplicateByIP] // where there is no tunnel
			}
			for _, mode := range []stages.DuplicateMode{stages.DuplicatesKeep, stages.DuplicatesMark, stages.DuplicatesDrop} {
				if err := duplicatesOf(t, &m, key, mode, c.want[key]); err != nil {
					t.Errorf("%s, key %s, %s: %v", c.name, key, mode, err)
				}
			}
		}
	}
}

// duplicatesOf compares the duplicates of a run with their number.
func duplicatesOf(t *testing.T, m *mirrored, key stages.DuplicateKey, mode stages.DuplicateMode, want int64) error {
	cfg := everything()
	cfg.Duplicates.Key, cfg.Duplicates.Mode = key, mode
	table, r := mustRun(t, cfg, &accuracy.Packets{List: m.list, Block: 11})
	in := &r.Inputs[0]
	var dropped, marked int64
	switch mode {
	case stages.DuplicatesMark:
		marked = want
	case stages.DuplicatesDrop:
		dropped = want
	}
	if got := in.Accounting.By[packet.Duplicate].Packets; got != dropped {
		return fmt.Errorf("%d packets dropped, want %d", got, dropped)
	}
	if got := sumOuter(table, "duplicate_packets"); got != marked || in.Duplicates != marked {
		return fmt.Errorf("%d packets marked in rows and %d in all, want %d", got, in.Duplicates, marked)
	}
	if got := sumOuter(table, "fwd_packets", "rev_packets"); got != int64(len(m.list))-dropped {
		return fmt.Errorf("%d packets in rows", got)
	}
	return nil
}

// TestDoubledCaptures captures everything twice: with the copies dropped, the rows
// are those of the capture itself, but for packets that it has twice already.
func TestDoubledCaptures(t *testing.T) {
	loadSample(t, 71, func(t *testing.T, c record, p *accuracy.Packets) {
		if !plainTimes(p) || len(p.List) > 20_000 {
			return
		}
		cfg := everything()
		cfg.Duplicates.Mode, cfg.Duplicates.Window = stages.DuplicatesDrop, time.Second
		whole := distinct(p)
		alone, r := mustRun(t, cfg, whole)
		copied := *whole
		cfg.Merge = true // by another input: also where nothing numbers packets
		got, r2 := mustRun(t, cfg, whole, &copied)
		before, after := &r.Accounting, &r2.Accounting
		if alone.Rows != got.Rows || before.By[packet.InFlow] != after.By[packet.InFlow] {
			t.Errorf("%s: %d rows with %d packets, alone %d with %d", c["capture"], got.Rows, after.By[packet.InFlow].Packets, alone.Rows, before.By[packet.InFlow].Packets)
		}
		if before.By[packet.FragmentUnresolved].Packets+before.By[packet.MalformedL3].Packets > 0 {
			return // fragments without a flow are looked at too
		}
		if want := before.By[packet.InFlow].Packets + 2*before.By[packet.Duplicate].Packets; after.By[packet.Duplicate].Packets != want {
			t.Errorf("%s: %d duplicates, want %d", c["capture"], after.By[packet.Duplicate].Packets, want)
		}
	})
}

// TestIndependentDuplicates: what one capture has seen is no duplicate in an
// unrelated one.
func TestIndependentDuplicates(t *testing.T) {
	f := segments(false, 7, 1, 1, "payload")[0]
	one := &accuracy.Packets{List: []accuracy.Packet{at(0, f)}}
	for mode, want := range map[stages.InputMode]int64{stages.Sequence: 1, stages.Independent: 0} {
		cfg := everything()
		cfg.Inputs, cfg.Duplicates.Mode = mode, stages.DuplicatesDrop
		if _, r := mustRun(t, cfg, one, one); r.Accounting.By[packet.Duplicate].Packets != want {
			t.Errorf("%s: %d duplicates, want %d", mode, r.Accounting.By[packet.Duplicate].Packets, want)
		}
	}
}
