package flow

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pcapmill/features/sketch"
)

// TestEntropyByHand: published values of −Σ p log₂ p.
func TestEntropyByHand(t *testing.T) {
	for text, want := range map[string]float64{
		"": 0, "a": 0, "aaaa": 0, "ab": 1, "aabb": 1, "abcd": 2, "aab": 0.9182958340544896, "abcdefgh": 3,
	} {
		if got := float64(entropyOf([]byte(text))) / entropyUnits; math.Abs(got-want) > 1./entropyUnits {
			t.Errorf("%q has %v bits, want %v", text, got, want)
		}
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	if got := entropyOf(all); got != 8*entropyUnits {
		t.Errorf("all bytes have %v bits", float64(got)/entropyUnits)
	}
}

// TestLookupsMergeInAnyOrder: however the names are divided, below and beyond what is kept
// of them, the outcome is the same, and so is what it says.
func TestLookupsMergeInAnyOrder(t *testing.T) {
	for _, names := range []int{0, 1, 700, sketch.MaxExact, sketch.MaxExact + 1, 5000} {
		rng := rand.New(rand.NewPCG(uint64(names), 1))
		var whole Lookups
		for i := range names {
			whole.Ask(fmt.Append(nil, "host", i, ".example"))
		}
		for range 4 {
			parts := make([]Lookups, 1+rng.IntN(5))
			for _, i := range rng.Perm(names) {
				name := fmt.Append(nil, "host", i, ".example")
				parts[rng.IntN(len(parts))].Ask(name)
				parts[rng.IntN(len(parts))].Ask(name)
			}
			rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			var merged Lookups
			for i := range parts {
				parts[i].Queries = int64(i)
				merged.Merge(&parts[i])
			}
			if merged.Queries != int64(len(parts)*(len(parts)-1)/2) {
				t.Errorf("%d queries of %d parts", merged.Queries, len(parts))
			}
			if merged.Queries = 0; !reflect.DeepEqual(content(&merged), content(&whole)) {
				t.Errorf("%d names in %d parts do not merge to what they are together", names, len(parts))
			}
		}
		checkNames(t, &whole, names)
	}
}

func content(l *Lookups) any {
	n, exact := l.Names()
	return []any{slices.Clone(l.names), l.all, n, exact}
}

func checkNames(t *testing.T, l *Lookups, names int) {
	t.Helper()
	n, exact := l.Names()
	if exact != (names <= sketch.MaxExact) || exact && n != int64(names) || math.Abs(float64(n)-float64(names)) > 0.05*float64(names) {
		t.Errorf("%d names are counted as %d, exact: %v", names, n, exact)
	}
	mean, known := l.NameEntropy()
	if known != (names > 0) || known && (mean < 2.5 || mean > 4) {
		t.Errorf("%d names have %v bits, known: %v", names, mean, known)
	}
}

// TestLookupsOfAnApp: they are of one piece and one flow alone, though memory is used again.
func TestLookupsOfAnApp(t *testing.T) {
	spare := Apps{Most: 1}
	a := spare.Get()
	if a.Lookups() != nil || (*App)(nil).Lookups() != nil {
		t.Error("who has not asked has lookups")
	}
	a.Asked(nil).Ask([]byte("name"))
	a.Asked(nil).Queries++
	a.Set(DNSName, []byte("name"))
	next := spare.Copy(a)
	if next.Lookups() != nil || !next.Says(DNSName) {
		t.Error("the next piece has the lookups of the one before, or lacks its texts")
	}
	if l := a.Lookups(); l == nil || l.Queries != 1 {
		t.Errorf("the piece has %+v", l)
	}
	spare.Put(a)
	if b := spare.Get(); b.Lookups() != nil || b.Asked(&spare).Queries != 0 {
		t.Error("another flow has the lookups of the one before")
	} else if n, _ := b.Lookups().Names(); n != 0 {
		t.Errorf("it has %d names", n)
	}
}
