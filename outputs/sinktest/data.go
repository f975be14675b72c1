package sinktest

import (
	"math"
	"math/rand/v2"
	"strings"

	"pcapmill/features/column"
)

// words is the dictionary of the enumerations; hostile words included, since a
// writer may treat dictionaries apart.
var words = []string{"SF", "S0", "REJ", "", "=1+1", "a,b", "say \"hi\"", "esc\x1b[2J", "wide 東京", "back\\slash", "two\nlines"}

// Schema returns a table that has every type, each required and optional.
func Schema() *column.Schema {
	types := []struct {
		name string
		typ  column.Type
	}{
		{"count", column.Int64}, {"port", column.Int32}, {"ratio", column.Double},
		{"state_enum", column.String}, {"address", column.String}, {"agent", column.Text},
		{"start_time", column.Timestamp}, {"sizes", column.ListInt64}, {"flags", column.ListInt32}, {"answers", column.ListString}, {"key", column.Binary},
	}
	s := &column.Schema{Table: "every_type", Version: 3}
	for _, t := range types {
		s.Columns = append(s.Columns, column.Column{Name: t.name, Type: t.typ, Doc: "A value of " + t.typ.String() + "."})
	}
	for _, t := range types {
		s.Columns = append(s.Columns, column.Column{Name: "maybe_" + t.name, Type: t.typ, Doc: "A value or none.", Null: "where unknown"})
	}
	return s
}

// edges are values at the ends of each type's range.
var edges = []Row{
	{int64(0), int64(0), 0.0, "SF", "", "", int64(0), []int64{}, []int64{}, []string{}, ""},
	{int64(math.MinInt64), int64(math.MinInt32), -math.MaxFloat64, "", "10.0.0.1", "curl/8", int64(-1), []int64{0}, []int64{0}, []string{""}, "\x0a\x00\x00\x01"},
	{int64(math.MaxInt64), int64(math.MaxInt32), math.SmallestNonzeroFloat64, "=1+1", "fe80::1%eth0", strings.Repeat("x", 70000), int64(253402300799999999), []int64{math.MinInt64, math.MaxInt64}, []int64{math.MinInt32, math.MaxInt32}, []string{"a,b", "say \"hi\"", "two\nlines"}, string([]byte{0xff, 0xfe, 0x80})},
	{int64(9007199254740993), int64(65535), 0.1, "esc\x1b[2J", "é", "NULL", int64(1795240800123456), []int64{1, 2, 3}, []int64{-1}, []string{"SF", "SF"}, strings.Repeat("\xff", 70)},
	{int64(-1), int64(-1), 1e21, "wide 東京", "=cmd|' /C calc'!A0", "null", int64(-62135596800000000), []int64{-1}, []int64{7}, []string{"back\\slash"}, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"},
	{int64(1), int64(1), 1e-7, "back\\slash", "-", " padded ", int64(951782400000000), []int64{}, []int64{}, []string{"esc\x1b[2J"}, "=1+1"},
	{int64(2), int64(2), 2.5e-323, "two\nlines", "\\N", "\"", int64(1), []int64{5}, []int64{6}, []string{"=1+1"}, strings.Repeat("\xfe\xff", 40)},
}

// EdgeRows returns rows of Schema at the ends of every type, each once with the
// optional half filled and once with it null.
func EdgeRows() []Row {
	var rows []Row
	for _, e := range edges {
		rows = append(rows, append(append(Row{}, e...), e...))
		rows = append(rows, append(append(Row{}, e...), make(Row, len(e))...))
	}
	return rows
}

// RandomRows returns n rows of Schema, the same for the same seed.
func RandomRows(n int, seed uint64) []Row {
	r := rand.New(rand.NewPCG(seed, 1))
	hostile := HostileStrings()
	half := func(nullable bool) Row {
		row := Row{
			r.Int64() - r.Int64(), int64(int32(r.Uint32())), math.Float64frombits(r.Uint64()),
			words[r.IntN(len(words))], hostile[r.IntN(len(hostile))], hostile[r.IntN(len(hostile))],
			r.Int64N(4e15), randomInts(r, math.MaxInt64), randomInts(r, math.MaxInt32), randomWords(r), randomBytes(r),
		}
		if f := row[2].(float64); math.IsNaN(f) || math.IsInf(f, 0) {
			row[2] = 1.5
		}
		for i := range row {
			if nullable && r.IntN(4) == 0 {
				row[i] = nil
			}
		}
		return row
	}
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = append(half(false), half(true)...)
	}
	return rows
}

func randomInts(r *rand.Rand, limit int64) []int64 {
	out := make([]int64, r.IntN(5))
	for i := range out {
		out[i] = r.Int64N(limit) - r.Int64N(limit)
	}
	return out
}

// randomBytes are the lengths of addresses, and others.
func randomBytes(r *rand.Rand) string {
	b := make([]byte, []int{4, 16, 0, 100}[r.IntN(4)])
	for i := range b {
		b[i] = byte(r.Uint32() % 3 * 127)
	}
	return string(b)
}

func randomWords(r *rand.Rand) []string {
	out := make([]string, r.IntN(4))
	for i := range out {
		out[i] = words[r.IntN(len(words))]
	}
	return out
}

// HostileStrings returns strings that an attacker could put into packets to hurt
// a terminal, a spreadsheet, a browser, a log or a parser. All are valid UTF-8,
// as every string in a batch is.
func HostileStrings() []string {
	out := []string{
		"=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "＝1",
		"a,b", "a;b", "a\tb", "a|b", "\"", "\"\"", "a\"b", "\"a\",\"b\"", "line\nbreak", "line\r\nbreak", "\r", "\n",
		"\x1b[2J", "\x1b]8;;http://x\x07y", "\x1b]52;c;aGk=\x07", "\u009b31m", "\x7f", "\x00", "a\x00b",
		"\u202egpj.exe", "\u2066x\u2069", "\u200b", "\ufeff", "\u2028", "\u2029", "\U000e0041",
		"<script>alert(1)</script>", "</script>", "<!--", "]]>", "' onload='x", "javascript:x", "{{.}}", "${x}", "`x`", "$(x)",
		"../../etc/passwd", "..\\..\\x", "C:\\temp\\new", "\\", "\\\\", "\\x1b", "\\u{202e}", "\\n", "%s%n", "%00",
		"", " ", "  x  ", "null", "NULL", "\\N", "NaN", "-", "0", "1e5", "true", "[1,2]", "{\"a\":1}",
		"東京", "é", "e\u0301", "👩‍👩‍👧", "\U0010ffff", "\ufffd", strings.Repeat("\u0301", 50), strings.Repeat("A", 5000), strings.Repeat("\x1b", 300),
	}
	for c := range rune(0xa0) {
		out = append(out, "x"+string(c)+"y")
	}
	return out
}
