package record

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/outputs/fit"
)

// anyRow is a message whose values are of as many columns; nil: unknown, or no elements.
type anyRow struct {
	values []any
	half   bool // the second half of its columns is of something that it has
}

// anyColumns are columns of all types by turns, more than a word has bits.
func anyColumns(n int) []Def[anyRow] {
	var defs []Def[anyRow]
	for i := range n {
		name := fmt.Sprintf("c%d", i)
		defs = append(defs, []Def[anyRow]{
			long(name, column.Int64, "A number.", "unknown", func(m *anyRow) (int64, bool) { v, ok := m.values[i].(int64); return v, ok }),
			number(name, "A number.", "unknown", func(m *anyRow) (int32, bool) { v, ok := m.values[i].(int32); return v, ok }),
			text(name, column.String, "A text.", "unknown", func(m *anyRow, dst []byte) ([]byte, bool) {
				v, ok := m.values[i].(string)
				return append(dst, v...), ok
			}),
			longs(name, "Numbers.", func(m *anyRow, add func(int64)) { eachOf(m.values[i], add) }),
			numbers(name, "Numbers.", func(m *anyRow, add func(int32)) { eachOf(m.values[i], add) }),
			words(name, "Words.", func(m *anyRow, add func([]byte)) { eachOf(m.values[i], func(s string) { add([]byte(s)) }) }),
		}[i%6])
	}
	return append(defs[:n/2:n/2], where(func(m *anyRow) bool { return m.half }, defs[n/2:]...)...)
}

func eachOf[T any](list any, add func(T)) {
	some, _ := list.([]T)
	for _, v := range some {
		add(v)
	}
}

// random sets the values of a row, those of most columns to nothing.
func (m *anyRow) random(rng *rand.Rand) {
	m.half = rng.IntN(2) == 0
	longest := []int{3, 3, 3, 300, 70_000}[rng.IntN(5)]
	word := func() string { return strings.Repeat(string(rune('a'+rng.IntN(4))), rng.IntN(longest)) }
	for i := range m.values {
		m.values[i] = nil
		if rng.IntN(4) > 0 || i >= len(m.values)/2 && !m.half {
			continue
		}
		n := rng.IntN(4)
		m.values[i] = []any{
			int64(rng.Uint64()) >> rng.IntN(64), int32(rng.Uint32()) >> rng.IntN(32), word(),
			listOf(n, func() int64 { return int64(rng.Uint64()) }), listOf(n, func() int32 { return int32(rng.Uint32()) }), listOf(n, word),
		}[i%6]
	}
}

func listOf[T any](n int, next func() T) (list []T) {
	for range n {
		list = append(list, next())
	}
	return list
}

// shown is what a vector says in a row, as anyRow has it.
func shown(t column.Type, v *batch.Vector, row int) any {
	if v.Null(row) {
		return nil
	}
	switch t {
	case column.Int64:
		return v.Int64[row]
	case column.Int32:
		return v.Int32[row]
	case column.String:
		return v.String(row)
	case column.ListInt64:
		return v.Int64[v.Offsets[row]:v.Offsets[row+1]]
	case column.ListInt32:
		return v.Int32[v.Offsets[row]:v.Offsets[row+1]]
	}
	var list []string
	for _, code := range v.Codes[v.Offsets[row]:v.Offsets[row+1]] {
		list = append(list, v.Dict[code])
	}
	return list
}

// cost is what a row of the values comes to.
func (m *anyRow) cost() (n int) {
	for _, value := range m.values {
		n += nothingCost
		switch v := value.(type) {
		case int64:
			n += numberCost(v) - nothingCost
		case int32:
			n += numberCost(int64(v)) - nothingCost
		case string:
			n += textCost(len(v)) - nothingCost
		default:
			eachOf(value, func(v int64) { n += numberCost(v) })
			eachOf(value, func(v int32) { n += numberCost(int64(v)) })
			eachOf(value, func(s string) { n += textCost(len(s)) })
		}
	}
	return n
}

// said is a value as text: an empty list is none.
func said(value any) string {
	s := fmt.Sprintf("%T %q", value, value)
	switch list := value.(type) {
	case int32, int64, []int32, []int64:
		s = fmt.Sprintf("%T %v", value, value)
	case []string:
		s = fmt.Sprintf("%d %q", len(list), list)
	}
	if value == nil || strings.HasSuffix(s, " []") {
		return "nothing"
	}
	return s
}

// TestRowsSayWhatWasPut takes random rows, of which some are refused, through memory that
// is used again and again, in batches of any number.
func TestRowsSayWhatWasPut(t *testing.T) {
	const columns = 150
	rng := rand.New(rand.NewPCG(7, 8))
	ts := newTables(Options{}, []Protocol{{Name: "other"}, {Name: "any"}})
	schema := &column.Schema{Table: "any", Version: 1}
	table := &table[anyRow]{number: ts.number("any"), own: anyColumns(columns)}
	for i := range table.own {
		schema.Columns = append(schema.Columns, grouped(table.own[i].Column, "any"))
	}
	table.layout = newLayout(schema)
	f := NewFiller(schema)
	rows := new(Rows)
	for round := range 12 {
		var want []anyRow
		for range rng.IntN(60) {
			m := anyRow{values: make([]any, columns)}
			m.random(rng)
			c := &Conversation{wrote: -rng.Int64N(1 << 20)}
			if rng.IntN(5) == 0 {
				c.wrote = rowsByNothing + int64(rng.IntN(200)) - 200 // there is hardly room for one
			}
			rows.At(0, c)
			if table.add(rows, &Packet{Flow: new(flow.Row)}, &m); !c.Spent() {
				want = append(want, m)
			}
		}
		list := rowsOf(rows, table.number)
		if len(list) != len(want) {
			t.Fatalf("round %d: %d rows, want %d", round, len(list), len(want))
		}
		for i, e := range rows.Of(table.number) {
			if cost := want[i].cost(); e.Cost != cost {
				t.Fatalf("round %d, row %d comes to %d, want %d", round, i, e.Cost, cost)
			}
		}
		for len(list) > 0 {
			n := 1 + rng.IntN(len(list))
			f.Add(list[:n])
			list = list[n:]
		}
		b := f.Batch()
		if err := fit.Check(schema, b); err != nil {
			t.Fatal(err)
		}
		for row := range want {
			for i, value := range want[row].values {
				if got := said(shown(schema.Columns[i].Type, &b.Vectors[i], row)); got != said(value) {
					t.Fatalf("round %d, row %d: %s is %.80s, want %.80s", round, row, schema.Columns[i].Name, got, said(value))
				}
			}
		}
		f.Reset()
		rows.Reset()
	}
}
