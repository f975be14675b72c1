package digest_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"pcapmill/features/flow/digest"
)

// check compares both hashes of two messages with the standard library's, as this
// processor makes them and as one without SHA instructions does.
func check(t *testing.T, messages [2][]byte) {
	t.Helper()
	var blocks [2]digest.Block
	for i, m := range messages {
		for j := range blocks[i] {
			blocks[i][j] = 0xa5 // Seal must clear it
		}
		copy(blocks[i][:], m)
		blocks[i].Seal(len(m))
	}
	var sums, sumsEach [2][20]byte
	digest.SHA1(&sums, &blocks)
	digest.SHA1Each(&sumsEach, &blocks)
	var heads, headsEach [2]uint64
	digest.SHA256(&heads, &blocks)
	digest.SHA256Each(&headsEach, &blocks)
	for i, m := range messages {
		if want := sha1.Sum(m); sums[i] != want || sumsEach[i] != want {
			t.Errorf("SHA-1 of %x as number %d: %x and %x, want %x", m, i, sums[i], sumsEach[i], want)
		}
		sum := sha256.Sum256(m)
		if want := binary.BigEndian.Uint64(sum[:]); heads[i] != want || headsEach[i] != want {
			t.Errorf("SHA-256 of %x as number %d: %x and %x, want %x", m, i, heads[i], headsEach[i], want)
		}
	}
}

// TestAgree hashes pairs of all lengths.
func TestAgree(t *testing.T) {
	rng := rand.NewChaCha8([32]byte{1})
	for a := range digest.MaxMessage + 1 {
		for b := range digest.MaxMessage + 1 {
			m := [2][]byte{make([]byte, a), make([]byte, b)}
			rng.Read(m[0])
			rng.Read(m[1])
			check(t, m)
		}
	}
}

func FuzzAgree(f *testing.F) {
	f.Add([]byte("abc"), []byte(""))
	f.Add(make([]byte, digest.MaxMessage), []byte{0xff})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		check(t, [2][]byte{a[:min(len(a), digest.MaxMessage)], b[:min(len(b), digest.MaxMessage)]})
	})
}

// TestSealRefusesLongMessages: a message that needs a second block must not pass.
func TestSealRefusesLongMessages(t *testing.T) {
	for _, n := range []int{-1, digest.MaxMessage + 1, digest.BlockSize} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d bytes were sealed", n)
				}
			}()
			new(digest.Block).Seal(n)
		}()
	}
}

func BenchmarkSHA1(b *testing.B) {
	var blocks [2]digest.Block
	var sums [2][20]byte
	for b.Loop() {
		blocks[0].Seal(18)
		blocks[1].Seal(18)
		digest.SHA1(&sums, &blocks)
	}
}

func BenchmarkSHA256(b *testing.B) {
	var blocks [2]digest.Block
	var heads [2]uint64
	for b.Loop() {
		blocks[0].Seal(51)
		blocks[1].Seal(51)
		digest.SHA256(&heads, &blocks)
	}
}
