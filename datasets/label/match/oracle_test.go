package match_test

import (
	"fmt"
	"math"
	"net/netip"
	"path"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
)

// said is what a flow's hits come to in words, in their order.
func said(r *match.Row) []string {
	var out []string
	for _, h := range r.Hits {
		out = append(out, fmt.Sprintf("%d/%d reversed=%v overlap=%.6f attempt=%d distance=%d shared=%d", h.Rule, h.Event, h.Reversed, h.Overlap, h.Attempt, h.Distance, h.Shared))
	}
	slices.Sort(out)
	return out
}

var captures = []string{"in/a.pcap", "in/b.pcap"}

// fitsWay asks a rule of a flow in one direction, field by field.
func fitsWay(l *label.Rule, r *row, reversed bool) bool {
	src, dst := netip.MustParseAddr(r.src), netip.MustParseAddr(r.dst)
	srcPort, dstPort := r.srcPort, r.dstPort
	if reversed {
		src, dst, srcPort, dstPort = dst, src, dstPort, srcPort
	}
	switch {
	case !l.Src.Has(src) || !l.Dst.Has(dst):
		return false
	case !l.SrcPorts.Has(srcPort) || !l.DstPorts.Has(dstPort):
		return false
	case len(l.Protocols) > 0 && !slices.Contains(l.Protocols, uint8(r.protocol)):
		return false
	case l.Depth != label.AnyDepth && l.Depth != r.depth:
		return false
	case len(l.VLANs) > 0 && !slices.ContainsFunc(r.vlans, func(v int32) bool { return slices.Contains(l.VLANs, v) }):
		return false
	case l.Where == "rev_packets = 0" && r.rev != 0:
		return false
	}
	name := captures[r.capture]
	return len(l.Captures) == 0 || slices.ContainsFunc(l.Captures, func(g string) bool {
		whole, _ := path.Match(g, name)
		last, _ := path.Match(g, path.Base(name))
		return whole || last
	})
}

// fitsTime asks each interval, and counts the instants that are in any.
func fitsTime(l *label.Rule, r *row) (bool, float64) {
	if len(l.Times) == 0 {
		return true, 1
	}
	fits, in := false, 0
	at := func(i label.Interval, t int64) bool { return i.From <= t && t < i.To }
	for _, i := range l.Times {
		switch l.Fit {
		case label.Overlaps:
			for t := r.start; t <= r.end; t++ {
				fits = fits || at(i, t)
			}
		case label.Starts:
			fits = fits || at(i, r.start)
		case label.Inside:
			fits = fits || at(i, r.start) && at(i, r.end)
		}
	}
	for t := r.start; t < r.end; t++ { // of each nanosecond of its time, its beginning
		if slices.ContainsFunc(l.Times, func(i label.Interval) bool { return at(i, t) }) {
			in++
		}
	}
	if r.start == r.end {
		return fits, map[bool]float64{true: 1}[fits]
	}
	return fits, float64(in) / float64(r.end-r.start)
}

// byRule is what a rule says of a flow, "" for nothing.
func byRule(number int, l *label.Rule, r *row) string {
	fits, overlap := fitsTime(l, r)
	if !fits {
		return ""
	}
	for _, reversed := range []bool{false, true} {
		if reversed && l.Direction == label.Forward || !reversed && l.Direction == label.Reverse || !fitsWay(l, r, reversed) {
			continue
		}
		attempt := -1
		for _, a := range l.Attempts {
			attacker := 0
			if reversed {
				attacker = 1
			}
			if attempt < 0 && r.payload[attacker] == 0 {
				attempt = int(a.Category)
			}
		}
		return fmt.Sprintf("%d/-1 reversed=%v overlap=%.6f attempt=%d distance=0 shared=1", number, reversed, overlap, attempt)
	}
	return ""
}

// byEvent is what an event says of all flows, by their position.
func byEvent(number int, e *label.Event, rows []row, c *match.Config) map[int]string {
	type found struct {
		at       int
		distance int64
		begins   int64
		reversed bool
	}
	var all []found
	for i := range rows {
		r := &rows[i]
		one := found{at: i}
		fits, reversed := eventFits(e, r)
		from, to := e.Time, max(e.Time, e.Last)+max(0, e.Precision-1)
		if to < r.start {
			one.distance = r.start - to
		} else if from > r.end {
			one.distance = r.end - from
		}
		near := one.distance <= int64(c.Before) && one.distance >= -int64(c.After)
		began := e.Began != 0 && e.Time-e.Began > int64(c.After) && max(r.start-e.Began, e.Began-r.start) <= int64(c.Before)
		if fits && (near || began) {
			one.reversed = reversed
			if one.begins = max(e.Time-r.start, r.start-e.Time-max(0, e.Precision-1), 0); e.Last <= e.Time {
				one.begins = 0
			}
			all = append(all, one)
		}
	}
	size := func(d int64) int64 { return max(d, -d) }
	nearest := int64(math.MaxInt64)
	for _, f := range all {
		nearest = min(nearest, size(f.distance))
	}
	clearly := func(near, far int64) bool { return far-near >= 1e9 && far >= 4*near }
	all = slices.DeleteFunc(all, func(f found) bool {
		return size(f.distance) != nearest && (nearest == 0 || clearly(nearest, size(f.distance)))
	})
	shared := len(all)
	if e.Last > e.Time && nearest == 0 {
		begins := map[int64]int64{}
		for _, f := range all {
			conn := rows[f.at].conn
			if b, ok := begins[conn]; !ok || f.begins < b {
				begins[conn] = f.begins
			}
		}
		for conn, b := range begins {
			clear := true
			for other, d := range begins {
				clear = clear && (other == conn || clearly(b, d))
			}
			if clear {
				all = slices.DeleteFunc(all, func(f found) bool { return rows[f.at].conn != conn })
				shared = 1
				break
			}
		}
	}
	out := make(map[int]string)
	for _, f := range all {
		out[f.at] = fmt.Sprintf("-1/%d reversed=%v overlap=1.000000 attempt=-1 distance=%d shared=%d", number, f.reversed, f.distance, shared)
	}
	return out
}

func eventFits(e *label.Event, r *row) (fits, reversed bool) {
	if e.Protocol >= 0 && e.Protocol != r.protocol || e.Depth != label.AnyDepth && e.Depth != r.depth {
		return false, false
	}
	if e.Capture != "" {
		if name := captures[r.capture]; name != e.Capture && path.Base(name) != e.Capture || e.Packet > 0 && r.packet > e.Packet {
			return false, false
		}
	}
	both := e.Src.IsValid() && e.Dst.IsValid()
	if !both && e.Community != "" && e.Community != r.community {
		return false, false
	}
	port := func(said, have int32) bool { return said < 0 || said == have || said == 0 && have < 0 }
	for _, reversed := range []bool{false, true} {
		src, dst, srcPort, dstPort := netip.MustParseAddr(r.src), netip.MustParseAddr(r.dst), r.srcPort, r.dstPort
		if reversed {
			src, dst, srcPort, dstPort = dst, src, dstPort, srcPort
		}
		if (!e.Src.IsValid() || e.Src == src) && (!e.Dst.IsValid() || e.Dst == dst) && port(e.SrcPort, srcPort) && port(e.DstPort, dstPort) {
			return true, reversed
		}
	}
	return false, false
}

// hosts are few, so that much fits; the units are such that slack matters.
var hosts = []string{"10.0.0.1", "10.0.0.2", "10.0.1.1", "192.0.2.9", "2001:db8::1", "2001:db8::2"}

const unit = 500_000_000 // ns

func drawRow(t *rapid.T, id int64) row {
	r := tcp(id, rapid.SampledFrom(hosts).Draw(t, "src"), rapid.Int32Range(1, 3).Draw(t, "sport"), rapid.SampledFrom(hosts).Draw(t, "dst"), rapid.Int32Range(1, 3).Draw(t, "dport"), 0, 0)
	r.start = rapid.Int64Range(0, 12).Draw(t, "start")
	r.end = r.start + rapid.Int64Range(0, 4).Draw(t, "length")
	if rapid.Bool().Draw(t, "common") { // several flows of a tuple
		r.src, r.srcPort, r.dst, r.dstPort = hosts[0], 1, hosts[1], 2
	}
	r.conn = rapid.Int64Range(id, id+1).Draw(t, "conn")
	r.protocol = rapid.SampledFrom([]int32{6, 17, 47}).Draw(t, "protocol")
	if r.protocol == 47 {
		r.srcPort, r.dstPort = label.None, label.None
	}
	r.depth, r.capture = rapid.Int32Range(0, 1).Draw(t, "depth"), rapid.Int32Range(0, 1).Draw(t, "capture")
	r.packet = rapid.Int64Range(1, 3).Draw(t, "packet")
	r.rev = rapid.Int64Range(0, 1).Draw(t, "rev")
	r.payload = [2]int64{rapid.Int64Range(0, 1).Draw(t, "fwd payload"), rapid.Int64Range(0, 1).Draw(t, "rev payload")}
	r.community = rapid.SampledFrom([]string{"1:a", "1:b"}).Draw(t, "community")
	r.vlans = rapid.SliceOfN(rapid.Int32Range(1, 2), 0, 2).Draw(t, "vlans")
	return r
}

func drawHosts(t *rapid.T, name string) label.Hosts {
	all := []string{"10.0.0.1/32", "10.0.0.0/31", "10.0.0.0/24", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::1/128", "2001:db8::/64", "::/0"}
	return nets(rapid.SliceOfN(rapid.SampledFrom(all), 0, 2).Draw(t, name)...)
}

func drawPorts(t *rapid.T, name string) label.Ports {
	var p label.Ports
	for range rapid.IntRange(0, 2).Draw(t, name+"s") {
		first := rapid.Uint16Range(1, 3).Draw(t, name)
		p = append(p, label.PortRange{First: first, Last: first + rapid.Uint16Range(0, 1).Draw(t, "more")})
	}
	return p
}

func drawRule(t *rapid.T, i int) label.Rule {
	l := rule(fmt.Sprint(i), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "label"))
	l.Priority = rapid.Int32Range(0, 1).Draw(t, "priority")
	for range rapid.IntRange(0, 3).Draw(t, "times") {
		from := rapid.Int64Range(0, 16).Draw(t, "from")
		l.Times = append(l.Times, label.Interval{From: from, To: from + rapid.Int64Range(0, 5).Draw(t, "to")})
	}
	l.Fit = label.Fit(rapid.IntRange(0, 2).Draw(t, "fit"))
	l.Direction = label.Direction(rapid.IntRange(0, 2).Draw(t, "direction"))
	l.Src, l.Dst = drawHosts(t, "source"), drawHosts(t, "destination")
	l.SrcPorts, l.DstPorts = drawPorts(t, "source port"), drawPorts(t, "destination port")
	l.Protocols = rapid.SliceOfN(rapid.SampledFrom([]uint8{6, 17, 47}), 0, 2).Draw(t, "protocols")
	l.Depth = rapid.Int32Range(-1, 1).Draw(t, "depth")
	l.VLANs = rapid.SliceOfN(rapid.Int32Range(1, 3), 0, 1).Draw(t, "vlans")
	l.Where = rapid.SampledFrom([]string{"", "", "rev_packets = 0"}).Draw(t, "where")
	l.Captures = rapid.SliceOfN(rapid.SampledFrom([]string{"a.*", "in/*", "c"}), 0, 1).Draw(t, "captures")
	if rapid.Bool().Draw(t, "attempt") {
		l.Attempts = []label.Attempt{{Category: 0, Where: "fwd_payload_bytes = 0"}}
	}
	return l
}

// drawEvent makes one of a flow, of which it says some fields, and some wrongly.
func drawEvent(t *rapid.T, i int, rows []row) label.Event {
	r := rapid.SampledFrom(rows).Draw(t, "of")
	src, dst, srcPort, dstPort := r.src, r.dst, r.srcPort, r.dstPort
	if rapid.Bool().Draw(t, "reversed") {
		src, dst, srcPort, dstPort = dst, src, dstPort, srcPort
	}
	says := func(what string) bool { return rapid.IntRange(0, 4).Draw(t, what) > 0 }
	if !says("source") {
		src = rapid.SampledFrom([]string{"", hosts[0]}).Draw(t, "other source")
	}
	if !says("destination") {
		dst = rapid.SampledFrom([]string{"", hosts[0]}).Draw(t, "other destination")
	}
	if !says("ports") {
		srcPort, dstPort = rapid.Int32Range(-1, 2).Draw(t, "sport"), rapid.Int32Range(-1, 2).Draw(t, "dport")
	}
	e := event(rapid.SampledFrom([]string{"x", "y"}).Draw(t, "label"), src, srcPort, dst, dstPort, r.start+rapid.Int64Range(-6, 10).Draw(t, "time"))
	e.Priority, e.Source = rapid.Int32Range(0, 1).Draw(t, "priority"), 1
	e.Precision = rapid.Int64Range(0, 3).Draw(t, "precision")
	e.Last = e.Time + rapid.SampledFrom([]int64{0, 0, 3}).Draw(t, "last")
	if rapid.IntRange(0, 3).Draw(t, "began") == 0 {
		e.Began = max(1, r.start+rapid.Int64Range(-3, 3).Draw(t, "beginning"))
	}
	e.Protocol = rapid.SampledFrom([]int32{-1, -1, r.protocol, 6}).Draw(t, "protocol")
	e.Depth = rapid.SampledFrom([]int32{-1, -1, r.depth, 1}).Draw(t, "depth")
	e.Community = rapid.SampledFrom([]string{"", r.community, "1:a"}).Draw(t, "community")
	e.Capture = rapid.SampledFrom([]string{"", "", captures[r.capture], path.Base(captures[r.capture]), "c"}).Draw(t, "capture")
	e.Packet = rapid.Int64Range(0, 3).Draw(t, "packet")
	return e
}

// outcome is what hits come to: the oracle's reading of the package's documentation.
func outcome(r *match.Row) label.Outcome {
	if len(r.Hits) == 0 {
		return label.Unlabelled
	}
	most := int32(math.MinInt32)
	for _, h := range r.Hits {
		most = max(most, h.Meaning.Priority)
	}
	labels, sure := map[string]bool{}, false
	for _, h := range r.Hits {
		if h.Meaning.Priority == most {
			labels[h.Meaning.Label] = true
			sure = sure || h.Shared == 1
		}
	}
	if len(labels) > 1 || !sure {
		return label.Ambiguous
	}
	return label.Labelled
}

// TestOracle compares everything that is said of flows with what asking each label of each flow
// gives, over small random tables and labels in which much fits, for any number of workers.
func TestOracle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows []row
		for i := range rapid.IntRange(1, 12).Draw(rt, "flows") {
			rows = append(rows, drawRow(rt, int64(i+1)))
		}
		s := set(nil)
		for i := range rapid.IntRange(0, 5).Draw(rt, "rules") {
			s.Rules = append(s.Rules, drawRule(rt, i))
		}
		for i := range rapid.IntRange(0, 5).Draw(rt, "events") {
			s.Events = append(s.Events, drawEvent(rt, i, rows))
		}
		slow := rapid.Bool().Draw(rt, "slow")
		if slow { // seconds matter to what is the nearest
			stretchTimes(rows, s)
		}
		c := match.DefaultConfig()
		change := func(to *match.Config) {
			to.MaxPairwise = rapid.IntRange(0, 2).Draw(rt, "pairwise") // most are crowds
			to.Before, to.After, to.Workers = 2, 4, rapid.IntRange(1, 3).Draw(rt, "workers")
			if slow {
				to.Before, to.After = 2*unit, 12*unit
			}
			c = *to
		}
		got, report := runTable(t, write(t, rows, rapid.Bool().Draw(rt, "binary")), s, change)
		if !slow {
			checkRules(rt, rows, s, got)
		}
		checkEvents(rt, rows, s, got, report, &c)
		for i := range got {
			if o := outcome(&got[i]); o != got[i].Outcome {
				rt.Fatalf("flow %d is %v, want %v", i, got[i].Outcome, o)
			}
		}
	})
}

// stretchTimes multiplies all times of flows and events.
func stretchTimes(rows []row, s *label.Set) {
	for i := range rows {
		rows[i].start, rows[i].end = rows[i].start*unit, rows[i].end*unit
	}
	for i := range s.Events {
		e := &s.Events[i]
		e.Began, e.Time, e.Last, e.Precision = e.Began*unit, e.Time*unit, e.Last*unit, e.Precision*unit
	}
}

func only(all []string, rules bool) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return (s[0] == '-') == rules })
}

func checkRules(t *rapid.T, rows []row, s *label.Set, got []match.Row) {
	for i := range rows {
		var want []string
		for n := range s.Rules {
			if one := byRule(n, &s.Rules[n], &rows[i]); one != "" {
				want = append(want, one)
			}
		}
		slices.Sort(want)
		if have := only(said(&got[i]), true); !slices.Equal(have, want) {
			t.Fatalf("flow %d:\n%q\nwant\n%q", i, have, want)
		}
	}
}

func checkEvents(t *rapid.T, rows []row, s *label.Set, got []match.Row, report *match.Report, c *match.Config) {
	want := make([][]string, len(rows))
	for n := range s.Events {
		all := byEvent(n, &s.Events[n], rows, c)
		for at, one := range all {
			want[at] = append(want[at], one)
		}
		if r := &report.Events[n]; (r.Outcome == label.Unlabelled) != (len(all) == 0) || (r.Miss != nil) != (len(all) == 0) || r.Miss != nil && r.Miss.Fields == 0 {
			t.Fatalf("event %d is %+v with %d flows", n, r, len(all))
		}
	}
	for i := range rows {
		slices.Sort(want[i])
		if have := only(said(&got[i]), false); !slices.Equal(have, want[i]) {
			t.Fatalf("flow %d:\n%q\nwant\n%q", i, have, want[i])
		}
	}
}

// TestWorkers: the same rows and the same report for any number of workers, over several jobs.
func TestWorkers(t *testing.T) {
	rows, s := many(t, 5000)
	dir := write(t, rows, false)
	with := func(n int) ([]match.Row, *match.Report) {
		return runTable(t, dir, s, func(c *match.Config) { c.Workers = n })
	}
	wantRows, want := with(1)
	for _, n := range []int{2, 5} {
		gotRows, got := with(n)
		if !reflect.DeepEqual(gotRows, wantRows) {
			t.Errorf("%d workers: other rows", n)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: another report", n)
		}
	}
}

// many makes random flows and labels of all kinds.
func many(t *testing.T, n int) (rows []row, s *label.Set) {
	s = set(nil)
	rapid.Custom(func(rt *rapid.T) int {
		rows, s = nil, set(nil)
		for i := range n {
			rows = append(rows, drawRow(rt, int64(i+1)))
		}
		for i := range 40 {
			s.Rules = append(s.Rules, drawRule(rt, i))
		}
		for i := range 40 {
			s.Events = append(s.Events, drawEvent(rt, i, rows))
		}
		return 0
	}).Example(1)
	for i := range rows { // far apart, so that something fits nothing
		rows[i].start += int64(i) * unit
		rows[i].end += int64(i) * unit
	}
	return rows, s
}
