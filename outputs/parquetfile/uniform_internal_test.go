package parquetfile

import (
	"bytes"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// TestUniform packs values of which all but one are the same, at each place.
func TestUniform(t *testing.T) {
	for at := range 3 * blockValues {
		values := slices.Repeat([]int64{-7}, 3*blockValues)
		values[at] = 1 << 40
		checkBoth(t, values, 100)
		values[at] = -7
		checkBoth(t, values, 100)
	}
}

// TestRunBlocks stores values that end in equal bytes, behind levels of all lengths.
func TestRunBlocks(t *testing.T) {
	c := new(compressor)
	if err := c.use(format.Zstd); err != nil {
		t.Fatal(err)
	}
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	for _, size := range []int{0, 1, 63, 85, 86, 640, 4096, maxBlock, maxBlock + 1} {
		for _, front := range []int{0, 1, maxBlock, 2*maxBlock + 5} {
			levels, values := bytes.Repeat([]byte{1, 2, 3}, front), make([]byte, size)
			if size > 8 {
				copy(values, "a header")
			}
			var page []byte
			for _, p := range c.compress(levels, values, compressMixed) {
				page = append(page, p.data...)
			}
			got, err := decoder.DecodeAll(page, nil)
			if want := slices.Concat(levels, values); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d levels, %d values: %v", len(levels), size, err)
			}
		}
	}
}
