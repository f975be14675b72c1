package accuracy_test

import (
	"net/netip"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// base is the time of the first packet in synthetic captures: 2023-11-14.
const base int64 = 1_700_000_000_000_000_000

var (
	client = netip.MustParseAddrPort("192.0.2.10:40000")
	server = netip.MustParseAddrPort("198.51.100.20:80")
	other  = netip.MustParseAddrPort("192.0.2.11:41000")
)

// at returns a packet at base plus d.
func at(d time.Duration, frame []byte) accuracy.Packet { return accuracy.Whole(base+int64(d), frame) }

// datagram is a UDP packet from a to b.
func datagram(a, b netip.AddrPort) []byte { return traffic.UDP(a, b, []byte("x")) }

// TestPacketClock holds the rules for the packet clock where packets keep their
// order: it is the running maximum of packet time, and a step of more than an hour
// must not be contradicted by the 16 packets read next.
func TestPacketClock(t *testing.T) {
	const ahead = 48 * time.Hour
	a, b := datagram(client, server), datagram(other, server)
	for _, c := range []struct {
		name           string
		list           []accuracy.Packet
		rows           int
		outliers, late int64
	}{
		{"a packet far ahead ends no flow", []accuracy.Packet{at(0, a), at(ahead, b), at(time.Second, a), at(2*time.Second, a)}, 2, 1, 0},
		{"not even at the start", []accuracy.Packet{at(0, a), at(ahead, a), at(time.Second, a)}, 1, 1, 0},
		{"two in a row are believed", []accuracy.Packet{at(0, a), at(ahead, b), at(ahead+time.Second, a)}, 3, 0, 0},
		{"so is the last packet", []accuracy.Packet{at(0, a), at(ahead, a)}, 2, 0, 0},
		{"and a step of an hour at most", []accuracy.Packet{at(0, a), at(time.Hour, b), at(time.Minute, a)}, 3, 0, 1},
		{"packets before the clock belong to their flow", []accuracy.Packet{at(0, a), at(10*time.Second, b), at(-time.Hour, a), at(11*time.Second, a)}, 2, 0, 1},
		{"time that goes back does not come again", []accuracy.Packet{at(0, a), at(-2*time.Hour, a), at(-2*time.Hour+time.Minute, a), at(-2*time.Hour+2*time.Minute, a)}, 1, 0, 3},
		{"a time no clock can have", []accuracy.Packet{at(0, a), accuracy.Whole(1<<62, a), accuracy.Whole(-1<<63+1, a), at(time.Second, a)}, 1, 2, 0},
		{"no time at all", []accuracy.Packet{at(0, a), accuracy.Whole(packet.NoTime, a), at(time.Second, a)}, 1, 0, 0},
		{"no time does not speak against one", []accuracy.Packet{at(0, a), at(ahead, a), accuracy.Whole(packet.NoTime, a)}, 2, 0, 0},
		{"the 16th packet behind speaks against one", append([]accuracy.Packet{at(0, a)}, append(many(16, ahead, a), at(time.Second, b))...), 2, 16, 0},
		{"the 17th does not", append([]accuracy.Packet{at(0, a)}, append(many(17, ahead, a), at(time.Second, b))...), 3, 0, 1},
	} {
		for _, block := range []int{0, 1, 2} {
			cfg := everything()
			cfg.Reorder = 0
			table, r := mustRun(t, cfg, &accuracy.Packets{List: c.list, Block: block})
			if table.Rows != c.rows {
				t.Errorf("%s, blocks of %d: %d rows, want %d", c.name, block, table.Rows, c.rows)
			}
			if in := r.Inputs[0]; in.TimeOutliers != c.outliers || in.Late != c.late {
				t.Errorf("%s, blocks of %d: %d outliers and %d late packets, want %d and %d", c.name, block, in.TimeOutliers, in.Late, c.outliers, c.late)
			}
		}
	}
}

// many returns n packets of one time.
func many(n int, d time.Duration, frame []byte) (list []accuracy.Packet) {
	for range n {
		list = append(list, at(d, frame))
	}
	return list
}

// TestClockOverFiles holds that a packet at the end of a file is confirmed by the
// next file, and that independent inputs have clocks of their own.
func TestClockOverFiles(t *testing.T) {
	a := datagram(client, server)
	first := &accuracy.Packets{List: []accuracy.Packet{at(0, a), at(48*time.Hour, a)}}
	second := &accuracy.Packets{List: []accuracy.Packet{at(time.Second, a)}}
	table, r := mustRun(t, everything(), first, second)
	if table.Rows != 1 || r.Inputs[0].TimeOutliers != 1 {
		t.Errorf("in sequence: %d rows, %d outliers, want 1 and 1", table.Rows, r.Inputs[0].TimeOutliers)
	}
	cfg := everything()
	cfg.Inputs = stages.Independent
	table, r = mustRun(t, cfg, first, second)
	if table.Rows != 3 || r.Inputs[0].TimeOutliers != 0 || r.Inputs[1].Late != 0 {
		t.Errorf("independent: %d rows, %d outliers, %d late, want 3, 0, 0", table.Rows, r.Inputs[0].TimeOutliers, r.Inputs[1].Late)
	}
}

// TestSilentShard runs many more flows of one address pair than fit the channels:
// the shards without packets must not hold up the others.
func TestSilentShard(t *testing.T) {
	var list []accuracy.Packet
	for i := range 20_000 {
		from := netip.AddrPortFrom(client.Addr(), uint16(1024+i))
		list = append(list, at(time.Duration(i)*10*time.Millisecond, datagram(from, server)))
	}
	cfg := everything()
	cfg.Workers, cfg.Timeouts.UDPIdle = 8, time.Second
	table, _ := mustRun(t, cfg, &accuracy.Packets{List: list, Block: 100})
	if table.Rows != len(list) {
		t.Errorf("%d rows, want %d", table.Rows, len(list))
	}
}
