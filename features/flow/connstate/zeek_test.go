package connstate_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"

	"pcapmill/bench/sharedtest"
	"pcapmill/features/flow/connstate"
	"pcapmill/ingest/packet"
)

// zeekRow is one published conn.log row.
type zeekRow struct {
	capture, test, exec string
	proto               string
	orig, resp          netip.AddrPort
	state, history      string
	packets, bytes      [2]string
	duration            string
	tunnelled           bool
}

// String names the row in messages.
func (r zeekRow) String() string {
	return r.capture + " " + r.test + " " + r.proto + " " + r.orig.String() + " > " + r.resp.String()
}

// readZeekRows reads the conn.log rows of one file of published truths.
func readZeekRows(t *testing.T, path string) []zeekRow {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []zeekRow
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var in struct {
			Capture, Log, Kind, Test, Exec string
			Row                            map[string]string
		}
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			continue // rows of other logs have other shapes
		}
		if in.Log == "conn" || in.Log == "conn.log" || in.Kind == "zeek_conn" {
			rows = append(rows, zeekRow{
				capture: in.Capture, test: in.Test, exec: in.Exec, proto: in.Row["proto"],
				orig: addrPort(in.Row["id.orig_h"], in.Row["id.orig_p"]), resp: addrPort(in.Row["id.resp_h"], in.Row["id.resp_p"]),
				state: in.Row["conn_state"], history: strings.Trim(in.Row["history"], "-"),
				packets:  [2]string{in.Row["orig_pkts"], in.Row["resp_pkts"]},
				bytes:    [2]string{in.Row["orig_ip_bytes"], in.Row["resp_ip_bytes"]},
				duration: in.Row["duration"], tunnelled: strings.Trim(in.Row["tunnel_parents"], "-") != "",
			})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func addrPort(host, port string) netip.AddrPort {
	a, _ := netip.ParseAddr(host)
	p, _ := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(a, uint16(p))
}

// flowKey is direction-free.
type flowKey struct {
	proto string
	a, b  netip.AddrPort
}

func keyOf(proto string, a, b netip.AddrPort) flowKey {
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	return flowKey{proto, a, b}
}

// conn is a connection of the reference driver below.
type conn struct {
	state      connstate.State
	start      packet.Nanos
	orig, resp netip.AddrPort
	packets    [2]int
	bytes      [2]int
	end        connstate.End
}

// driver is the plainest flow table that follows the lifetime rules: it looks at
// a connection's deadline when the next packet of its key comes, and at the end.
type driver struct {
	timers connstate.Timers
	policy connstate.Policy
	live   map[flowKey]*conn
	done   map[flowKey][]*conn
	clock  packet.Nanos
}

func (d *driver) packet(v *packet.View) {
	d.clock = max(d.clock, v.Time)
	v.Clock = d.clock
	if d.policy.VerifyChecksums && v.Quality&packet.BadIPChecksum != 0 {
		return
	}
	src, dst := netip.AddrPortFrom(viewAddr(v.Src, v.Version), v.SrcPort), netip.AddrPortFrom(viewAddr(v.Dst, v.Version), v.DstPort)
	key := keyOf(protoName(v.Protocol), src, dst)
	c := d.live[key]
	if c != nil {
		if at, end := c.state.Deadline(&d.timers, c.start); v.Clock >= at {
			c = d.finish(key, c, end)
		} else if c.state.NewConnection(v) {
			c = d.finish(key, c, connstate.EndNever)
		}
	}
	if c == nil {
		c = &conn{start: v.Clock, orig: src, resp: dst}
		if connstate.StartsFlipped(v) {
			c.orig, c.resp = dst, src
			c.state.Flip()
		}
		d.live[key] = c
	}
	side := connstate.Orig
	if src != c.orig {
		side = connstate.Resp
	}
	event := c.state.Packet(v, side, d.policy)
	if event&connstate.Flipped != 0 {
		c.orig, c.resp = c.resp, c.orig
		c.packets[0], c.packets[1] = c.packets[1], c.packets[0]
		c.bytes[0], c.bytes[1] = c.bytes[1], c.bytes[0]
		side ^= 1
	}
	if event&connstate.Ignored == 0 {
		c.packets[side]++
		c.bytes[side] += int(v.IPLen)
	}
}

func (d *driver) finish(key flowKey, c *conn, end connstate.End) *conn {
	c.end = end
	d.done[key] = append(d.done[key], c)
	delete(d.live, key)
	return nil
}

func viewAddr(a packet.Addr, version uint8) netip.Addr {
	if version == 4 {
		return netip.AddrFrom16(a).Unmap()
	}
	return netip.AddrFrom16(a)
}

func protoName(p uint8) string {
	switch p {
	case packet.ProtoTCP:
		return "tcp"
	case packet.ProtoUDP:
		return "udp"
	case packet.ProtoICMP, packet.ProtoICMPv6:
		return "icmp"
	}
	return "unknown_transport"
}

// run follows all connections of one capture.
func run(t *testing.T, path string, policy connstate.Policy) map[flowKey][]*conn {
	t.Helper()
	d := &driver{timers: connstate.ZeekTimers(), policy: policy, live: map[flowKey]*conn{}, done: map[flowKey][]*conn{}}
	var w packet.Walker
	eachPacket(t, path, func(frame []byte, wire int, at time.Time, link packet.LinkType) {
		v := packet.View{Time: at.UnixNano()}
		if w.Walk(frame, uint32(wire), link, &v) == packet.InFlow {
			d.packet(&v)
		}
	})
	for key, c := range d.live {
		d.finish(key, c, connstate.EndNever)
	}
	return d.done
}

// eachPacket reads a capture with gopacket's readers.
func eachPacket(t *testing.T, path string, do func(frame []byte, wire int, at time.Time, link packet.LinkType)) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	var next func() ([]byte, gopacket.CaptureInfo, error)
	var link func(gopacket.CaptureInfo) packet.LinkType
	if r, err := pcapgo.NewReader(bytes.NewReader(data)); err == nil {
		next = r.ReadPacketData
		link = func(gopacket.CaptureInfo) packet.LinkType { return packet.LinkType(r.LinkType()) }
	} else {
		r, err := pcapgo.NewNgReader(bytes.NewReader(data), pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
		if err != nil {
			t.Logf("%s: %v", path, err)
			return
		}
		next = r.ReadPacketData
		link = func(ci gopacket.CaptureInfo) packet.LinkType {
			i, err := r.Interface(ci.InterfaceIndex)
			if err != nil {
				return 0
			}
			return packet.LinkType(i.LinkType)
		}
	}
	for {
		frame, ci, err := next()
		if err != nil {
			return
		}
		do(frame, ci.Length, ci.Timestamp, link(ci))
	}
}

// match finds the connection that counts the row's packets and bytes and removes
// it from conns.
func (r zeekRow) match(conns []*conn) (*conn, []*conn) {
	for i, c := range conns {
		if strconv.Itoa(c.packets[0]) == r.packets[0] && strconv.Itoa(c.packets[1]) == r.packets[1] &&
			strconv.Itoa(c.bytes[0]) == r.bytes[0] && strconv.Itoa(c.bytes[1]) == r.bytes[1] && c.orig == r.orig && c.resp == r.resp {
			return c, append(append([]*conn(nil), conns[:i]...), conns[i+1:]...)
		}
	}
	return nil, conns
}

func TestAgainstZeek(t *testing.T) {
	shared := sharedtest.Dir(t)
	var rows []zeekRow
	for _, name := range []string{"zeek_logs.jsonl.gz", "icsnpp_logs.jsonl.gz", "vast_pairs.jsonl.gz"} {
		rows = append(rows, readZeekRows(t, filepath.Join(shared, "truth", "published", name))...)
	}
	type runKey struct{ capture, test, exec string }
	byRun := map[runKey][]zeekRow{}
	for _, r := range rows {
		k := runKey{r.capture, r.test, r.exec}
		byRun[k] = append(byRun[k], r)
	}
	keys := make([]runKey, 0, len(byRun))
	for k := range byRun {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].capture+keys[i].test+keys[i].exec < keys[j].capture+keys[j].test+keys[j].exec
	})
	equal, differ, uncounted := 0, 0, 0
	for _, k := range keys {
		ignore := strings.Contains(k.exec, " -C")
		conns := run(t, filepath.Join(shared, "captures", k.capture), connstate.Policy{VerifyChecksums: !ignore})
		for _, r := range byRun[k] {
			key := keyOf(r.proto, r.orig, r.resp)
			var c *conn
			if c, conns[key] = r.match(conns[key]); c == nil {
				uncounted++
				t.Logf("UNCOUNTED %v: %s %s %v %v tun=%v", r, r.state, r.history, r.packets, r.bytes, r.tunnelled)
				for _, x := range conns[key] {
					t.Logf("     have %v>%v %v %s %v %v", x.orig, x.resp, x.state.ConnState(), x.state.History(nil), x.packets, x.bytes)
				}
				continue
			}
			state, history := c.state.ConnState().String(), string(c.state.History(nil))
			if state != r.state || history != r.history {
				differ++
				t.Errorf("%v: got %s %q, want %s %q", r, state, history, r.state, r.history)
				continue
			}
			equal++
		}
	}
	t.Logf("%d rows: %d equal, %d differ, %d without a connection of the same packets", len(rows), equal, differ, uncounted)
}
