package baseline_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/model/baseline"
)

// reader is what a Baseline and a File have in common.
type reader interface {
	Config() baseline.Config
	Table() baseline.Table
	Since() (baseline.Day, bool)
	Sources() []baseline.Source
	Days() []baseline.Day
	Hosts() int
	Rest() (baseline.Rest, error)
	Segments(baseline.Kind) ([]baseline.Key, error)
	ProfilesWithin(first, last baseline.Day, keys ...baseline.Key) ([]*baseline.Profile, error)
	Host(netip.Addr) (*baseline.HostView, bool, error)
	EachHost(context.Context, func(*baseline.HostView) error) error
}

// profileText is all that a profile says.
func profileText(p *baseline.Profile) string {
	var b strings.Builder
	fmt.Fprintln(&b, p.Key, p.Hosts, p.Windows, p.Days)
	for f := range 3 {
		fmt.Fprintln(&b, p.Histogram(f).AppendBinary(nil))
		for hour := range 168 {
			a, ok := p.Query(f, hour)
			fmt.Fprintln(&b, a, ok)
		}
	}
	writeCategories(&b, p.Categories())
	return b.String()
}

// viewText is the same of a view.
func viewText(v *baseline.HostView) string {
	var b strings.Builder
	fmt.Fprintln(&b, baseline.HostKey(v.Host), 1, v.Windows, v.Days)
	for f := range 3 {
		fmt.Fprintln(&b, v.Histogram(f).AppendBinary(nil))
		for hour := range 168 {
			a, ok := v.Query(f, hour)
			fmt.Fprintln(&b, a, ok)
		}
	}
	writeCategories(&b, v.Categories())
	return b.String()
}

func writeCategories(b *strings.Builder, categories []baseline.Category) {
	for i := range categories {
		c := &categories[i]
		fmt.Fprintln(b, c.Name, c.Top.AppendBinary(nil), c.Distinct.AppendBinary(nil), c.LeftOut)
	}
}

// said is all that a reader says, but for hours and tags of hosts.
func said(t failer, r reader) string {
	var b strings.Builder
	since, ok := r.Since()
	rest, err := r.Rest()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, r.Config(), r.Table(), since, ok, r.Sources(), r.Days(), r.Hosts(), rest)
	var keys []baseline.Key
	for kind := baseline.Global; kind <= baseline.Label; kind++ {
		of, err := r.Segments(kind)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, of...)
	}
	first := baseline.DayOf(at(3, 0, 0))
	for _, days := range [][2]baseline.Day{{-1 << 31, 1<<31 - 1}, {first, first + 2}} {
		profiles, err := r.ProfilesWithin(days[0], days[1], keys...)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range profiles {
			b.WriteString(profileText(p))
		}
	}
	return b.String()
}

// TestFileSaysTheSame as the baseline that was written, whatever blocks are read together.
func TestFileSaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := fresh(t, rapid.SampledFrom([]int{1, 3, 100}).Draw(t, "hosts"))
		if err := b.AddSource(baseline.Source{Hash: [32]byte{1}, RunID: "run"}); err != nil {
			t.Fatal(err)
		}
		add(t, b, rows(60).Draw(t, "rows")...)
		f, err := baseline.OpenBytes(encoded(t, b), rapid.Int64Range(1, 3000).Draw(t, "together"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := said(t, f), said(t, b); got != want {
			t.Fatalf("%s\nwant\n%s", got, want)
		}
		if err := f.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestEachHost: views come by address and say what profiles of hosts do, and of hours and
// tags what rows do.
func TestEachHost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rows(60).Draw(t, "rows")
		b := fresh(t, 100)
		add(t, b, all...)
		f, err := baseline.OpenBytes(encoded(t, b), rapid.Int64Range(1, 3000).Draw(t, "together"))
		if err != nil {
			t.Fatal(err)
		}
		hosts, err := b.Segments(baseline.Host)
		if err != nil {
			t.Fatal(err)
		}
		byAddress := slices.SortedFunc(slices.Values(hosts), func(a, b baseline.Key) int { return addressOf(a).Compare(addressOf(b)) })
		for _, r := range []reader{b, f} {
			var seen []baseline.Key
			if err := r.EachHost(context.Background(), func(v *baseline.HostView) error {
				seen = append(seen, baseline.HostKey(v.Host))
				checkView(t, b, all, v)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(seen, byAddress) {
				t.Fatalf("%v, want %v", seen, byAddress)
			}
			for _, host := range []string{"10.0.0.2", "fd00::1", "192.0.2.99"} {
				v, ok, err := r.Host(addr(host))
				if err != nil || ok != slices.Contains(hosts, baseline.HostKey(addr(host))) {
					t.Fatalf("%s: %v, %v", host, ok, err)
				}
				checkView(t, b, all, v)
			}
		}
	})
}

func addressOf(k baseline.Key) netip.Addr { return addr(strings.TrimPrefix(k.String(), "host ")) }

// checkView compares a view with the host's profile, and with its rows.
func checkView(t failer, b *baseline.Baseline, all []baseline.Row, v *baseline.HostView) {
	p, err := b.Profile(baseline.HostKey(v.Host))
	if err != nil {
		t.Fatal(err)
	}
	p.Hosts = 1
	if got, want := viewText(v), profileText(p); got != want {
		t.Fatalf("%s\nwant\n%s", got, want)
	}
	cells := make([]map[baseline.Hour]baseline.Cell, 3)
	for f := range cells {
		cells[f] = map[baseline.Hour]baseline.Cell{}
	}
	hours, tags := map[baseline.Hour]uint64{}, map[string]uint64{}
	for i := range all {
		r := &all[i]
		if r.Host != v.Host {
			continue
		}
		h := baseline.Hour{Day: baseline.DayOf(r.Start), Hour: uint8(baseline.HourOfWeekOf(r.Start) % 24)}
		hours[h]++
		tags[tagText(r.Tags)]++
		for f, scale := range small().Features {
			if r.Known[f] {
				c, level := cells[f][h], scale.Scale.Level(r.Values[f])
				cells[f][h] = baseline.Cell{Day: h.Day, Hour: h.Hour, N: c.N + 1, Sum: c.Sum + level, Squares: c.Squares + uint64(level*level)}
			}
		}
	}
	gotHours, gotTags := map[baseline.Hour]uint64{}, map[string]uint64{}
	for _, h := range v.Hours {
		gotHours[baseline.Hour{Day: h.Day, Hour: h.Hour}] += h.Windows
	}
	for _, x := range v.Tags {
		gotTags[tagText(x.Keys)] += x.Windows
	}
	if !reflect.DeepEqual(gotHours, hours) || !reflect.DeepEqual(gotTags, tags) {
		t.Fatalf("%v %v, want %v %v", gotHours, gotTags, hours, tags)
	}
	if !slices.IsSortedFunc(v.Hours, func(a, b baseline.Hour) int { return (int(a.Day-b.Day)*24 + int(a.Hour) - int(b.Hour)) }) {
		t.Fatalf("out of order: %v", v.Hours)
	}
	for f := range cells {
		got := map[baseline.Hour]baseline.Cell{}
		for _, c := range v.Cells(f) {
			got[baseline.Hour{Day: c.Day, Hour: c.Hour}] = c
		}
		if !reflect.DeepEqual(got, cells[f]) {
			t.Fatalf("feature %d: %v, want %v", f, got, cells[f])
		}
	}
}

func tagText(keys []baseline.Key) string {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	return fmt.Sprintf("%q", slices.Compact(keys))
}

// TestEachHostEnds where its function or its context says so.
func TestEachHostEnds(t *testing.T) {
	f, err := baseline.OpenBytes(encoded(t, example(t)), 1)
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	if err := f.EachHost(context.Background(), func(*baseline.HostView) error { return enough }); err != enough {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	if err := f.EachHost(ctx, func(*baseline.HostView) error { seen++; cancel(); return nil }); !errors.Is(err, context.Canceled) || seen != 1 {
		t.Errorf("%d hosts, %v", seen, err)
	}
	if _, err := f.ProfilesContext(ctx, -1<<31, 1<<31-1, baseline.GlobalKey()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// saved writes the example.
func saved(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "b")
	if err := example(t).Save(name); err != nil {
		t.Fatal(err)
	}
	return name
}

func opened(t *testing.T, name string) *baseline.File {
	f, err := baseline.Open(name, baseline.DefaultFileBytes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestReplaced: the file that was opened is read on, also where another takes its place.
func TestReplaced(t *testing.T) {
	name := saved(t)
	f := opened(t, name)
	if err := fresh(t, 1).Save(name); err != nil {
		t.Fatal(err)
	}
	if got, want := said(t, f), said(t, example(t)); got != want {
		t.Error(got)
	}
}

// TestChangedUnderneath: one that is cut or changed where it lies gives an error with its
// name and an offset, wherever.
func TestChangedUnderneath(t *testing.T) {
	name := saved(t)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f := opened(t, name)
	asks := map[string]func() error{
		"host":     func() error { _, _, err := f.Host(addr("10.0.0.1")); return err },
		"hosts":    func() error { return f.EachHost(context.Background(), func(*baseline.HostView) error { return nil }) },
		"profile":  func() error { _, err := f.Profile(baseline.GlobalKey()); return err },
		"rest":     func() error { _, err := f.Rest(); return err },
		"segments": func() error { _, err := f.Segments(baseline.Host); return err },
		"check":    f.Check,
	}
	body := len(good) - 32
	for what, bad := range map[string][]byte{"cut": good[:body-1], "empty": nil, "changed": append(bytes.Clone(good[:body-1]), good[body-1]^1)} {
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		for ask, do := range asks {
			if err := do(); !errors.Is(err, baseline.ErrChanged) || !strings.Contains(err.Error(), name+": at offset ") {
				t.Errorf("%s, %s: %v", what, ask, err)
			}
		}
	}
}

// TestOpenRefuses what Load does.
func TestOpenRefuses(t *testing.T) {
	name := saved(t)
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := baseline.Open(name, 100); !errors.Is(err, baseline.ErrTooLarge) || !strings.Contains(err.Error(), name) {
		t.Error(err)
	}
	for at := range good {
		bad := bytes.Clone(good)
		bad[at] ^= 0x10
		_, err := baseline.OpenBytes(bad, 1)
		_, want := baseline.Decode(bad)
		if err == nil || err.Error() != want.Error() {
			t.Fatalf("byte %d: %v, want %v", at, err, want)
		}
		_, err = baseline.OpenBytes(good[:at], 1)
		_, want = baseline.Decode(good[:at])
		if err == nil || err.Error() != want.Error() {
			t.Fatalf("cut at %d: %v, want %v", at, err, want)
		}
	}
	if err := os.WriteFile(name, good[:50], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := baseline.Open(name, 100); !errors.Is(err, baseline.ErrTampered) || !strings.Contains(err.Error(), name) {
		t.Error(err)
	}
}

// FuzzOpen seals its input behind the head, and cuts blocks into groups anywhere.
func FuzzOpen(f *testing.F) {
	f.Add(unsealed(encoded(f, example(f)))[len(head)+1:], uint16(1))
	f.Add(unsealed(encoded(f, example(f)))[len(head)+1:], uint16(150))
	f.Add(unsealed(encoded(f, fresh(f, 1)))[len(head)+1:], uint16(9))
	f.Fuzz(func(t *testing.T, body []byte, together uint16) {
		data := sealed(append(binary.AppendUvarint([]byte(head), baseline.Version), body...))
		b, want := baseline.Decode(data)
		checkOpen(t, data, b, want, int64(together))
		if want == nil && b.Check() == nil {
			f, err := baseline.OpenBytes(data, int64(together))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := len(said(t, f)), len(said(t, b)); got != want {
				t.Fatalf("says %d bytes, in memory %d", got, want)
			}
		}
	})
}

// TestLyingCounts: no number in a file is believed. Wherever there is one that is too
// large, opening takes no more memory than the file and a window.
func TestLyingCounts(t *testing.T) {
	good := unsealed(encoded(t, example(t)))
	for _, lie := range []uint64{200, 1 << 20, 1<<31 - 1, 1 << 40, 1 << 63} {
		for at := len(head) + 1; at <= len(good); at++ {
			bad := slices.Concat(good[:at], binary.AppendUvarint(nil, lie), good[min(at+1, len(good)):])
			data := sealed(bad)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := baseline.OpenBytes(data, 100)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
				t.Fatalf("%d at byte %d: %d bytes of memory for %d of a file, %v", lie, at, took, len(data), err)
			}
			if err == nil {
				checkOpen(t, data, decoded(t, data), nil, 100)
				_ = f.Check()
			}
		}
	}
}

// TestLargeBlock: a block that no baseline of a network has is refused before it is read
// at once.
func TestLargeBlock(t *testing.T) {
	b := fresh(t, 9)
	add(t, b, baseline.Row{Start: at(2, 9, 0), Host: addr("10.0.0.1"), Values: make([]float64, 3)})
	data := unsealed(encoded(t, b))
	size := 1
	for int(data[len(data)-1-size]) != size {
		size++
	}
	large := binary.AppendUvarint(bytes.Clone(data[:len(data)-1-size]), baseline.MaxBlock+1)
	large = append(large, make([]byte, baseline.MaxBlock+1)...)
	if _, err := baseline.OpenBytes(sealed(large), 1<<16); !errors.Is(err, baseline.ErrTooLarge) {
		t.Error(err)
	}
}
