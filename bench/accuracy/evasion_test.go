package accuracy_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
	"pcapmill/stages/stream"
)

// Two requests of one length; they differ in bytes 5 to 8 and 26 to 29.
const (
	good = "GET /good HTTP/1.1\r\nHost: good.test\r\n\r\n"
	evil = "GET /evil HTTP/1.1\r\nHost: evil.test\r\n\r\n"
)

// evasion is a connection that can be read in more than one way, and what the tables
// say of it: the request lines with their hosts or the server names of hellos, and by
// flow the streams. last is what they say under --overlap last where that differs.
type evasion struct {
	name  string
	tune  func(*stages.Config)
	steps []step
	said  string
	last  string
	flows []row
}

// only are the streams of one flow in which the client alone speaks.
func only(counts ...int) []row { return []row{streams(counts, plain(0))} }

// singles are the bytes of a text with those of another behind each, in segments of one,
// from the last to the first.
func singles(text, other string) (steps []step) {
	for i := len(text) - 1; i >= 0; i-- {
		steps = append(steps, up(int64(i), text[i:i+1]), up(int64(i), other[i:i+1]))
	}
	return steps
}

// overlaps are segments that say different things of the same bytes.
func overlaps() []evasion {
	start := func(steps ...step) []step { return then(opened, steps) }
	goodHello, evilHello := clientHello("good.test"), clientHello("evil.test")
	n := len(goodHello)
	return []evasion{
		{name: "waiting segments", steps: start(up(5, good[5:]), up(5, evil[5:]), up(0, good[:5])),
			said: "/good good.test", last: "/evil evil.test", flows: only(39, 0, 0, 34, 26, 8)},
		{name: "a waiting segment and one in order", steps: start(up(5, good[5:]), up(0, evil)),
			said: "/good good.test", last: "/evil evil.test", flows: only(39, 0, 0, 34, 26, 8)},
		{name: "around what waits", steps: start(up(5, good[5:9]), up(26, good[26:30]), up(3, evil[3:]), up(0, good[:3])),
			said: "/good good.test", last: "/evil evil.test", flows: only(39, 0, 0, 36, 0, 8)},
		{name: "into the beginning of what waits", steps: start(up(7, good[7:]), up(0, evil[:9])),
			said: "/evod good.test", last: "/evil good.test", flows: only(39, 0, 0, 32, 0, 2)},
		{name: "into the end of what waits", steps: start(up(3, good[3:7]), up(5, evil[5:]), up(0, good[:3])),
			said: "/goil evil.test", last: "/evil evil.test", flows: only(39, 0, 0, 36, 0, 2)},
		{name: "single bytes", steps: start(singles(good, evil)...), // the last one again is a keep-alive
			said: "/good good.test", last: "/evil evil.test", flows: only(39, 0, 0, 38, 30, 8)},
		{name: "single bytes in order", steps: start(func() (steps []step) {
			for i := range good { // each one again is a keep-alive
				steps = append(steps, up(int64(i), good[i:i+1]), up(int64(i), evil[i:i+1]))
			}
			return steps
		}()...), said: "/good good.test", flows: only(plain(39)...)},
		{name: "after delivery", steps: start(up(0, good), up(0, evil)), said: "/good good.test", flows: only(39, 0, 0, 0, 39, 0)},
		{name: "after delivery, acknowledged", steps: start(up(0, good), down(0, "").acks(39), up(0, evil)), said: "/good good.test", flows: only(39, 0, 0, 0, 39, 0)},
		{name: "after delivery, with more", steps: start(up(0, good[:20]), up(0, evil)), said: "/good evil.test", flows: only(39, 0, 0, 0, 20, 0)},
		{name: "after delivery, within a name", steps: start(up(0, good[:7]), up(0, evil)), said: "/goil evil.test", flows: only(39, 0, 0, 0, 7, 0)},
		{name: "hellos that wait", steps: start(up(5, goodHello[5:]), up(5, evilHello[5:]), up(0, goodHello[:5])),
			said: "good.test", last: "evil.test", flows: only(n, 0, 0, n-5, n-9, 4)},
		{name: "hellos in single bytes", steps: start(singles(goodHello, evilHello)...),
			said: "good.test", last: "evil.test", flows: only(n, 0, 0, n-1, n-5, 4)},
		{name: "hello after delivery", steps: start(up(0, goodHello), up(0, evilHello)), said: "good.test", flows: only(n, 0, 0, 0, n, 0)},
	}
}

// ends are connections whose beginning or end is not clear.
func ends() []evasion {
	start := func(steps ...step) []step { return then(opened, steps) }
	fin := up(0, "").with(packet.FIN)
	rst := func(at int64) step { return step{flags: packet.RST, at: at} }
	other := step{flags: packet.SYN, at: 499_999}
	nothing := streams(nil, nil)
	return []evasion{
		{name: "no data", steps: start(fin, answer), flows: []row{nothing}},
		{name: "data on the SYN, accepted", steps: []step{onSYN(good[:10]), answer.acks(10), up(10, good[10:])}, said: "/good good.test", flows: only(plain(39)...)},
		{name: "data on the SYN, sent again with other data", steps: []step{onSYN(evil[:10]), answer, up(0, good)}, said: "/evil good.test", flows: only(39, 0, 0, 0, 10, 0)},
		{name: "all on the SYN", steps: []step{onSYN(good), answer.acks(39)}, said: "/good good.test", flows: only(plain(39)...)},
		{name: "the SYN again", steps: start(syn, up(0, good[:20]), syn, up(20, good[20:])), said: "/good good.test", flows: only(plain(39)...)},
		{name: "a SYN with another number, then data", steps: start(other, up(0, good)), said: "/good good.test", flows: []row{nothing, streams([]int{39, 0, 0, 39, 0, 0}, plain(0))}},
		{name: "a SYN with another number and data", steps: start(other.saying("evil"), up(0, good)), flows: []row{nothing, streams([]int{4, 0, 0, 0, 0, 0}, plain(0))}},
		{name: "the SYN was not captured", steps: []step{answer, up(20, good[20:]), up(0, good[:20])}, said: "/good good.test", flows: only(39, 0, 0, 19, 0, 0)},
		{name: "neither SYN", steps: []step{up(0, good)}, said: "/good good.test", flows: only(39, 0, 0, 39, 0, 0)},
		{name: "from within a request", steps: []step{up(20, good[20:]), up(39, evil)}, said: "/evil evil.test", flows: only(58, 0, 0, 58, 0, 0)},
		{name: "before the start", steps: start(up(-10, evil[:10]), up(0, good)), said: "/good good.test", flows: only(plain(39)...)},
		{name: "around the start", steps: start(up(-10, evil[:10]+good)), said: "/good good.test", flows: only(plain(39)...)},
		{name: "keep-alive bytes", steps: start(up(-1, "X"), up(0, good[:20]), up(19, "X"), up(20, good[20:]), up(38, "X")), said: "/good good.test", flows: only(plain(39)...)},

		{name: "FIN ahead of data", steps: start(up(20, good[20:]).with(packet.FIN), up(0, good[:20])), said: "/good good.test", flows: only(39, 0, 0, 19, 0, 0)},
		{name: "data behind the FIN", steps: start(up(0, good).with(packet.FIN), up(39, evil)), said: "/good good.test", flows: only(plain(39)...)},
		{name: "data behind a FIN within the request", steps: start(up(0, good[:20]).with(packet.FIN), up(20, good[20:])), flows: only(plain(20)...)},
		{name: "FIN, then data at its place", steps: start(fin, up(0, good)), flows: only(plain(0)...)},
		{name: "FIN before data", steps: start(up(0, good[:20]), fin, up(20, good[20:])), said: "/good good.test", flows: only(plain(39)...)},
		{name: "the server's FIN", steps: start(down(0, "").with(packet.FIN), up(0, good)), said: "/good good.test", flows: only(plain(39)...)},

		{name: "RST", steps: start(up(0, good[:20]), rst(20), up(20, good[20:])), flows: only(plain(20)...)},
		{name: "RST of the server", steps: start(up(0, good[:20]), step{side: ofServer, flags: packet.RST}, up(20, good[20:])), flows: only(plain(20)...)},
		{name: "RST before data", steps: start(rst(0), up(0, good)), said: "/good good.test", flows: only(39, 0, 0, 39, 0, 0)},
		{name: "RST before data, out of the window", steps: start(rst(65_536), up(0, good)), said: "/good good.test", flows: only(plain(39)...)},
		{name: "RST before the window", steps: start(up(0, good[:20]), down(0, "").acks(20), rst(19), up(20, good[20:])), said: "/good good.test", flows: only(plain(39)...)},
		{name: "RST at the window's last number", steps: start(up(0, good[:20]), rst(20+65_535), up(20, good[20:])), flows: only(plain(20)...)},
		{name: "RST behind the window", steps: start(up(0, good[:20]), rst(20+65_536), up(20, good[20:])), said: "/good good.test", flows: only(plain(39)...)},
		{name: "RST over what waits", steps: start(up(20, good[20:]), rst(39)), flows: only(19, 20, 1, 19, 0, 0)},
		{name: "data on the RST", steps: start(up(0, good[:20]), rst(20).saying(evil[20:])), flows: only(plain(20)...)},
		{name: "data on an RST out of the window", steps: start(up(0, good[:20]), rst(100_000).saying(evil[20:]), up(20, good[20:])), said: "/good good.test", flows: only(plain(39)...)},
	}
}

// losses are connections of which something is missing.
func losses() []evasion {
	start := func(steps ...step) []step { return then(opened, steps) }
	return []evasion{
		{name: "lost by the capture", steps: start(up(0, good[:20]), up(25, good[25:]), down(0, "").acks(39), up(39, evil)),
			said: "/evil evil.test", flows: only(73, 5, 1, 14, 0, 0)},
		{name: "lost by the capture, between requests", steps: start(up(0, good), up(78, evil), down(0, "").acks(117)),
			said: "/good good.test, /evil evil.test", flows: only(78, 39, 1, 39, 0, 0)},
		{name: "filled after it was given up", steps: start(up(0, good[:20]), up(25, good[25:]), down(0, "").acks(39), up(20, good[20:25])), flows: only(34, 5, 1, 14, 5, 0)},
		{name: "acknowledged in part", steps: start(up(0, good[:20]), up(25, good[25:]), down(0, "").acks(22), up(20, good[20:25])), said: "/good good.test", flows: only(39, 0, 0, 14, 0, 0)},
		{name: "never acknowledged", steps: start(up(0, good[:20]), up(25, good[25:])), flows: only(20, 0, 0, 14, 0, 0)},
		{name: "far ahead, behind the limit", steps: start(up(0, good[:20]), up(70_000, "x"), up(20, good[20:])), said: "/good good.test", flows: only(plain(39)...)},
		{name: "far ahead, with no room to wait", tune: func(c *stages.Config) { c.Streams.Bytes = 1 << 20 }, steps: start(up(0, good[:20]), up(100_000, "x"), up(20, good[20:])),
			flows: only(21, 99_980, 1, 0, 19, 0)},
		{name: "acknowledged, but never sent", steps: start(up(0, good[:20]), down(0, "").acks(1000), up(20, good[20:])), said: "/good good.test", flows: only(plain(39)...)},
	}
}

// unseen are segments that a receiver may not take, and that count all the same: how far
// a packet comes and what its receiver checks is not known where it was captured.
func unseen() []evasion {
	start := func(steps ...step) []step { return then(opened, steps) }
	return []evasion{
		{name: "few hops left", steps: start(up(0, evil).sent(traffic.Hops(1)), up(0, good)), said: "/evil evil.test", flows: only(39, 0, 0, 0, 39, 0)},
		{name: "a wrong checksum", steps: start(up(0, evil).sent(traffic.Broken(traffic.BadL4Checksum)), up(0, good)), said: "/evil evil.test",
			flows: []row{also(only(39, 0, 0, 0, 39, 0)[0], row{"bad_l4_checksum_packets": 1})}},
		{name: "no ACK", steps: start(step{data: evil}, up(0, good)), said: "/evil evil.test", flows: only(39, 0, 0, 0, 39, 0)},
		{name: "an old timestamp", steps: start(up(0, evil).sent(traffic.TCPOpts(traffic.Timestamps(1, 2))), up(0, good)), said: "/evil evil.test", flows: only(39, 0, 0, 0, 39, 0)},
	}
}

// several are more than one connection, or more than one row.
func several() []evasion {
	start := func(steps ...step) []step { return then(opened, steps) }
	again := func(at int64) []step { // a connection on the same ports, whose SYN is at a place of the old one
		request := up(at+1, evil)
		return []step{{flags: packet.SYN, at: at}, answer.acks(at + 1), request}
	}
	closed := func(next []step, more ...step) []step { // and what comes behind both FINs
		return then(start(up(0, good).with(packet.FIN), down(0, "").with(packet.FIN).acks(40), up(40, "").acks(1)), next, more)
	}
	fin := up(0, "").with(packet.FIN)
	lost := []step{{side: ofServer, flags: synACK, at: 199_999, ack: 100_000}} // answers a SYN that was not captured
	whole := streams(plain(39), plain(0))
	short := func(c *stages.Config) { c.Timeouts.Active = 10 * time.Second }
	said := func(name string) row {
		return row{"app_protocol": "http", "app_protocol_source": "content", "http_host": name, "server_name": name}
	}
	return []evasion{
		{name: "the ports again after both FINs", steps: then(start(up(0, good).with(packet.FIN), down(0, "").with(packet.FIN).acks(40), up(40, "").acks(1)), again(100_000)),
			said: "/good good.test, /evil evil.test", flows: []row{also(whole, said("good.test")), also(whole, said("evil.test"))}},
		{name: "the ports again within the old window", steps: then(start(up(0, good).with(packet.FIN), down(0, "").with(packet.FIN).acks(40), up(40, "").acks(1)), again(50)),
			said: "/good good.test, /evil evil.test", flows: []row{also(whole, said("good.test")), also(whole, said("evil.test"))}},
		{name: "the ports again after RST", steps: then(start(up(0, good), step{flags: packet.RST, at: 39}), again(100_000)),
			said: "/good good.test, /evil evil.test", flows: []row{also(whole, said("good.test")), also(whole, said("evil.test"))}},
		{name: "the ports again after both FINs, the SYN not captured", steps: closed(lost, up(100_000, evil).acks(200_000)),
			said: "/good good.test, /evil evil.test", flows: []row{also(streams(plain(78), plain(0)), said("good.test"))}},
		{name: "the ports again after RST, the SYN not captured", steps: then(start(up(0, good), step{flags: packet.RST, at: 39}), lost, []step{up(100_000, evil).acks(200_000)}),
			said: "/good good.test, /evil evil.test", flows: []row{also(streams(plain(78), plain(0)), said("good.test"))}},
		{name: "the ports again after both FINs, the SYN not captured and bytes lost", steps: closed(lost, up(100_005, evil[5:]).acks(200_000), down(200_000, "").acks(100_039), up(100_039, good).acks(200_000)),
			said: "/good good.test, /good good.test", flows: []row{also(streams([]int{112, 5, 1, 34, 0, 0}, plain(0)), said("good.test"))}},
		{name: "the ports again after FINs without data, the SYN not captured", steps: then(start(fin, down(0, "").with(packet.FIN).acks(1), up(1, "").acks(1)), lost, []step{up(100_000, evil).acks(200_000)}),
			said: "/evil evil.test", flows: []row{also(whole, said("evil.test"))}},
		{name: "the answer again after both FINs", steps: closed([]step{answer, up(100_000, evil)}),
			said: "/good good.test", flows: []row{also(whole, said("good.test"))}},
		{name: "the ports again without an end", steps: then(start(up(0, good[:20])), again(100_000)),
			said: "/evil evil.test", flows: []row{also(streams(plain(20), plain(0)), row{"end_reason": "ports_reused", "http_host": nil}), also(whole, said("evil.test"))}},
		{name: "the ports again after a hole", steps: then(start(up(20, good[20:])), again(100_000)),
			said: "/evil evil.test", flows: []row{streams([]int{0, 0, 0, 19, 0, 0}, plain(0)), also(whole, said("evil.test"))}},
		{name: "the old connection goes on after a forged SYN", steps: start(up(0, good[:20]), step{flags: packet.SYN, at: 499_999}, up(20, good[20:]), up(39, evil)),
			said: "/evil evil.test", flows: []row{streams(plain(20), plain(0)), streams([]int{58, 0, 0, 58, 0, 0}, plain(0))}},
		{name: "pieces of a request", tune: short, steps: start(up(0, good[:20]), up(20, good[20:]).after(11*time.Second), up(39, evil).after(11*time.Second)),
			said: "/good good.test, /evil evil.test", flows: []row{
				also(streams(plain(20), plain(0)), row{"piece_no": 0, "app_protocol": "http", "app_protocol_source": "content", "http_host": nil}),
				also(whole, said("good.test"), row{"piece_no": 1}), also(streams(plain(78), plain(0)), said("good.test"), row{"piece_no": 2})}},
		{name: "pieces around a hole", tune: short, steps: start(up(20, good[20:]), up(0, good[:20]).after(11*time.Second)),
			said: "/good good.test", flows: []row{
				also(streams([]int{0, 0, 0, 19, 0, 0}, plain(0)), row{"http_host": nil}),
				also(streams([]int{39, 0, 0, 19, 0, 0}, plain(0)), said("good.test"))}},
		{name: "a piece without data", tune: short, steps: start(up(0, "").after(11*time.Second), up(0, good)),
			said: "/good good.test", flows: []row{streams(nil, nil), also(whole, said("good.test"))}},
	}
}

// onSYN is a SYN with data.
func onSYN(data string) step { return step{flags: packet.SYN, at: -1, data: data} }

// saidOf are the requests, hellos of a run in the order of the tables.
func saidOf(tables accuracy.Tables) string {
	var said []string
	for i := range tables["http"].Rows {
		said = append(said, tables["http"].Text("uri", i)+" "+tables["http"].Text("host", i))
	}
	for i := range tables["tls"].Rows {
		said = append(said, tables["tls"].Text("server_name", i))
	}
	return strings.Join(said, ", ")
}

// run plays the connection under a policy.
func (e *evasion) run(w *wire, overlap stream.Overlap) error {
	cfg := everything()
	cfg.Streams.Overlap = overlap
	if e.tune != nil {
		e.tune(&cfg)
	}
	tables, result, err := accuracy.RunTables(cfg, &accuracy.Packets{List: w.packets(e.steps...)})
	if err != nil {
		return err
	}
	if err := sumsUp(&result.Streams, tables["flows"]); err != nil {
		return err
	}
	want := e.said
	if overlap == stream.LastWins && e.last != "" {
		want = e.last
	}
	if got := saidOf(tables); got != want {
		err = fmt.Errorf("said %q, want %q", got, want)
	}
	flows := tables["flows"]
	if flows.Rows != len(e.flows) {
		return errors.Join(err, fmt.Errorf("%d flows, want %d", flows.Rows, len(e.flows)))
	}
	for i, want := range e.flows {
		for name, value := range want {
			if !same(flows, name, i, value) {
				err = errors.Join(err, fmt.Errorf("row %d: %s is %s, want %v", i, name, flows.Show(name, i), value))
			}
		}
	}
	return err
}

// sumsUp compares the totals of a run's streams with the columns of its flows.
func sumsUp(t *stages.StreamTotals, flows *accuracy.Table) error {
	for name, total := range map[string]int64{
		"bytes": t.Bytes, "gaps": t.Gaps, "gap_bytes": t.GapBytes, "held_bytes": t.HeldBytes, "overlap_bytes": t.OverlapBytes, "conflict_bytes": t.ConflictBytes,
	} {
		sum := int64(0)
		for i := range flows.Rows {
			if flows.Text("end_reason", i) != "active_timeout" && !flows.Null("fwd_stream_bytes", i) { // the last piece has them all
				sum += flows.Int("fwd_stream_"+name, i) + flows.Int("rev_stream_"+name, i)
			}
		}
		if sum != total {
			return fmt.Errorf("%s: %d in all streams, %d in flows", name, total, sum)
		}
	}
	return nil
}

// wires are the connections on which each evasion is played: of both IP versions, with
// sequence numbers that wrap around within the first request or not.
func wires() (list []wire) {
	v6 := func(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
	for _, first := range []uint32{1000, 1<<32 - 1, 1<<32 - 8, 1<<32 - 25} {
		list = append(list,
			wire{client, server, [2]uint32{first, 5000}},
			wire{v6("[2001:db8::10]:40000"), v6("[2001:db8::20]:80"), [2]uint32{first, 1<<32 - 3}},
			wire{client, netip.MustParseAddrPort("198.51.100.20:50080"), [2]uint32{first, 5000}}) // the lower port is the client's
	}
	return list
}

// TestEvasions: of a connection that receivers may read in several ways, the tables say
// what the rules of package stream say.
func TestEvasions(t *testing.T) {
	for _, e := range slices.Concat(overlaps(), ends(), losses(), unseen(), several()) {
		for _, w := range wires() {
			for _, overlap := range []stream.Overlap{stream.FirstWins, stream.LastWins} {
				if err := e.run(&w, overlap); err != nil {
					t.Errorf("%s: %v from %d, %v wins: %v", e.name, w.client, w.start[0], overlap, err)
				}
			}
		}
	}
}
