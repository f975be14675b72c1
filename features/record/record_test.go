package record

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pcapmill/features/batch"
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

// TestRowsComeBack adds rows and takes them into two batches, at once and one by one: in
// between, columns can lack rows.
func TestRowsComeBack(t *testing.T) {
	for _, addr := range []flow.AddrFormat{flow.AddrText, flow.AddrBinary, flow.AddrBoth} {
		ts := &Tables{Schemas: make([]*column.Schema, 1), options: Options{Addresses: addr}, numbers: map[string]int{"sample": 0}}
		table, err := newTable(ts, "sample", sampleColumns())
		if err != nil {
			t.Fatal(err)
		}
		var rows Rows
		samples := []sample{{7, false, nil}, {-5, true, []string{"a", "bc", "a"}}, {7, false, nil}, {1 << 40, true, []string{""}}}
		for i := range samples {
			rows.At(int64(i), nil)
			table.add(&rows, &Packet{Flow: new(flow.Row), Version: 4, Time: -1}, &samples[i])
		}
		f := NewFiller(ts.Schemas[0])
		for _, n := range []int{len(samples), 1} {
			for some := range slices.Chunk(rowsOf(&rows, 0), n) {
				f.Add(some)
			}
			b := f.Batch()
			if err := fit.Check(ts.Schemas[0], b); err != nil {
				t.Fatalf("%s: %v", addr, err)
			}
			vector := func(name string) *batch.Vector { return &b.Vectors[ts.Schemas[0].Index(name)] }
			number, words, lengths, all := vector("number"), vector("words"), vector("lengths"), vector("all_lengths")
			if !number.Null(0) || number.Int64[1] != -5 || !number.Null(2) || number.Int64[3] != 1<<40 ||
				len(words.Dict) != 3 || words.Codes[0] != words.Codes[2] || words.Offsets[4] != 4 ||
				!slices.Equal(lengths.Int32, []int32{1, 2, 1, 0}) || !slices.Equal(lengths.Offsets, []int32{0, 0, 3, 3, 4}) ||
				!slices.Equal(all.Int64, []int64{1, 2, 1, 0}) || vector("text").String(3) != "text" || !vector("text").Null(2) {
				t.Errorf("%s: %+v %+v %+v %+v", addr, number, words, lengths, all)
			}
			for row, v := 0, vector("first_word"); row < 4; row++ {
				if known := len(samples[row].list) > 0; v.Null(row) == known || known && v.String(row) != samples[row].list[0] {
					t.Errorf("%s: first word %+v", addr, v)
				}
			}
			if us := vector("time").Int64[0]; us != -1 {
				t.Errorf("time before 1970 is %d µs", us)
			}
			f.Reset()
		}
	}
}

func sampleColumns() []Def[sample] {
	defs := []Def[sample]{
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
	}
	return append(defs, where(func(s *sample) bool { return len(s.list) > 0 },
		longs("all_lengths", "Lengths.", func(s *sample, add func(int64)) {
			for _, w := range s.list {
				add(int64(len(w)))
			}
		}),
		text("first_word", column.String, "A word.", "none", func(s *sample, dst []byte) ([]byte, bool) { return append(dst, s.list[0]...), true }),
	)...)
}

// TestCosts: values come to what they would be as varints.
func TestCosts(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 63, 64, 65, -63, -64, -65, 8191, 8192, -8193, math.MaxInt64, math.MinInt64} {
		if got, want := numberCost(v), 1+len(binary.AppendVarint(nil, v)); got != want {
			t.Errorf("%d comes to %d, want %d", v, got, want)
		}
	}
	for _, n := range []int{0, 1, 127, 128, 129, 300, 1 << 15} {
		if got, want := textCost(n), 1+len(binary.AppendUvarint(nil, uint64(n)))+n; got != want {
			t.Errorf("a text of %d bytes comes to %d, want %d", n, got, want)
		}
	}
}

// TestDictionary: whatever order words come in, each has one number.
func TestDictionary(t *testing.T) {
	d := dictionary{codes: map[string]int32{}}
	for range 2 {
		for i := range 1000 {
			word := strconv.Itoa(i * i % 37)
			if code := d.code([]byte(word)); d.words[code] != word || d.codes[word] != code {
				t.Fatalf("%q is %d of %q", word, code, d.words)
			}
		}
		if len(d.words) != 19 {
			t.Errorf("%d words", len(d.words))
		}
		d.reset()
	}
}

// TestFlowIDIsKept: what is kept of the latest row is what the flow's row says, after a
// cut and of another flow too.
func TestFlowIDIsKept(t *testing.T) {
	rows := new(Rows)
	for _, port := range []uint16{1, 1, 2, 1} {
		for _, start := range []int64{0, 0, 5, 7, 5} {
			for _, repeat := range []uint32{0, 0, 1} {
				r := &flow.Row{Key: flow.Key{SrcPort: port}, StartTime: start, Repeat: repeat}
				if got := rows.flowID(r); got != r.ID() {
					t.Errorf("port %d, start %d, repeat %d: flow_id %d, want %d", port, start, repeat, got, r.ID())
				}
			}
		}
	}
}
