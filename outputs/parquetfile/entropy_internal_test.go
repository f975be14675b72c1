package parquetfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// TestEntropy reads frames of coded letters back, at lengths around a block's.
func TestEntropy(t *testing.T) {
	c := new(compressor)
	if err := c.use(format.Zstd); err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 3*maxBlock)
	for i := range text {
		text[i] = "0123456789......"[r.IntN(16)]
	}
	for _, levels := range []int{0, 5, 10_000} {
		for _, n := range []int{minEntropy, 10_000, maxBlock - 1, maxBlock, maxBlock + 1, maxBlock + minEntropy - 1, maxBlock + minEntropy, 2*maxBlock + 1, 3 * maxBlock} {
			t.Run(fmt.Sprint(levels, "+", n), func(t *testing.T) {
				want := append(bytes.Repeat([]byte{7}, levels), text[:n]...)
				if !c.entropy(want[:levels], want[levels:]) {
					t.Fatal("not coded")
				}
				var frame []byte
				for _, p := range c.parts {
					frame = append(frame, p.data...)
				}
				got, err := d.DecodeAll(frame, nil)
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%d bytes of %d, %v", len(got), len(want), err)
				}
				if len(frame)-levels > n/2 {
					t.Errorf("%d letters take %d bytes", n, len(frame)-levels)
				}
			})
		}
	}
}

// TestEntropyFallsBack is about text that does not shrink that way.
func TestEntropyFallsBack(t *testing.T) {
	c := new(compressor)
	if err := c.use(format.Zstd); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 4*minEntropy)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for name, values := range map[string][]byte{"short": make([]byte, minEntropy-1), "noise": noise, "one letter": make([]byte, minEntropy)} {
		if c.entropy(nil, values) {
			t.Errorf("%s: coded", name)
		}
	}
}
