package parquetfile_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/parquetfile"
)

// benchRows and benchBatch are a small capture's flows and the batches that a
// shard hands over.
const (
	benchRows  = 150_000
	benchBatch = 4096
)

// benchColumn is a kind of column as flow tables hold them.
type benchColumn struct {
	name  string
	share int // columns of this kind in a flow table
	typ   column.Type
	null  string
	value func(r *rand.Rand, v *batch.Vector, row int)
}

func lognormal(r *rand.Rand, mean, sigma float64) float64 {
	return math.Floor(math.Exp(mean + r.NormFloat64()*sigma))
}

func int64Kind(name string, share int, f func(r *rand.Rand, row int) int64) benchColumn {
	return benchColumn{name, share, column.Int64, "", func(r *rand.Rand, v *batch.Vector, row int) { v.Int64 = append(v.Int64, f(r, row)) }}
}

func doubleKind(name string, share int, f func(r *rand.Rand, packets float64) float64) benchColumn {
	return benchColumn{name, share, column.Double, "", func(r *rand.Rand, v *batch.Vector, _ int) {
		v.Float64 = append(v.Float64, f(r, 1+lognormal(r, 1.8, 1.2)))
	}}
}

func benchColumns() []benchColumn {
	states := []string{"S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"}
	ports := []int32{80, 443, 53, 22, 8080}
	return []benchColumn{
		int64Kind("zeros", 20, func(*rand.Rand, int) int64 { return 0 }),
		int64Kind("flags", 15, func(r *rand.Rand, _ int) int64 { return int64(r.IntN(20) / 19) }),
		int64Kind("small_ints", 20, func(r *rand.Rand, _ int) int64 { return int64(r.ExpFloat64() * 3) }),
		int64Kind("packets", 12, func(r *rand.Rand, _ int) int64 { return int64(lognormal(r, 1.8, 1.2)) }),
		int64Kind("bytes", 12, func(r *rand.Rand, _ int) int64 { return int64(lognormal(r, 7, 2)) }),
		int64Kind("start_ns", 2, func(r *rand.Rand, row int) int64 { return 17e17 + int64(row)*1e6 + int64(r.IntN(1e9)) }),
		int64Kind("duration_ns", 10, func(r *rand.Rand, _ int) int64 { return int64(lognormal(r, 18, 3)) }),
		int64Kind("id", 2, func(r *rand.Rand, _ int) int64 { return r.Int64() }),
		{"ports", 3, column.Int32, "", func(r *rand.Rand, v *batch.Vector, _ int) {
			if r.IntN(2) == 0 {
				v.Int32 = append(v.Int32, ports[r.IntN(len(ports))])
				return
			}
			v.Int32 = append(v.Int32, 32768+r.Int32N(28000))
		}},
		{"optional_int", 15, column.Int64, "when unknown", func(r *rand.Rand, v *batch.Vector, _ int) {
			valid := byte(r.IntN(2))
			v.Valid = append(v.Valid, valid)
			v.Int64 = append(v.Int64, int64(lognormal(r, 15, 2))*int64(valid))
		}},
		{"optional_none", 5, column.Int64, "when unknown", func(_ *rand.Rand, v *batch.Vector, _ int) {
			v.Valid, v.Int64 = append(v.Valid, 0), append(v.Int64, 0)
		}},
		doubleKind("ratio", 6, func(r *rand.Rand, n float64) float64 { return float64(r.IntN(int(n)+1)) / n }),
		doubleKind("mean", 8, func(r *rand.Rand, n float64) float64 { return lognormal(r, 7, 2) / n }),
		doubleKind("rate", 4, func(r *rand.Rand, n float64) float64 { return n / math.Exp(r.NormFloat64()*3) }),
		{"std_half_null", 8, column.Double, "fewer than two packets", func(r *rand.Rand, v *batch.Vector, _ int) {
			valid := byte(r.IntN(2))
			v.Valid = append(v.Valid, valid)
			v.Float64 = append(v.Float64, math.Sqrt(lognormal(r, 10, 2))*float64(valid))
		}},
		{"enum", 5, column.String, "", func(r *rand.Rand, v *batch.Vector, _ int) {
			v.Dict, v.Codes = states, append(v.Codes, r.Int32N(13)*r.Int32N(2))
		}},
		{"address", 3, column.String, "", func(r *rand.Rand, v *batch.Vector, _ int) {
			a := netip.AddrFrom4([4]byte{10, 0, byte(r.ExpFloat64() * 20), byte(r.IntN(256))})
			v.AppendText(a.AppendTo(nil))
		}},
		{"history", 1, column.String, "", func(r *rand.Rand, v *batch.Vector, _ int) {
			v.AppendText([]byte("ShADadFfRrTt")[:3+min(9, int(r.ExpFloat64()*3))])
		}},
		{"community_id", 1, column.Text, "", func(r *rand.Rand, v *batch.Vector, _ int) {
			const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			text := []byte("1:")
			for range 27 {
				text = append(text, digits[r.IntN(64)])
			}
			v.AppendText(append(text, '='))
		}},
		{"first_sizes", 2, column.ListInt32, "", func(r *rand.Rand, v *batch.Vector, _ int) {
			if len(v.Offsets) == 0 {
				v.Offsets = append(v.Offsets, 0)
			}
			for range min(20, int(lognormal(r, 1.8, 1.2))) {
				v.Int32 = append(v.Int32, 40+r.Int32N(1460))
			}
			v.Offsets = append(v.Offsets, int32(len(v.Int32)))
		}},
	}
}

// benchBatches fills batches of the given kinds, share times each.
func benchBatches(kinds []benchColumn) (*column.Schema, []*batch.Batch) {
	s := &column.Schema{Table: "flows", Version: 1}
	var values []func(*rand.Rand, *batch.Vector, int)
	for _, k := range kinds {
		for n := range k.share {
			s.Columns = append(s.Columns, column.Column{Name: fmt.Sprintf("%s_%d", k.name, n), Type: k.typ, Doc: "bench", Null: k.null})
			values = append(values, k.value)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	var batches []*batch.Batch
	for lo := 0; lo < benchRows; lo += benchBatch {
		b := batch.New(s)
		b.Rows = min(benchBatch, benchRows-lo)
		for i := range s.Columns {
			for row := range b.Rows {
				values[i](r, &b.Vectors[i], lo+row)
			}
		}
		batches = append(batches, b)
	}
	return s, batches
}

type countingWriter struct{ n int64 }

func (w *countingWriter) Write(p []byte) (int, error) { w.n += int64(len(p)); return len(p), nil }

func benchWrite(b *testing.B, s *column.Schema, batches []*batch.Batch, cfg parquetfile.Config) {
	b.ReportAllocs()
	var out countingWriter
	for b.Loop() {
		out = countingWriter{}
		writeTo(b, &out, s, cfg, batches...)
	}
	cells := float64(benchRows * len(s.Columns))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/cells, "ns/cell")
	b.ReportMetric(float64(out.n)/cells, "B/cell")
}

func writeTo(tb testing.TB, w io.Writer, s *column.Schema, cfg parquetfile.Config, batches ...*batch.Batch) {
	tb.Helper()
	f, err := parquetfile.NewFile(w, s, cfg, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for _, b := range batches {
		if err := f.Write(b); err != nil {
			tb.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkColumn measures one kind of column at a time, in a table of eight.
func BenchmarkColumn(b *testing.B) {
	for _, k := range benchColumns() {
		k.share = 8
		s, batches := benchBatches([]benchColumn{k})
		for _, codec := range []string{"zstd", "snappy", "none"} {
			cfg := parquetfile.DefaultConfig()
			cfg.Codec = codec
			b.Run(k.name+"/"+codec, func(b *testing.B) { benchWrite(b, s, batches, cfg) })
		}
	}
}

// BenchmarkTable measures a flow table of 154 columns.
func BenchmarkTable(b *testing.B) {
	s, batches := benchBatches(benchColumns())
	for _, c := range []struct {
		name     string
		encoders int
		doubles  bool
	}{{"1-encoder", 1, false}, {"2-encoders", 2, false}, {"compress-doubles", 1, true}} {
		cfg := parquetfile.DefaultConfig()
		cfg.Encoders, cfg.CompressDoubles = c.encoders, c.doubles
		b.Run(c.name, func(b *testing.B) { benchWrite(b, s, batches, cfg) })
	}
}

// BenchmarkShortFiles measures parts of 500 rows of that table, as live segments give them: each by a
// new File, and all by one.
func BenchmarkShortFiles(b *testing.B) {
	s, batches := benchBatches(benchColumns())
	short := batches[0]
	short.Rows = 500
	for i := range short.Vectors {
		cutVector(&short.Vectors[i], short.Rows)
	}
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			writeTo(b, io.Discard, s, parquetfile.DefaultConfig(), short)
		}
	})
	b.Run("reset", func(b *testing.B) {
		b.ReportAllocs()
		f, err := parquetfile.NewFile(io.Discard, s, parquetfile.DefaultConfig(), nil)
		for b.Loop() {
			if err = errors.Join(err, f.Write(short), f.Close(), f.Reset(io.Discard)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// cutVector keeps the first rows.
func cutVector(v *batch.Vector, rows int) {
	if len(v.Valid) > 0 {
		v.Valid = v.Valid[:rows]
	}
	if len(v.Offsets) > 0 { // the values may stay whole
		v.Offsets = v.Offsets[:rows+1]
		return
	}
	v.Int64, v.Int32, v.Float64, v.Codes = v.Int64[:min(rows, len(v.Int64))], v.Int32[:min(rows, len(v.Int32))], v.Float64[:min(rows, len(v.Float64))], v.Codes[:min(rows, len(v.Codes))]
}
