package baseline_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/model/baseline"
)

// TestJoin: the bytes of Join are those of Merge, whether parts are in memory or in files,
// and whatever is left out.
func TestJoin(t *testing.T) {
	name := filepath.Join(t.TempDir(), "joined")
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int{1, 2, 4, 100}).Draw(t, "hosts")
		var leave baseline.Leave
		if rapid.Bool().Draw(t, "dropped") {
			day := baseline.DayOf(at(rapid.IntRange(1, 9).Draw(t, "first"), 0, 0))
			leave.Before = &day
		}
		leave.Hosts = rapid.SliceOfN(rapid.SampledFrom([]netip.Addr{addr("10.0.0.2"), addr("::ffff:192.0.2.7"), addr("fd00::1"), addr("1.2.3.4")}), 0, 2).Draw(t, "forgotten")
		var parts []baseline.Part
		want := fresh(t, limit)
		found := map[netip.Addr]bool{}
		for i := range rapid.IntRange(1, 4).Draw(t, "parts") {
			b := fresh(t, limit)
			if err := b.AddSource(baseline.Source{Hash: [32]byte{byte(i)}}); err != nil {
				t.Fatal(err)
			}
			add(t, b, rows(30).Draw(t, "rows")...)
			data := encoded(t, b)
			parts = append(parts, b)
			if rapid.Bool().Draw(t, "file") {
				f, err := baseline.OpenBytes(data, rapid.Int64Range(1, 3000).Draw(t, "together"))
				if err != nil {
					t.Fatal(err)
				}
				parts[i] = f
			}
			left := decoded(t, data)
			for _, host := range leave.Hosts {
				if left.Forget(host) {
					found[host] = true
				}
			}
			if leave.Before != nil {
				left.DropBefore(*leave.Before)
			}
			if err := want.Merge(left); err != nil {
				t.Fatal(err)
			}
		}
		joined, err := baseline.Join(name, leave, parts...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, encoded(t, want)) {
			t.Fatalf("%d bytes, merged %d", len(got), len(encoded(t, want)))
		}
		if joined.Hosts != want.Hosts() || joined.Forgot != len(found) {
			t.Fatalf("%+v, want %d hosts, forgot %d", joined, want.Hosts(), len(found))
		}
	})
}

// TestJoinRefuses what Merge does, and writes nothing then.
func TestJoinRefuses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "joined")
	bad := unsealed(encoded(t, example(t)))
	for i := range bad {
		bad[len(bad)-1-i] ^= 0xff
		if f, err := baseline.OpenBytes(sealed(bad), 100); err == nil && errors.Is(f.Check(), baseline.ErrCorrupt) {
			break
		}
		bad[len(bad)-1-i] ^= 0xff
	}
	corrupt, err := baseline.OpenBytes(sealed(bad), 100)
	if err != nil || !errors.Is(corrupt.Check(), baseline.ErrCorrupt) {
		t.Fatal("no file with a block that is none", err)
	}
	for want, parts := range map[error][]baseline.Part{
		baseline.ErrTwice:    {example(t), example(t)},
		baseline.ErrMismatch: {example(t), fresh(t, 5)},
		baseline.ErrCorrupt:  {fresh(t, 2), corrupt},
		baseline.ErrConfig:   nil,
	} {
		if _, err := baseline.Join(name, baseline.Leave{}, parts...); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(name)); len(entries) > 0 {
		t.Errorf("%v", entries)
	}
	if err := os.WriteFile(name, []byte("mine, and longer than a head is"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := baseline.Join(name, baseline.Leave{}, example(t)); !errors.Is(err, baseline.ErrForeign) {
		t.Error(err)
	}
}

// TestJoinInPlace: a file takes the place of the one that it is made of.
func TestJoinInPlace(t *testing.T) {
	name := saved(t)
	f := opened(t, name)
	if joined, err := baseline.Join(name, baseline.Leave{Hosts: []netip.Addr{addr("10.0.0.1")}}, f); err != nil || joined.Forgot != 1 {
		t.Fatal(joined, err)
	}
	want := decoded(t, encoded(t, example(t)))
	want.Forget(addr("10.0.0.1"))
	got, err := os.ReadFile(name)
	if err != nil || !slices.Equal(got, encoded(t, want)) {
		t.Error("another", err)
	}
}
