package baseline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
)

// example has something in every place of a file.
func example(t failer) *baseline.Baseline {
	b := fresh(t, 2)
	b.DropBefore(baseline.DayOf(at(1, 0, 0)))
	if err := b.AddSource(baseline.Source{Hash: [32]byte{9}, PlanID: "plan", RunID: "run"}); err != nil {
		t.Fatal(err)
	}
	for i, host := range []string{"10.0.0.1", "fd00::1", "192.0.2.7"} {
		for window := range 9 {
			add(t, b, baseline.Row{
				Start: at(2+window/6, 9+window/2, 0), Host: addr(host), Tags: []baseline.Key{baseline.LabelKey("server")}[:i%2],
				Values: []float64{float64(window * window), 0.25, float64(window) * 1e6}, Known: []bool{true, window > 2, true},
				Counts: []baseline.Count{{Category: i % 2, Key: keys[window%len(keys)], N: 1}},
			})
		}
	}
	return b
}

// sealed puts the right hash behind other bytes.
func sealed(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(bytes.Clone(body), sum[:]...)
}

func unsealed(data []byte) []byte { return bytes.Clone(data[:len(data)-sha256.Size]) }

const head = "pcapmill baseline\n"

// TestTampered: each changed bit and each cut is found, with the reason.
func TestTampered(t *testing.T) {
	good := encoded(t, example(t))
	for at := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[at] ^= 1 << bit
			want := baseline.ErrTampered
			switch {
			case at < len(head):
				want = baseline.ErrForeign
			case at == len(head): // the version's byte
				want = nil
			}
			if _, err := baseline.Decode(bad); err == nil || want != nil && !errors.Is(err, want) {
				t.Fatalf("byte %d bit %d: %v", at, bit, err)
			}
		}
		if _, err := baseline.Decode(good[:at]); !errors.Is(err, baseline.ErrTampered) && !errors.Is(err, baseline.ErrForeign) {
			t.Fatalf("cut at %d: %v", at, err)
		}
	}
	if _, err := baseline.Decode(append(good, 0)); !errors.Is(err, baseline.ErrTampered) {
		t.Errorf("with one byte more: %v", err)
	}
}

// TestVersions: a newer one is told from a damaged one, whatever follows.
func TestVersions(t *testing.T) {
	good := unsealed(encoded(t, example(t)))
	for version, want := range map[uint64]error{0: baseline.ErrCorrupt, 2: baseline.ErrNewer, 300: baseline.ErrNewer, math.MaxUint64: baseline.ErrNewer} {
		other := binary.AppendUvarint([]byte(head), version)
		other = append(other, good[len(head)+1:]...)
		for _, data := range [][]byte{sealed(other), append(other, "ends otherwise"...)} {
			if _, err := baseline.Decode(data); !errors.Is(err, want) && version > 0 {
				t.Errorf("version %d: %v", version, err)
			}
		}
		if _, err := baseline.Decode(sealed(other)); !errors.Is(err, want) {
			t.Errorf("version %d: %v", version, err)
		}
	}
	long := append([]byte(head), 0x81, 0)
	if _, err := baseline.Decode(sealed(append(long, good[len(head)+1:]...))); !errors.Is(err, baseline.ErrCorrupt) {
		t.Errorf("a version in two bytes: %v", err)
	}
}

// TestStranger: whatever bytes with a right hash say, they are refused, or are what Encode
// writes.
func TestStranger(t *testing.T) {
	good := unsealed(encoded(t, example(t)))
	accepted := 0
	for at := len(head) + 1; at < len(good); at++ {
		for _, value := range []byte{good[at] ^ 1, good[at] ^ 0x80, good[at] + 1, 0, 0xff} {
			bad := bytes.Clone(good)
			bad[at] = value
			accepted += checkDecode(t, sealed(bad))
		}
		checkDecode(t, sealed(good[:at]))
	}
	t.Logf("%d of %d changes make another baseline", accepted, 5*(len(good)-len(head)))
}

// TestRoom: hosts that have no room, and a rest where no host was left out, are no
// baseline.
func TestRoom(t *testing.T) {
	many := fresh(t, 2)
	add(t, many,
		baseline.Row{Start: at(2, 9, 0), Host: addr("10.0.0.1"), Values: make([]float64, 3)},
		baseline.Row{Start: at(2, 9, 0), Host: addr("10.0.0.2"), Values: make([]float64, 3)})
	for name, b := range map[string]*baseline.Baseline{"two hosts": many, "two hosts and a rest": example(t)} {
		data := unsealed(encoded(t, b))
		if data[len(head)+1] != 2 {
			t.Fatal("the limit of hosts is elsewhere")
		}
		data[len(head)+1] = 1
		if _, err := baseline.Decode(sealed(data)); !errors.Is(err, baseline.ErrCorrupt) {
			t.Errorf("%s in room for one: %v", name, err)
		}
	}
}

// checkDecode holds what must hold for any bytes, and returns 1 where they are a baseline.
func checkDecode(t failer, data []byte) int {
	b, err := baseline.Decode(data)
	checkOpen(t, data, b, err, 100)
	if err != nil {
		for _, known := range []error{baseline.ErrForeign, baseline.ErrNewer, baseline.ErrTampered, baseline.ErrCorrupt} {
			if errors.Is(err, known) {
				return 0
			}
		}
		t.Fatalf("an error of none of the kinds: %v", err)
	}
	if err := b.Check(); err != nil {
		checkUse(t, b)
		return 0
	}
	if !bytes.Equal(encoded(t, b), data) {
		t.Fatal("accepted, but not what Encode writes")
	}
	segments := []baseline.Key{baseline.GlobalKey()}
	for kind := baseline.Global; kind <= baseline.Label; kind++ {
		keys, err := b.Segments(kind)
		if err != nil {
			t.Fatal(err)
		}
		segments = append(segments, keys[:min(len(keys), 3)]...)
	}
	for _, key := range segments {
		a, ok, err := b.Query(key, 0, 9)
		if err != nil && !errors.Is(err, baseline.ErrFull) {
			t.Fatal(err)
		}
		if ok && (a.Observations == 0 || math.IsNaN(a.Std) || math.IsNaN(a.Mean)) {
			t.Fatalf("%v: %+v", key, a)
		}
	}
	return 1
}

// checkOpen holds that a File is refused where Decode refuses, for the same reason, and
// says the same where there is nothing wrong.
func checkOpen(t failer, data []byte, b *baseline.Baseline, want error, together int64) {
	f, err := baseline.OpenBytes(data, together)
	if fmt.Sprint(err) != fmt.Sprint(want) {
		t.Fatalf("opened: %v, decoded: %v", err, want)
	}
	if err != nil {
		return
	}
	if err, want := f.Check(), b.Check(); errors.Is(err, baseline.ErrCorrupt) != errors.Is(want, baseline.ErrCorrupt) {
		t.Fatalf("%v, in memory %v", err, want)
	} else if err != nil {
		return
	}
	hosts := 0
	if err := f.EachHost(context.Background(), func(v *baseline.HostView) error {
		hosts++
		if _, ok := v.Query(0, 9); v.Windows == 0 || ok != (v.Histogram(0).Count() > 0) {
			t.Fatalf("%v: %d windows", v.Host, v.Windows)
		}
		return nil
	}); err != nil || hosts != b.Hosts() || !slices.Equal(f.Days(), b.Days()) {
		t.Fatalf("%d of %d hosts, %v; days %v, %v", hosts, b.Hosts(), err, f.Days(), b.Days())
	}
}

// checkUse holds that a baseline with a block that is none says so when it is needed, and
// cannot be merged.
func checkUse(t failer, b *baseline.Baseline) {
	if _, err := b.Profile(baseline.GlobalKey()); !errors.Is(err, baseline.ErrCorrupt) {
		t.Fatalf("a profile of blocks that are none: %v", err)
	}
	into, err := baseline.New(b.Config(), b.Table())
	if err != nil {
		t.Fatal(err)
	}
	if err := into.Merge(b); !errors.Is(err, baseline.ErrCorrupt) || len(into.Sources()) > 0 {
		t.Fatalf("merged blocks that are none: %v", err)
	}
}

// FuzzDecode seals its input behind the head, so that it reaches what is behind the hash.
func FuzzDecode(f *testing.F) {
	f.Add(unsealed(encoded(f, example(f)))[len(head)+1:])
	f.Add(unsealed(encoded(f, fresh(f, 1)))[len(head)+1:])
	f.Fuzz(func(t *testing.T, body []byte) {
		checkDecode(t, sealed(append(binary.AppendUvarint([]byte(head), baseline.Version), body...)))
	})
}

// TestRowsThatAreNone are refused and leave the baseline as it was.
func TestRowsThatAreNone(t *testing.T) {
	b := example(t)
	before := encoded(t, b)
	many := make([]baseline.Key, baseline.MaxTags+1)
	for i := range many {
		many[i] = baseline.LabelKey(strings.Repeat("x", i+1))
	}
	for name, r := range map[string]baseline.Row{
		"no host":         {Values: make([]float64, 3)},
		"few values":      {Host: addr("10.0.0.1"), Values: make([]float64, 2)},
		"few known":       {Host: addr("10.0.0.1"), Values: make([]float64, 3), Known: make([]bool, 2)},
		"not a number":    {Host: addr("10.0.0.1"), Values: []float64{0, math.NaN(), 0}},
		"infinite":        {Host: addr("10.0.0.1"), Values: []float64{math.Inf(-1), 0, 0}},
		"no category":     {Host: addr("10.0.0.1"), Values: make([]float64, 3), Counts: []baseline.Count{{Category: 2, N: 1}}},
		"never":           {Host: addr("10.0.0.1"), Values: make([]float64, 3), Counts: []baseline.Count{{N: 0}}},
		"a tag of a host": {Host: addr("10.0.0.1"), Values: make([]float64, 3), Tags: []baseline.Key{baseline.HostKey(addr("10.0.0.1"))}},
		"an empty tag":    {Host: addr("10.0.0.1"), Values: make([]float64, 3), Tags: []baseline.Key{""}},
		"too many tags":   {Host: addr("10.0.0.1"), Values: make([]float64, 3), Tags: many},
	} {
		r.Start = at(3, 0, 0)
		if err := b.Add(&r); !errors.Is(err, baseline.ErrRow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !bytes.Equal(encoded(t, b), before) {
		t.Error("changed")
	}
}

// TestTagSets end at their limit.
func TestTagSets(t *testing.T) {
	b := fresh(t, 9)
	r := baseline.Row{Start: at(2, 0, 0), Host: addr("10.0.0.1"), Values: make([]float64, 3)}
	for i := range baseline.MaxTagSets {
		r.Tags = []baseline.Key{baseline.LabelKey(string(binary.BigEndian.AppendUint16(nil, uint16(i))))}
		add(t, b, r)
	}
	r.Tags = nil
	if err := b.Add(&r); !errors.Is(err, baseline.ErrFull) {
		t.Error(err)
	}
	checkDecode(t, encoded(t, b))
}

// TestTwice: a table is added once, by its bytes or its run, also through merges.
func TestTwice(t *testing.T) {
	a, b := fresh(t, 9), fresh(t, 9)
	first := baseline.Source{Hash: [32]byte{1}, RunID: "one"}
	if err := a.AddSource(first); err != nil {
		t.Fatal(err)
	}
	for _, again := range []baseline.Source{first, {Hash: [32]byte{1}, RunID: "two"}, {Hash: [32]byte{2}, RunID: "one"}} {
		if err := a.AddSource(again); !errors.Is(err, baseline.ErrTwice) {
			t.Errorf("%+v: %v", again, err)
		}
	}
	if err := b.AddSource(baseline.Source{Hash: [32]byte{2}, RunID: "one"}); err != nil {
		t.Fatal(err)
	}
	before := encoded(t, a)
	if err := a.Merge(b); !errors.Is(err, baseline.ErrTwice) || !bytes.Equal(encoded(t, a), before) {
		t.Error(err)
	}
	if err := decoded(t, before).AddSource(first); !errors.Is(err, baseline.ErrTwice) {
		t.Error("forgotten when written: ", err)
	}
	if err := a.AddSource(baseline.Source{PlanID: strings.Repeat("x", 256)}); !errors.Is(err, baseline.ErrConfig) {
		t.Error(err)
	}
}

// TestMismatch: other tables, features and settings do not merge.
func TestMismatch(t *testing.T) {
	b := fresh(t, 9)
	for name, change := range map[string]func(*baseline.Config, *baseline.Table){
		"hosts":     func(c *baseline.Config, _ *baseline.Table) { c.Hosts++ },
		"precision": func(c *baseline.Config, _ *baseline.Table) { c.Precision = sketch.Fine },
		"category":  func(c *baseline.Config, _ *baseline.Table) { c.Categories = c.Categories[:1] },
		"version":   func(_ *baseline.Config, t *baseline.Table) { t.Version++ },
		"columns":   func(_ *baseline.Config, t *baseline.Table) { t.Hash[31]++ },
		"scale":     func(_ *baseline.Config, t *baseline.Table) { t.Features[0].Scale.Step++ },
	} {
		c, table := config(9), small()
		change(&c, &table)
		o, err := baseline.New(c, table)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Merge(o); !errors.Is(err, baseline.ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDescriptionsThatAreNone are refused by New.
func TestDescriptionsThatAreNone(t *testing.T) {
	for name, change := range map[string]func(*baseline.Config, *baseline.Table){
		"no hosts":      func(c *baseline.Config, _ *baseline.Table) { c.Hosts = 0 },
		"precision":     func(c *baseline.Config, _ *baseline.Table) { c.Precision = sketch.Highest + 1 },
		"no keys":       func(c *baseline.Config, _ *baseline.Table) { c.Keys = 0 },
		"order":         func(c *baseline.Config, _ *baseline.Table) { c.Categories = []string{"b", "a"} },
		"many":          func(c *baseline.Config, _ *baseline.Table) { c.Categories = make([]string, baseline.MaxCategories+1) },
		"no name":       func(_ *baseline.Config, t *baseline.Table) { t.Name = "" },
		"no features":   func(_ *baseline.Config, t *baseline.Table) { t.Features = nil },
		"same features": func(_ *baseline.Config, t *baseline.Table) { t.Features[1].Name = t.Features[0].Name },
		"scale":         func(_ *baseline.Config, t *baseline.Table) { t.Features[1].Scale.Step = 100 },
	} {
		c, table := config(9), small()
		change(&c, &table)
		if _, err := baseline.New(c, table); !errors.Is(err, baseline.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTableOf takes numeric features, by their units.
func TestTableOf(t *testing.T) {
	s := column.Schema{Table: "hosts", Version: 2, Columns: []column.Column{
		{Name: "host", Type: column.String, Role: column.LeakProne, Doc: "x"},
		{Name: "out_packets", Type: column.Int64, Unit: column.Packets, Doc: "x"},
		{Name: "gap_mean_ns", Type: column.Double, Unit: column.Nanos, Doc: "x"},
		{Name: "outbound_ratio", Type: column.Double, Unit: column.Ratio, Doc: "x"},
		{Name: "packets_per_s", Type: column.Double, Unit: column.PerSecond, Doc: "x"},
		{Name: "class", Type: column.String, Doc: "x"},
		{Name: "label_id", Type: column.Int32, Role: column.Label, Doc: "x"},
	}}
	table, err := baseline.TableOf(&s)
	if err != nil {
		t.Fatal(err)
	}
	want := []baseline.Feature{
		{Name: "out_packets", Scale: baseline.Scale{Octaves: true}},
		{Name: "gap_mean_ns", Scale: baseline.Scale{Octaves: true, Step: 10}},
		{Name: "outbound_ratio", Scale: baseline.Scale{Step: -7}},
		{Name: "packets_per_s", Scale: baseline.Scale{Octaves: true, Step: -7}},
	}
	if len(table.Features) != len(want) || table.Index("outbound_ratio") != 2 || table.Index("host") != -1 {
		t.Fatalf("%+v", table)
	}
	for i := range want {
		if table.Features[i] != want[i] {
			t.Errorf("%+v, want %+v", table.Features[i], want[i])
		}
	}
}

// TestKeys: text of the valid ones, and those that are not.
func TestKeys(t *testing.T) {
	for key, want := range map[baseline.Key]string{
		baseline.GlobalKey():                                    "global",
		baseline.HostKey(addr("::ffff:192.0.2.1")):              "host 192.0.2.1",
		baseline.HostKey(addr("fe80::1%eth0")):                  "host fe80::1",
		baseline.SubnetOf(addr("192.0.2.9")):                    "subnet 192.0.2.0/24",
		baseline.SubnetOf(addr("2001:db8:1:2:3::4")):            "subnet 2001:db8:1:2::/64",
		baseline.SubnetKey(netip.MustParsePrefix("10.1.2.3/8")): "subnet 10.0.0.0/8",
		baseline.ProtocolKey("dns"):                             "protocol dns",
		baseline.LabelKey("printers"):                           "label printers",
	} {
		if err := key.Validate(); err != nil || key.String() != want {
			t.Errorf("%q: %v, %v", want, key, err)
		}
	}
	for _, bad := range []baseline.Key{"", "\x00x", "\x01", "\x02", "\x02\x21\x0a\x00\x00\x00", "\x02\x08\x0a\x00\x00\x01", "\x03abc", "\x05", baseline.LabelKey(strings.Repeat("x", 256))} {
		if err := bad.Validate(); err == nil {
			t.Errorf("%q passed", string(bad))
		}
	}
}
