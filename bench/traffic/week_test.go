package traffic_test

import (
	"bytes"
	"crypto/sha256"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

// smallWeek is a week of some MB.
func smallWeek(t testing.TB, seed uint64) (*traffic.Week, [traffic.WeekDays][]traffic.Recorded) {
	t.Helper()
	cfg := traffic.DefaultWeekConfig()
	cfg.Seed, cfg.Clients, cfg.Scale, cfg.Calm = seed, 4, 0.1, 0
	w, err := traffic.NewWeek(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var days [traffic.WeekDays]recorder
	var writers [traffic.WeekDays]traffic.PacketWriter
	for i := range days {
		writers[i] = &days[i]
	}
	if err := w.Write(writers); err != nil {
		t.Fatal(err)
	}
	var lists [traffic.WeekDays][]traffic.Recorded
	for i := range days {
		lists[i] = days[i].list
	}
	return w, lists
}

// recorder keeps packets.
type recorder struct{ list []traffic.Recorded }

func (r *recorder) WritePacket(at packet.Nanos, wire uint32, data []byte) error {
	r.list = append(r.list, traffic.Recorded{Time: at, WireLen: wire, Data: bytes.Clone(data)})
	return nil
}

// TestWeekIsItsSeed: the same seed gives the same packets and flows, another others.
func TestWeekIsItsSeed(t *testing.T) {
	digest := func(seed uint64) [32]byte {
		h := sha256.New()
		_, days := smallWeek(t, seed)
		for _, list := range days {
			for _, r := range list {
				h.Write(r.Data)
			}
		}
		return [32]byte(h.Sum(nil))
	}
	one := digest(1)
	if one != digest(1) || one == digest(2) {
		t.Error("a week is not what its seed says")
	}
}

// TestWeekPackets: every packet is on its day, in time order, and well formed with right
// checksums at both sides of the gateway; the flows' packets are all there are.
func TestWeekPackets(t *testing.T) {
	w, days := smallWeek(t, 1)
	var walker packet.Walker
	total, told := int64(0), int64(0)
	for day, list := range days {
		last := packet.Nanos(0)
		if len(list) == 0 {
			t.Errorf("%s is empty", w.DayName(day))
		}
		for _, r := range list {
			if r.Time < last || w.Day(r.Time) != day {
				t.Fatalf("day %d: packet at %d after %d", day, r.Time, last)
			}
			last = r.Time
			total++
			v := packet.View{Time: r.Time}
			if out := walker.Walk(r.Data, r.WireLen, packet.LinkEthernet, &v); out != packet.InFlow {
				t.Fatalf("day %d: %v", day, out)
			}
			if !soundIPv4(r.Data) {
				t.Fatalf("day %d, at %d: wrong checksum", day, r.Time)
			}
		}
	}
	for i := range w.Flows {
		told += w.Flows[i].Packets
	}
	if total != told {
		t.Errorf("%d packets, flows say %d", total, told)
	}
}

// soundIPv4 checks the sums of header and transport of an IPv4 frame.
func soundIPv4(b []byte) bool {
	if b[12] != 8 || b[13] != 0 {
		return true
	}
	ip := b[14:]
	end := int(ip[2])<<8 | int(ip[3])
	if traffic.Checksum(ip[:20]) != 0 {
		return false
	}
	if ip[9] == packet.ProtoICMP {
		return traffic.Checksum(ip[20:end]) == 0
	}
	if ip[9] != packet.ProtoTCP && ip[9] != packet.ProtoUDP {
		return true
	}
	pseudo := append(slices.Clone(ip[12:20]), 0, ip[9], byte((end-20)>>8), byte(end-20))
	return traffic.Checksum(append(pseudo, ip[20:end]...)) == 0
}

// fits is the meaning of a rule, in the plainest words.
func fits(r *traffic.WeekRule, f *traffic.WeekFlow) bool {
	in := func(list []netip.Prefix, a netip.Addr) bool {
		return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	port := func(list []uint16, p uint16) bool { return len(list) == 0 || slices.Contains(list, p) }
	way := func(src, dst netip.Addr, sport, dport uint16) bool {
		return in(r.Src, src) && in(r.Dst, dst) && port(r.SrcPorts, sport) && port(r.DstPorts, dport)
	}
	return (r.Proto == 0 || r.Proto == f.Proto) && f.FirstNs < r.To && f.LastNs >= r.From &&
		(way(f.Src, f.Dst, f.SrcPort, f.DstPort) || way(f.Dst, f.Src, f.DstPort, f.SrcPort))
}

// TestWeekTruth: of every flow, background too, exactly those rules are true that the
// generator says, by comparing each flow with each rule; and outcome, label and overlap
// follow from them.
func TestWeekTruth(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		w, _ := smallWeek(t, seed)
		for i := range w.Flows {
			f := &w.Flows[i]
			var ids []string
			var first *traffic.WeekRule
			labels := map[int]map[string]bool{}
			for j := range w.Rules {
				r := &w.Rules[j]
				if !fits(r, f) {
					continue
				}
				ids = append(ids, r.ID)
				if first == nil || r.Priority > first.Priority {
					first = r
				}
				if labels[r.Priority] == nil {
					labels[r.Priority] = map[string]bool{}
				}
				labels[r.Priority][r.Label] = true
			}
			said := slices.Clone(f.Rules)
			slices.Sort(ids)
			slices.Sort(said)
			if !slices.Equal(ids, said) {
				t.Fatalf("seed %d: %+v: rules %v are true", seed, *f, ids)
			}
			outcome, label, overlap := "unlabelled", "", 0.0
			if first != nil {
				outcome, label, overlap = "labelled", first.Label, 1
				if f.LastNs > f.FirstNs {
					overlap = float64(min(f.LastNs, first.To)-max(f.FirstNs, first.From)) / float64(f.LastNs-f.FirstNs)
				}
				if len(labels[first.Priority]) > 1 {
					outcome, label, overlap = "ambiguous", "", 0
				}
			}
			if f.Outcome != outcome || f.Label != label || math.Abs(f.Overlap-overlap) > 1e-12 {
				t.Fatalf("seed %d: %+v: want %s %q %v", seed, *f, outcome, label, overlap)
			}
		}
	}
}

// TestWeekCases: the hard cases are there, and are what their names say.
func TestWeekCases(t *testing.T) {
	w, _ := smallWeek(t, 1)
	want := map[string]func(f *traffic.WeekFlow) bool{
		"begins before":                 func(f *traffic.WeekFlow) bool { return f.Overlap > 0.32 && f.Overlap < 0.34 }, // 97 of 297 s
		"ends after":                    func(f *traffic.WeekFlow) bool { return f.Overlap > 0 && f.Overlap < 1 },
		"ends at from":                  func(f *traffic.WeekFlow) bool { return f.Outcome != "unlabelled" && f.Overlap == 0 },
		"ends before from":              func(f *traffic.WeekFlow) bool { return f.Outcome == "unlabelled" && f.Attack != "" },
		"begins at from":                func(f *traffic.WeekFlow) bool { return f.Overlap == 1 },
		"begins before to":              func(f *traffic.WeekFlow) bool { return f.Overlap > 0 && f.Overlap < 1e-9 },
		"begins at to":                  func(f *traffic.WeekFlow) bool { return f.Outcome == "unlabelled" && f.Attack != "" },
		"ends at to":                    func(f *traffic.WeekFlow) bool { return f.Overlap == 1 },
		"attack after its time":         func(f *traffic.WeekFlow) bool { return f.Outcome == "unlabelled" && f.Attack != "" },
		"first packet missed":           func(f *traffic.WeekFlow) bool { return f.Label == f.Attack },
		"called by the victim":          func(f *traffic.WeekFlow) bool { return f.Label == f.Attack },
		"cut by the active timeout":     func(f *traffic.WeekFlow) bool { return f.Attack != "" },
		"benign traffic of an attacker": func(f *traffic.WeekFlow) bool { return f.Attack == "" },
	}
	found := map[string]int{}
	attempts, outcomes, pieces := map[int32]int{}, map[string]int{}, 0
	for i := range w.Flows {
		f := &w.Flows[i]
		outcomes[f.Outcome]++
		attempts[f.Attempt]++
		pieces = max(pieces, f.Piece)
		if f.Case == "" {
			continue
		}
		found[f.Case]++
		exact := strings.Contains(f.Case, " at ") || strings.Contains(f.Case, "before ")
		if exact && (f.Outside || strings.HasPrefix(f.Attack, "Web")) {
			continue // the gateway is a little later; an attack of the same kind follows
		}
		if ok := want[f.Case]; ok == nil || !ok(f) && !strings.HasPrefix(f.Attack, "Web") {
			t.Errorf("%q is not what its name says: %+v", f.Case, *f)
		}
	}
	for name := range want {
		if found[name] == 0 {
			t.Errorf("no flow %s", name)
		}
	}
	if attempts[0] == 0 || attempts[1] == 0 || attempts[6] == 0 || outcomes["ambiguous"] == 0 || pieces < 3 {
		t.Errorf("attempts %v, outcomes %v, %d pieces", attempts, outcomes, pieces)
	}
}

// TestWeekClock: the schedule is by the zone's clock, which changes in the week.
func TestWeekClock(t *testing.T) {
	w, _ := smallWeek(t, 1)
	find := func(id string) *traffic.WeekRule {
		for i := range w.Rules {
			if w.Rules[i].ID == id {
				return &w.Rules[i]
			}
		}
		t.Fatalf("no rule %s", id)
		return nil
	}
	for _, c := range []struct{ id, from, to string }{
		{"ftp-patator", "2026-03-03T12:50:00Z", "2026-03-03T13:50:00Z"},
		{"ssh-night", "2026-03-04T03:00:00Z", "2026-03-04T04:10:00Z"}, // over midnight
		{"ssh-clock", "2026-03-08T04:40:00Z", "2026-03-08T06:10:00Z"}, // from half past three to half past two hours behind
		{"web-sunday", "2026-03-08T12:30:00Z", "2026-03-08T13:00:00Z"},
	} {
		r := find(c.id)
		from, to := time.Unix(0, r.From).UTC().Format(time.RFC3339), time.Unix(0, r.To).UTC().Format(time.RFC3339)
		if from != c.from || to != c.to {
			t.Errorf("%s: %s to %s", c.id, from, to)
		}
	}
	if w.DayName(0) != "Monday-2026-03-02" || w.DayName(6) != "Sunday-2026-03-08" || w.Day(find("ssh-night").To) != 2 {
		t.Error("days")
	}
}

// TestWeekRefused: configurations that describe no week.
func TestWeekRefused(t *testing.T) {
	for _, tune := range []func(*traffic.WeekConfig){
		func(c *traffic.WeekConfig) { c.Clients = 3 }, func(c *traffic.WeekConfig) { c.Clients = 201 },
		func(c *traffic.WeekConfig) { c.Scale = 0 }, func(c *traffic.WeekConfig) { c.Scale = math.NaN() },
		func(c *traffic.WeekConfig) { c.Calm = -1 }, func(c *traffic.WeekConfig) { c.Zone = "" },
		func(c *traffic.WeekConfig) { c.Zone = "Mars/Olympus" },
	} {
		cfg := traffic.DefaultWeekConfig()
		tune(&cfg)
		if _, err := traffic.NewWeek(cfg); err == nil {
			t.Errorf("%+v accepted", cfg)
		}
	}
}
