package baseline_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
)

// small is a table with a feature of each scale.
func small() baseline.Table {
	return baseline.Table{Name: "hosts", Version: 3, Hash: [32]byte{1, 2, 3}, Features: []baseline.Feature{
		{Name: "out_packets", Scale: baseline.Scale{Octaves: true}},
		{Name: "outbound_ratio", Scale: baseline.Scale{Step: -7}},
		{Name: "gap_mean_ns", Scale: baseline.Scale{Octaves: true, Step: 10}},
	}}
}

func config(hosts int) baseline.Config {
	return baseline.Config{Hosts: hosts, Precision: sketch.Coarse, Keys: 4, Categories: []string{"port", "service"}}
}

type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func fresh(t failer, hosts int) *baseline.Baseline {
	t.Helper()
	b, err := baseline.New(config(hosts), small())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func add(t failer, b *baseline.Baseline, rows ...baseline.Row) {
	t.Helper()
	for i := range rows {
		if err := b.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func encoded(t failer, b *baseline.Baseline) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := b.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func decoded(t failer, data []byte) *baseline.Baseline {
	t.Helper()
	b, err := baseline.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// at returns an instant by date and hour; 2026-11-02 is a Monday.
func at(day, hour, minute int) int64 {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC).UnixNano()
}

// rows draws windows of few hosts, days, tags and keys, so that all of them meet.
func rows(max int) *rapid.Generator[[]baseline.Row] {
	hosts := []netip.Addr{addr("10.0.0.1"), addr("10.0.0.2"), addr("10.0.1.3"), addr("192.0.2.7"), addr("198.51.100.1"), addr("fd00::1"), addr("2001:db8::5")}
	tags := []baseline.Key{baseline.ProtocolKey("dns"), baseline.ProtocolKey("tls"), baseline.LabelKey("server")}
	value := rapid.OneOf(
		rapid.Just(0.0), rapid.Float64Range(0, 2), rapid.Map(rapid.Int64Range(0, 1<<40), func(v int64) float64 { return float64(v) }),
		rapid.Float64Range(-1e6, 1e6), rapid.SampledFrom([]float64{math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) baseline.Row {
		r := baseline.Row{
			Start:  at(rapid.IntRange(1, 9).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 5).Draw(t, "window")*10),
			Host:   rapid.SampledFrom(hosts).Draw(t, "host"),
			Values: make([]float64, 3), Known: make([]bool, 3),
		}
		if rapid.Bool().Draw(t, "tagged") {
			r.Tags = rapid.SliceOfN(rapid.SampledFrom(tags), 0, 2).Draw(t, "tags")
		}
		for i := range r.Values {
			if r.Known[i] = rapid.IntRange(0, 4).Draw(t, "known") > 0; r.Known[i] {
				r.Values[i] = value.Draw(t, "value")
			}
		}
		for range rapid.IntRange(0, 4).Draw(t, "counts") {
			r.Counts = append(r.Counts, baseline.Count{
				Category: rapid.IntRange(0, 1).Draw(t, "category"), Key: rapid.SampledFrom(keys).Draw(t, "key"), N: rapid.Uint64Range(1, 5).Draw(t, "n"),
			})
		}
		return r
	}), 0, max)
}

// keys are more than a block keeps; one is too long to be kept.
var keys = []string{"22", "53", "80", "443", "8080", "", string(bytes.Repeat([]byte("x"), 300))}

// TestAnyPartition holds that rows in any order, cut into any parts, which are written and
// read or not and merged in any order, give the same bytes; also beyond the limit of hosts.
func TestAnyPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hosts := rapid.SampledFrom([]int{1, 2, 4, 100}).Draw(t, "hosts")
		all := rows(60).Draw(t, "rows")
		whole := fresh(t, hosts)
		add(t, whole, all...)
		parts := make([]*baseline.Baseline, rapid.IntRange(1, 4).Draw(t, "parts"))
		for i := range parts {
			parts[i] = fresh(t, hosts)
			source := baseline.Source{Hash: [32]byte{byte(i)}, PlanID: "plan", RunID: fmt.Sprint("run ", i)}
			if err := parts[i].AddSource(source); err != nil {
				t.Fatal(err)
			}
			if err := whole.AddSource(source); err != nil {
				t.Fatal(err)
			}
		}
		if hosts == 100 && rapid.Bool().Draw(t, "dropped") { // without a rest, see DropBefore
			day := baseline.DayOf(at(rapid.IntRange(1, 9).Draw(t, "first"), 0, 0))
			parts[rapid.IntRange(0, len(parts)-1).Draw(t, "drops")].DropBefore(day)
			whole.DropBefore(day)
		}
		for _, i := range rapid.Permutation(indexes(len(all))).Draw(t, "order") {
			part := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
			add(t, parts[part], all[i])
			if rapid.IntRange(0, 9).Draw(t, "settled") == 0 {
				encoded(t, parts[part])
			}
		}
		for len(parts) > 1 {
			into, last := rapid.IntRange(0, len(parts)-2).Draw(t, "into"), parts[len(parts)-1]
			if rapid.Bool().Draw(t, "written") {
				last = decoded(t, encoded(t, last))
			}
			if err := parts[into].Merge(last); err != nil {
				t.Fatal(err)
			}
			parts = parts[:len(parts)-1]
		}
		got, want := encoded(t, parts[0]), encoded(t, whole)
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of parts, %d of the whole", len(got), len(want))
		}
		if again := encoded(t, decoded(t, want)); !bytes.Equal(again, want) {
			t.Fatal("written again, it is another")
		}
	})
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// TestForgetAndDrop holds that dropping days and forgetting hosts leaves what there would
// be without their rows, whenever it is done.
func TestForgetAndDrop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rows(60).Draw(t, "rows")
		day := baseline.DayOf(at(rapid.IntRange(1, 10).Draw(t, "first"), 0, 0))
		host := addr("10.0.0.2")
		b, want := fresh(t, 100), fresh(t, 100)
		cut := rapid.IntRange(0, len(all)).Draw(t, "cut")
		add(t, b, all[:cut]...)
		if rapid.Bool().Draw(t, "written") {
			b = decoded(t, encoded(t, b))
		}
		if rapid.Bool().Draw(t, "early") {
			b.DropBefore(day)
		}
		add(t, b, all[cut:]...)
		b.DropBefore(day)
		b.DropBefore(day - 1) // without effect
		b.Forget(host)
		want.DropBefore(day)
		for _, r := range all {
			if r.Host != host && baseline.DayOf(r.Start) >= day {
				add(t, want, r)
			}
		}
		if !bytes.Equal(encoded(t, b), encoded(t, want)) {
			t.Fatal("something of the rows remains")
		}
	})
}

// TestMergeDrops: the later first day of the two counts.
func TestMergeDrops(t *testing.T) {
	all := []baseline.Row{
		{Start: at(2, 1, 0), Host: addr("10.0.0.1"), Values: []float64{1, 0, 0}},
		{Start: at(3, 1, 0), Host: addr("10.0.0.2"), Values: []float64{2, 0, 0}},
	}
	a, b, want := fresh(t, 9), fresh(t, 9), fresh(t, 9)
	add(t, a, all...)
	b.DropBefore(baseline.DayOf(at(3, 0, 0)))
	if err := a.Merge(b); err != nil {
		t.Fatal(err)
	}
	want.DropBefore(baseline.DayOf(at(3, 0, 0)))
	add(t, want, all[1])
	if !bytes.Equal(encoded(t, a), encoded(t, want)) {
		t.Error("merged with one of later days, it keeps earlier ones")
	}
}

// TestDays: profiles of days apart add up to the whole, and rows that are too old are
// counted.
func TestDays(t *testing.T) {
	b := fresh(t, 9)
	for day := 1; day <= 5; day++ {
		for range day {
			add(t, b, baseline.Row{Start: at(day, 9, 0), Host: addr("10.0.0.1"), Values: make([]float64, 3)})
		}
	}
	b.DropBefore(baseline.DayOf(at(2, 0, 0)))
	add(t, b, baseline.Row{Start: at(1, 9, 0), Host: addr("10.0.0.1"), Values: make([]float64, 3)})
	if since, ok := b.Since(); !ok || since != baseline.DayOf(at(2, 0, 0)) || b.TooOld() != 1 || len(b.Days()) != 4 {
		t.Errorf("since %v, %v; %d too old; %v", since, ok, b.TooOld(), b.Days())
	}
	for _, key := range []baseline.Key{baseline.GlobalKey(), baseline.HostKey(addr("10.0.0.1"))} {
		for _, test := range []struct{ first, last, windows int }{{1, 5, 14}, {3, 4, 7}, {5, 5, 5}, {6, 9, 0}, {4, 3, 0}} {
			p, err := b.ProfilesWithin(baseline.DayOf(at(test.first, 0, 0)), baseline.DayOf(at(test.last, 0, 0)), key)
			if err != nil || p[0].Windows != uint64(test.windows) {
				t.Errorf("%v %+v: %d windows, %v", key, test, p[0].Windows, err)
			}
		}
	}
}

// reference is the answer computed from the values themselves.
type reference struct {
	slot baseline.Slot
	n    int
	mean float64
	std  float64
}

func brute(all []baseline.Row, in func(*baseline.Row) bool, feature, hour int) (reference, bool) {
	scale := small().Features[feature].Scale
	for slot := baseline.HourOfWeek; slot <= baseline.AllHours; slot++ {
		var levels []float64
		for i := range all {
			when := time.Unix(0, all[i].Start).UTC()
			week := (int(when.Weekday())+6)%7*24 + when.Hour()
			same := slot == baseline.AllHours || slot == baseline.HourOfDay && week%24 == hour%24 || week == hour
			if same && in(&all[i]) && all[i].Known[feature] {
				levels = append(levels, float64(scale.Level(all[i].Values[feature])))
			}
		}
		if len(levels) >= 4 || slot == baseline.AllHours && len(levels) > 0 {
			return summary(slot, levels), true
		}
	}
	return reference{}, false
}

func summary(slot baseline.Slot, levels []float64) reference {
	r := reference{slot: slot, n: len(levels)}
	for _, x := range levels {
		r.mean += x / float64(len(levels))
	}
	for _, x := range levels {
		r.std += (x - r.mean) * (x - r.mean)
	}
	if r.std = math.Sqrt(r.std / float64(len(levels)-1)); len(levels) == 1 {
		r.std = 0
	}
	return r
}

// TestAgainstRows compares answers for every kind of segment with the rows.
func TestAgainstRows(t *testing.T) {
	prefix := netip.MustParsePrefix("10.0.0.0/24")
	segments := map[baseline.Key]func(*baseline.Row) bool{
		baseline.GlobalKey():              func(*baseline.Row) bool { return true },
		baseline.HostKey(addr("fd00::1")): func(r *baseline.Row) bool { return r.Host == addr("fd00::1") },
		baseline.SubnetKey(prefix):        func(r *baseline.Row) bool { return prefix.Contains(r.Host) },
		baseline.ProtocolKey("dns"):       tagged(baseline.ProtocolKey("dns")),
		baseline.LabelKey("server"):       tagged(baseline.LabelKey("server")),
	}
	rapid.Check(t, func(t *rapid.T) {
		all := rows(60).Draw(t, "rows")
		b := fresh(t, 100)
		add(t, b, all...)
		feature, hour := rapid.IntRange(0, 2).Draw(t, "feature"), rapid.IntRange(0, 167).Draw(t, "hour of week")
		for key, in := range segments {
			got, ok, err := b.Query(key, feature, hour)
			want, known := brute(all, in, feature, hour)
			if err != nil || ok != known {
				t.Fatalf("%v: %v, %v, %v", key, got, ok, err)
			}
			if ok && (got.Slot != want.slot || got.Observations != uint64(want.n) || !near(got.Mean, want.mean) || !near(got.Std, want.std)) {
				t.Fatalf("%v: %+v, want %+v", key, got, want)
			}
		}
	})
}

func tagged(k baseline.Key) func(*baseline.Row) bool {
	return func(r *baseline.Row) bool {
		for _, tag := range r.Tags {
			if tag == k {
				return true
			}
		}
		return false
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

// TestSlots works the fall-back out by hand: Monday 9 to 10 has four windows, Tuesday
// three, and no other hour has any.
func TestSlots(t *testing.T) {
	b := fresh(t, 9)
	host := addr("10.0.0.1")
	for minute, packets := range []float64{1, 3, 1, 3} { // levels 8 and 16 of 1+1 and 1+3
		add(t, b, baseline.Row{Start: at(2, 9, minute*10), Host: host, Values: []float64{packets, 0.5, 0}})
	}
	for minute := range 3 {
		add(t, b, baseline.Row{Start: at(3, 9, minute*10), Host: host, Values: []float64{7, 0.25, 0}, Known: []bool{true, minute > 0, true}})
	}
	p, err := b.Profile(baseline.HostKey(host))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		feature, hour int
		slot          baseline.Slot
		n             uint64
		mean, std     float64
	}{
		{0, 9, baseline.HourOfWeek, 4, 12, math.Sqrt(64. / 3)},
		{0, 24 + 9, baseline.HourOfDay, 7, 120. / 7, math.Sqrt((4*12*12 + 3*24*24 + 4*4*4 - 120.*120/7) / 6)}, // (4·12+3·24)/7
		{0, 48 + 9, baseline.HourOfDay, 7, 120. / 7, math.Sqrt((4*12*12 + 3*24*24 + 4*4*4 - 120.*120/7) / 6)},
		{0, 10, baseline.AllHours, 7, 120. / 7, math.Sqrt((4*12*12 + 3*24*24 + 4*4*4 - 120.*120/7) / 6)},
		{1, 24 + 9, baseline.HourOfDay, 6, (4*64 + 2*32) / 6., math.Sqrt((4*64*64 + 2*32*32 - 320.*320/6) / 5)},
	} {
		a, ok := p.Query(test.feature, test.hour)
		if !ok || a.Slot != test.slot || a.Observations != test.n || !near(a.Mean, test.mean) || !near(a.Std, test.std) {
			t.Errorf("%d at %d: %+v, %v; want %+v", test.feature, test.hour, a, ok, test)
		}
	}
	if a, _ := p.Query(1, 9); a.Center() != 0.5 {
		t.Errorf("center %v", a.Center())
	}
	if p.Windows != 7 || p.Hosts != 1 || len(p.Days) != 2 || p.Histogram(0).Count() != 7 || p.Histogram(1).Count() != 6 {
		t.Errorf("%+v", p)
	}
	for _, hour := range []int{-1, 168} {
		if _, ok := p.Query(0, hour); ok {
			t.Errorf("an answer for hour %d", hour)
		}
	}
	if none, _ := b.Profile(baseline.HostKey(addr("10.9.9.9"))); none.Windows != 0 {
		t.Errorf("%+v", none)
	} else if _, ok := none.Query(0, 0); ok {
		t.Error("an answer of nothing")
	}
}

// TestHourOfWeek around the epoch, which was a Thursday, and before it.
func TestHourOfWeek(t *testing.T) {
	for ns, want := range map[int64]int{0: 72, -1: 71, at(2, 0, 0): 0, at(2, 0, 0) - 1: 167, at(8, 23, 59): 167, at(4, 13, 0): 61} {
		if got := baseline.HourOfWeekOf(ns); got != want {
			t.Errorf("%d: %d, want %d", ns, got, want)
		}
	}
}

// TestCategories: keys of several hosts add up exactly as long as no block had too many.
func TestCategories(t *testing.T) {
	b := fresh(t, 9)
	window := func(host string, counts ...baseline.Count) {
		add(t, b, baseline.Row{Start: at(2, 9, 0), Host: addr(host), Values: make([]float64, 3), Counts: counts})
	}
	window("10.0.0.1", baseline.Count{Key: "443", N: 5}, baseline.Count{Key: "53", N: 2})
	window("10.0.0.2", baseline.Count{Key: "443", N: 1}, baseline.Count{Category: 1, Key: "tls", N: 1})
	p, err := b.Profile(baseline.SubnetOf(addr("10.0.0.99")))
	if err != nil {
		t.Fatal(err)
	}
	port := p.Categories()[0]
	if top := port.Top.Top(-1); len(top) != 2 || top[0] != (sketch.Entry{Key: "443", Count: 6}) || port.Distinct.Count() != 2 || port.LeftOut != 0 || port.Name != "port" {
		t.Errorf("%v, %+v", top, port)
	}
	for key := range 6 { // two more than there is room for
		window("10.0.0.3", baseline.Count{Key: fmt.Sprint(key), N: 1})
	}
	p, _ = b.Profile(baseline.GlobalKey())
	port = p.Categories()[0]
	if port.LeftOut != 2 || port.Distinct.Count() != 8 || port.Top.Total() != 12 {
		t.Errorf("%+v", port)
	}
}

// TestRest: the two hosts of private addresses stay, the others are summed up.
func TestRest(t *testing.T) {
	b := fresh(t, 2)
	for i := range 20 {
		add(t, b, baseline.Row{Start: at(2+i%2, 9, 0), Host: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Values: make([]float64, 3)})
	}
	for i := range 2 {
		add(t, b, baseline.Row{Start: at(2, 9, 0), Host: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), Values: make([]float64, 3)})
	}
	hosts, err := b.Segments(baseline.Host)
	if err != nil || len(hosts) != 2 || hosts[0] != baseline.HostKey(addr("10.0.0.0")) {
		t.Errorf("%v, %v", hosts, err)
	}
	rest, err := b.Rest()
	if err != nil || rest.Windows != 20 || len(rest.Days) != 2 || rest.Days[0].Hosts != 10 || !rest.Days[1].Exact {
		t.Errorf("%+v, %v", rest, err)
	}
	if p, _ := b.Profile(baseline.GlobalKey()); p.Windows != 22 || p.Hosts != 2 {
		t.Errorf("%d windows, %d hosts", p.Windows, p.Hosts)
	}
	if b.Forget(addr("192.0.2.1")) || !b.Forget(addr("::ffff:10.0.0.1")) {
		t.Error("what can be forgotten is wrong")
	}
}

// TestLevels: exact at powers of two and for shares, and within the bound elsewhere.
func TestLevels(t *testing.T) {
	count, share, nanos := baseline.Scale{Octaves: true}, baseline.Scale{Step: -7}, baseline.Scale{Octaves: true, Step: 10}
	for _, test := range []struct {
		scale baseline.Scale
		x     float64
		want  int64
	}{
		{count, 0, 0}, {count, 1, 8}, {count, 2, 12}, {count, 3, 16}, {count, -3, -16}, {count, 1023, 80}, {count, math.MaxFloat64, 8192},
		{share, 1, 128}, {share, -0.5, -64}, {share, 0.001, 0}, {share, 1e9, 1 << 15}, {share, math.MaxFloat64, 1 << 15},
		{nanos, 1023 * 1024, 80}, {nanos, math.SmallestNonzeroFloat64, 0},
	} {
		if got := test.scale.Level(test.x); got != test.want {
			t.Errorf("%+v of %v: %d, want %d", test.scale, test.x, got, test.want)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		x := math.Exp(random.Float64() * 40)
		if back := count.Value(float64(count.Level(x))); math.Abs(back-x)/(1+x) > 1./16+1e-12 {
			t.Fatalf("%v became %v", x, back)
		}
	}
}
