package digest_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"pcapmill/features/flow/digest"
)

// TestBeside hashes streams of all lengths, in pieces, with another beside.
func TestBeside(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func(most int) []byte {
		b := make([]byte, rng.IntN(most))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	for range 400 {
		other, data := random(1<<rng.IntN(18)+1), random(1<<rng.IntN(18)+1)
		b := digest.NewBeside(bytes.NewReader(other))
		for range 1 + rng.IntN(2) {
			checkHash(t, b, data, rng)
		}
		got, err := b.Sum()
		if want := sha256.Sum256(other); err != nil || !bytes.Equal(got, want[:]) {
			t.Fatalf("beside %d bytes: %x, %v, want %x", len(other), got, err, want)
		}
	}
}

func checkHash(t *testing.T, b *digest.Beside, data []byte, rng *rand.Rand) {
	t.Helper()
	h := b.Hash()
	want := sha256.Sum256(data)
	for rest := data; len(rest) > 0; {
		n := min(len(rest), 1+rng.IntN(1<<rng.IntN(17)))
		h.Write(rest[:n])
		rest = rest[n:]
		h.Sum(nil) // changes nothing
	}
	if got := h.Sum([]byte{1}); !bytes.Equal(got[1:], want[:]) {
		t.Fatalf("%d bytes: %x, want %x", len(data), got, want)
	}
	h.Reset()
	if got, want := h.Sum(nil), sha256.Sum256(nil); !bytes.Equal(got, want[:]) {
		t.Fatalf("after Reset: %x", got)
	}
}

// TestBesideFails keeps trouble with the other stream out of this one.
func TestBesideFails(t *testing.T) {
	broken := errors.New("broken")
	b := digest.NewBeside(io.MultiReader(bytes.NewReader(make([]byte, 1000)), iotest.ErrReader(broken)))
	data := make([]byte, 5000)
	h := b.Hash()
	h.Write(data)
	if want := sha256.Sum256(data); !bytes.Equal(h.Sum(nil), want[:]) {
		t.Error("wrong beside a broken stream")
	}
	if sum, err := b.Sum(); !errors.Is(err, broken) {
		t.Errorf("%x, %v", sum, err)
	}
}

func BenchmarkBeside(b *testing.B) {
	data := make([]byte, 1<<20)
	other := bytes.NewReader(data)
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			sha256.Sum256(data)
		}
	})
	b.Run("alone", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			digest.NewBeside(bytes.NewReader(nil)).Hash().Write(data)
		}
	})
	b.Run("two", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			other.Reset(data)
			digest.NewBeside(other).Hash().Write(data)
		}
	})
}
