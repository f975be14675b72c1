package record

import (
	"math"
	"strings"
	"testing"

	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/outputs/fit"
)

func TestSelect(t *testing.T) {
	all := strings.Join(Names(), ",")
	for _, c := range []struct {
		names []string
		want  string
		bad   bool
	}{
		{nil, all, false}, {[]string{All}, all, false}, {[]string{None}, "", false}, {[]string{"dns"}, "dns", false},
		{[]string{"dns", None}, "", true}, {[]string{"gopher"}, "", true},
	} {
		got, err := Select(c.names)
		var names []string
		for _, p := range got {
			names = append(names, p.Name)
		}
		if (err != nil) != c.bad || strings.Join(names, ",") != c.want {
			t.Errorf("%v: %v, %v", c.names, names, err)
		}
	}
}

// sample has one of each kind of value, known and unknown.
type sample struct {
	n     int64
	known bool
	list  []string
}

// TestRowsComeBack encodes rows and decodes them over two batches.
func TestRowsComeBack(t *testing.T) {
	for _, addr := range []flow.AddrFormat{flow.AddrText, flow.AddrBinary, flow.AddrBoth} {
		ts := &Tables{Schemas: make([]*column.Schema, 1), options: Options{Addresses: addr}, numbers: map[string]int{"sample": 0}}
		table, err := newTable(ts, "sample", []Def[sample]{
			long("number", column.Int64, "A number.", "unknown", func(s *sample) (int64, bool) { return s.n, s.known }),
			text("text", column.Text, "A text.", "unknown", func(s *sample, dst []byte) ([]byte, bool) { return append(dst, "text"...), s.known }),
			numbers("lengths", "Lengths.", func(s *sample, add func(int32)) {
				for _, w := range s.list {
					add(int32(len(w)))
				}
			}),
			words("words", "Words.", func(s *sample, add func([]byte)) {
				for _, w := range s.list {
					add([]byte(w))
				}
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		var rows Rows
		samples := []sample{{-5, true, []string{"a", "bc", "a"}}, {7, false, nil}, {1 << 40, true, []string{""}}}
		for i := range samples {
			rows.At(int64(i), nil)
			table.add(&rows, &Packet{Flow: new(flow.Row), Version: 4, Time: -1}, &samples[i])
		}
		f := NewFiller(ts.Schemas[0])
		for range 2 {
			for i := range rows.Entries {
				f.Add(rows.Row(&rows.Entries[i]))
			}
			if err := fit.Check(ts.Schemas[0], f.Batch); err != nil {
				t.Fatalf("%s: %v", addr, err)
			}
			vector := func(name string) int { return ts.Schemas[0].Index(name) }
			n, words, lengths := &f.Batch.Vectors[vector("number")], &f.Batch.Vectors[vector("words")], &f.Batch.Vectors[vector("lengths")]
			if n.Int64[0] != -5 || !n.Null(1) || n.Int64[2] != 1<<40 || len(words.Dict) != 3 || words.Codes[0] != words.Codes[2] || lengths.Int32[1] != 2 || words.Offsets[3] != 4 {
				t.Errorf("%s: %+v %+v %+v", addr, n, words, lengths)
			}
			if us := f.Batch.Vectors[vector("time")].Int64[0]; us != -1 {
				t.Errorf("time before 1970 is %d µs", us)
			}
			f.Reset()
		}
	}
}

// TestNumbersComeBack, those too at which their length changes, and texts likewise.
func TestNumbersComeBack(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 63, 64, 65, -63, -64, -65, 8191, 8192, -8193, math.MaxInt64, math.MinInt64} {
		row := appendNumber(nil, v)
		if got, rest := takeNumber(row[1:]); row[0] != present || got != v || len(rest) != 0 {
			t.Errorf("%d comes back as %d with %d bytes behind", v, got, len(rest))
		}
	}
	for _, n := range []int{0, 1, 127, 128, 129, 300, 1 << 15} {
		text := strings.Repeat("x", n)
		if got, rest := takeText(append(appendText(nil, []byte(text)), 'y')); string(got) != text || string(rest) != "y" {
			t.Errorf("a text of %d bytes comes back with %d", n, len(got))
		}
	}
}
