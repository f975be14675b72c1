package baseline

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/features/sketch"
)

// TestBits: what is written is read, and ends where it ends.
func TestBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64Range(0, 1<<20), rapid.Uint64Range(0, maxNumber-1))
		long := rapid.SliceOfN(rapid.Uint64Range(0, 1<<40), 0, 200).Draw(t, "long")
		short := rapid.SliceOfN(number, 0, hoursPerDay).Draw(t, "short")
		order := rapid.UintRange(0, 6).Draw(t, "order")
		single := number.Draw(t, "single")
		w := bitWriter{}
		w.golomb(single, order)
		w.column(short)
		w.column(long)
		w.flag(true)
		r := newBitReader(append(w.end(), 7))
		gotShort, gotLong := make([]uint64, len(short)), make([]uint64, len(long))
		got := r.golomb(order)
		r.column(gotShort)
		r.column(gotLong)
		if !r.flag() || got != single || !slices.Equal(gotShort, short) || !slices.Equal(gotLong, long) {
			t.Fatalf("%d %v %v", got, gotShort, gotLong)
		}
		if rest, ok := r.end(); !ok || len(rest) != 1 || rest[0] != 7 {
			t.Fatalf("%v left, %v", rest, ok)
		}
	})
}

// TestBitsByHand: orders, parameters and padding as docs/baseline.md has them.
func TestBitsByHand(t *testing.T) {
	w := bitWriter{}
	w.golomb(0, 0)                 // 1
	w.golomb(4, 2)                 // 01000
	w.column([]uint64{0, 0})       // 0
	w.column([]uint64{5})          // 1, then 4 of order 5: 100100
	w.column([]uint64{1, 2, 6, 3}) // 1, parameter 1 000001, 01 100 11100 101
	want := []byte{0b1_01000_0_1, 0b100100_1_0, 0b00001_01_1, 0b00_11100_1, 0b01_000000}
	if got := w.end(); !slices.Equal(got, want) {
		t.Errorf("%08b, want %08b", got, want)
	}
}

// extreme is a block whose cells have the greatest sums that there are.
func extreme(l *layout) *block {
	b := l.newBlock()
	for h := range uint8(hoursPerDay) {
		b.at(h).rows = maxRows
		for f := range l.features {
			c := &b.of(f)[h]
			c.n = maxRows
			c.squares = c.n * maxLevel * maxLevel
			if c.sum = int64(c.n) * maxLevel * int64(1-2*(int(h)%2)); f > 0 {
				c.sum = 0
			}
		}
	}
	for f := range b.histograms {
		if err := b.histograms[f].SetBins([]int16{-1, 3}, []uint64{1, hoursPerDay*maxRows - 1}); err != nil {
			panic(err)
		}
	}
	return b
}

// TestExtremes: the greatest numbers survive, and one window more is refused.
func TestExtremes(t *testing.T) {
	l := &layout{config: DefaultConfig(), features: []Feature{{Name: "a", Scale: Scale{Step: -7}}, {Name: "b", Scale: Scale{Octaves: true}}, {Name: "c"}}}
	b := extreme(l)
	packed := l.pack(b)
	read, err := l.unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	if string(l.pack(read)) != string(packed) {
		t.Error("another block")
	}
	for f := range l.features {
		if got, want := read.of(f)[23], b.of(f)[23]; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	one := pending{hour: 5, values: []float64{1, math.NaN(), 2}}
	if err := read.add(l, &one); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	other := l.newBlock()
	if err := other.add(l, &one); err != nil {
		t.Fatal(err)
	}
	if err := read.merge(other); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
}

// TestLongHistogram: many bins of one value each at the end of a block, as the last bytes
// say the most then.
func TestLongHistogram(t *testing.T) {
	l := &layout{config: Config{Hosts: 1, Precision: sketch.Highest, Keys: 1}, features: []Feature{{Name: "a", Scale: Scale{Octaves: true}}}}
	for _, n := range []int{1, 2, 10, 64, 65, 66, 67, 1000} {
		b := l.newBlock()
		for i := range n {
			if err := b.add(l, &pending{values: []float64{1 + float64(i)/128}}); err != nil {
				t.Fatal(err)
			}
		}
		packed := l.pack(b)
		read, err := l.unpack(packed)
		if err != nil || string(l.pack(read)) != string(packed) {
			t.Errorf("%d bins: %v", n, err)
		}
	}
}

// TestPackedOneWay: of all bytes near those of a block, those that are read as a block are
// what that block is packed to. Features follow each other, so that there are references.
func TestPackedOneWay(t *testing.T) {
	l := &layout{config: Config{Hosts: 1, Precision: sketch.Coarse, Keys: 2, Categories: []string{"port"}}}
	for range 4 {
		l.features = append(l.features, Feature{Scale: Scale{Octaves: true}})
	}
	read, other := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		b := l.newBlock()
		for range rapid.IntRange(1, 40).Draw(t, "windows") {
			base := float64(rapid.IntRange(0, 1<<12).Draw(t, "base"))
			p := pending{hour: uint8(rapid.IntRange(8, 12).Draw(t, "hour")), values: []float64{base, base * 2, base + 1, float64(rapid.IntRange(0, 9).Draw(t, "free"))}}
			if rapid.Bool().Draw(t, "key") {
				p.counts = []Count{{Key: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "which"), N: 1}}
			}
			if err := b.add(l, &p); err != nil {
				t.Fatal(err)
			}
		}
		packed := l.pack(b)
		for bit := range 8 * len(packed) {
			bad := slices.Clone(packed)
			bad[bit/8] ^= 1 << (bit % 8)
			got, err := l.unpack(bad)
			if err != nil {
				other++
				continue
			}
			read++
			if again := l.pack(got); !slices.Equal(again, bad) {
				t.Fatalf("bit %d: read %x, packed %x", bit, bad, again)
			}
		}
	})
	t.Logf("%d were blocks, %d were none", read, other)
}

// TestImpossibleBlocks packs what no windows give.
func TestImpossibleBlocks(t *testing.T) {
	l := &layout{config: Config{Hosts: 1, Precision: sketch.Coarse, Keys: 2, Categories: []string{"port"}}, features: []Feature{{Scale: Scale{Octaves: true}}}}
	for name, spoil := range map[string]func(*block){
		"squares": func(b *block) { b.of(0)[b.hours[0].hour].squares = 3*maxLevel*maxLevel + 2 },
		"sum":     func(b *block) { b.of(0)[b.hours[0].hour].sum = 3*maxLevel + 1 },
		"values":  func(b *block) { b.hours[0].rows = maxRows + 1; b.of(0)[b.hours[0].hour].n = 3 },
		"bins":    func(b *block) { b.histograms[0].Add(1 << 20); b.histograms[0].Add(1 << 30) },
		"no hour": func(b *block) { b.hours = nil },
	} {
		b := l.newBlock()
		for range 3 {
			if err := b.add(l, &pending{values: []float64{1}}); err != nil {
				t.Fatal(err)
			}
		}
		spoil(b)
		if _, err := l.unpack(l.pack(b)); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestImpliedKeys: a Distinct that says nothing new may not be there, and one that does must.
func TestImpliedKeys(t *testing.T) {
	for _, keys := range []int{1, 2, 3} {
		k := category{top: sketch.NewTopK(2)}
		for i := range keys {
			k.top.Add([]byte{byte(i)}, 1)
			k.distinct.Add(sketch.Hash([]byte{byte(i)}))
		}
		with := k.distinct.AppendBinary(k.top.AppendBinary([]byte{categoryCounted}))
		without := k.top.AppendBinary([]byte{categoryKeys})
		for _, b := range [][]byte{with, without} {
			read := category{top: sketch.NewTopK(2)}
			rest, err := read.decode(b, 2)
			if want := (keys <= 2) == (b[0] == categoryKeys); (err == nil) != want || err == nil && (len(rest) > 0 || read.distinct.Count() != uint64(keys)) {
				t.Errorf("%d keys, form %d: %v", keys, b[0], err)
			}
		}
	}
}

// TestLargeView: more days than memory is given to are refused.
func TestLargeView(t *testing.T) {
	v := (&layout{config: DefaultConfig(), features: make([]Feature, 1)}).newView()
	cells := make([]cell, maxView/24/2)
	for day, want := range []error{nil, nil, ErrTooLarge} {
		if err := v.addCells(Day(day), &cells); !errors.Is(err, want) {
			t.Errorf("day %d: %v", day, err)
		}
	}
}

// TestDivisor is exact next to every border.
func TestDivisor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Uint64Range(1, 300), rapid.Uint64Range(1, maxRows), rapid.Uint64Range(1, 1<<34)).Draw(t, "n")
		x := rapid.OneOf(rapid.Uint64Range(0, 1<<50), rapid.Map(rapid.Uint64Range(0, 1<<20), func(k uint64) uint64 { return k * n }), rapid.Map(rapid.Uint64Range(1, 1<<20), func(k uint64) uint64 { return k*n - 1 }), rapid.Just(uint64(1<<32-1))).Draw(t, "x")
		var d divisor
		d.set(n)
		if q := d.divide(x); q != x/n {
			t.Fatalf("%d / %d: %d", x, n, q)
		}
	})
}
