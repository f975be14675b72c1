package flow

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestDescribe compares with the definitions, for bytes of few and many values.
func TestDescribe(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 20_000 {
		p := make([]byte, 1+rng.IntN(MaxPayloadBytes))
		first, values := rng.IntN(256), 1+rng.IntN(256)
		for i := range p {
			p[i] = byte(first + rng.IntN(values))
		}
		entropy, printable := describe(p)
		wantEntropy, wantPrintable := defined(p)
		if math.Abs(float64(entropy)-wantEntropy) > 1e-6 || float64(printable) != wantPrintable {
			t.Fatalf("%x: %v and %v, want %v and %v", p, entropy, printable, wantEntropy, wantPrintable)
		}
	}
}

func defined(p []byte) (entropy, printable float64) {
	var count [256]int
	for _, c := range p {
		count[c]++
		if c >= 0x20 && c < 0x7f || c == '\t' || c == '\n' || c == '\r' {
			printable++
		}
	}
	for _, n := range count {
		if n > 0 {
			share := float64(n) / float64(len(p))
			entropy -= share * math.Log2(share)
		}
	}
	return entropy, float64(float32(printable / float64(len(p))))
}

func BenchmarkDescribe(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 10))
	text := make([]byte, 64*1024)
	for i := range text {
		text[i] = byte(rng.Uint32())
	}
	for i := 0; b.Loop(); i++ {
		at := i % 1023 * 64
		describe(text[at : at+64])
	}
}
