package baseline_test

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/model/baseline"
)

// TestAnyOrderOfWhatIsLeft holds that parts of which days were dropped and hosts forgotten give
// the same bytes in any order, though the limit of one can be of a host that it has no more.
func TestAnyOrderOfWhatIsLeft(t *testing.T) {
	name := filepath.Join(t.TempDir(), "joined")
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "hosts")
		before := baseline.DayOf(at(rapid.IntRange(1, 9).Draw(t, "first"), 0, 0))
		forgotten := rapid.SampledFrom([]netip.Addr{addr("10.0.0.1"), addr("10.0.0.2"), addr("192.0.2.7")})
		var left [][]byte
		for i := range rapid.IntRange(2, 5).Draw(t, "parts") {
			b := fresh(t, limit)
			if err := b.AddSource(baseline.Source{Hash: [32]byte{byte(i)}}); err != nil {
				t.Fatal(err)
			}
			add(t, b, rows(12).Draw(t, "rows")...)
			b = decoded(t, encoded(t, b))
			if rapid.Bool().Draw(t, "forgets") {
				b.Forget(forgotten.Draw(t, "host"))
			}
			b.DropBefore(before)
			left = append(left, encoded(t, b))
		}
		merged := func(order []int) []byte {
			all := fresh(t, limit)
			for _, i := range order {
				if err := all.Merge(decoded(t, left[i])); err != nil {
					t.Fatal(err)
				}
			}
			return encoded(t, all)
		}
		var order []int
		var parts []baseline.Part
		for i := range left {
			order, parts = append(order, i), append(parts, decoded(t, left[i]))
		}
		want := merged(order)
		if !bytes.Equal(want, merged(rapid.Permutation(order).Draw(t, "order"))) {
			t.Fatal("another order gives other bytes")
		}
		if _, err := baseline.Join(name, baseline.Leave{}, parts...); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(want, got) {
			t.Fatal("joined they give other bytes")
		}
	})
}
