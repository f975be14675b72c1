package parquetfile_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/outputs/parquetfile"
)

// TestResetLeavesNoTrace: files that one File writes one after the other have the bytes of those
// that a new one writes each, whatever rows came before.
func TestResetLeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole, cfg := genTable(t), genConfig(t)
		cuts := rapid.SliceOfN(rapid.IntRange(0, whole.rows), 0, 4).Draw(t, "cuts")
		slices.Sort(cuts)
		var file *parquetfile.File
		lo := 0
		for _, hi := range append(cuts, whole.rows) {
			want, got := new(bytes.Buffer), new(bytes.Buffer)
			once, err := parquetfile.NewFile(want, whole.schema, cfg, nil)
			if err == nil && file != nil {
				err = file.Reset(got)
			} else if err == nil {
				file, err = parquetfile.NewFile(got, whole.schema, cfg, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []*parquetfile.File{once, file} {
				if err := errors.Join(f.Write(whole.batchOf(lo, hi)), f.Close()); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(want.Bytes(), got.Bytes()) {
				t.Fatalf("rows %d to %d: %d bytes, and %d of a new file, differ", lo, hi, got.Len(), want.Len())
			}
			if err := file.Check(bytes.NewReader(got.Bytes()), int64(got.Len())); err != nil {
				t.Fatal(err)
			}
			lo = hi
		}
	})
}

// TestResetNeedsAWholeFile: neither an open nor a broken one is begun anew.
func TestResetNeedsAWholeFile(t *testing.T) {
	whole := rapid.Custom(genTable).Example(3)
	f, err := parquetfile.NewFile(io.Discard, whole.schema, parquetfile.DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Reset(io.Discard) == nil || f.Check(bytes.NewReader(nil), 0) == nil {
		t.Error("an open file was begun anew, or checked")
	}
	if f, err = parquetfile.NewFile(&failingWriter{0}, whole.schema, parquetfile.DefaultConfig(), nil); err != nil {
		t.Fatal(err)
	}
	if f.Close() == nil || f.Reset(io.Discard) == nil {
		t.Error("a file that could not be written was begun anew")
	}
}

// TestCheckSeesEachByte of page index and footer, of the first file and of one behind it, and
// files that are longer or shorter than was written.
func TestCheckSeesEachByte(t *testing.T) {
	whole := rapid.Custom(genTable).Example(3)
	var out bytes.Buffer
	f, err := parquetfile.NewFile(&out, whole.schema, parquetfile.DefaultConfig(), nil)
	for pass := 0; pass < 2; pass++ {
		if err = errors.Join(err, f.Write(whole.batchOf(0, whole.rows)), f.Close()); err != nil {
			t.Fatal(err)
		}
		data := out.Bytes()
		from := len(data) - len(f.Tail())
		for at := from; at < len(data); at++ {
			data[at] ^= 1
			if f.Check(bytes.NewReader(data), int64(len(data))) == nil {
				t.Fatalf("byte %d of %d is another, and nothing is said", at, len(data))
			}
			data[at] ^= 1
		}
		if f.Check(bytes.NewReader(data[1:]), int64(len(data)-1)) == nil || f.Check(bytes.NewReader(data), int64(len(data)+1)) == nil {
			t.Error("a file of another length passed")
		}
		if err := f.Check(bytes.NewReader(data), int64(len(data))); err != nil {
			t.Error(err)
		}
		out.Reset()
		err = f.Reset(&out)
	}
}
