package digest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"pcapmill/features/flow/digest"
)

// TestHMAC compares pairs of MACs with the standard library's, for keys and messages of
// all lengths, as this processor makes them and as one without SHA instructions does.
func TestHMAC(t *testing.T) {
	rng := rand.NewChaCha8([32]byte{2})
	for n := range digest.MaxMessage + 1 {
		var keys, texts [2][]byte
		var macs, macsEach [2][sha256.Size]byte
		var made [2]*digest.HMACKey
		var messages [2]*digest.Block
		for i := range keys {
			keys[i] = make([]byte, (n*7+i*31)%(digest.BlockSize+1))
			texts[i] = make([]byte, (n+i*13)%(digest.MaxMessage+1))
			rng.Read(keys[i])
			rng.Read(texts[i])
			made[i], messages[i] = new(digest.HMACKey), new(digest.Block)
			made[i].Set(make([]byte, digest.BlockSize)) // which leaves nothing
			made[i].Set(keys[i])
			copy(messages[i][:], texts[i])
			messages[i].SealBehind(len(texts[i]))
		}
		digest.HMAC(&macs, made, messages)
		digest.HMACEach(&macsEach, made, messages)
		for i := range keys {
			h := hmac.New(sha256.New, keys[i])
			h.Write(texts[i])
			if want := [sha256.Size]byte(h.Sum(nil)); macs[i] != want || macsEach[i] != want {
				t.Errorf("HMAC of %x under %x as number %d: %x and %x, want %x", texts[i], keys[i], i, macs[i], macsEach[i], want)
			}
		}
	}
}

func BenchmarkHMAC(b *testing.B) {
	var key digest.HMACKey
	var message digest.Block
	var macs [2][sha256.Size]byte
	message.SealBehind(20)
	for b.Loop() {
		key.Set(macs[0][:])
		digest.HMAC(&macs, [2]*digest.HMACKey{&key, &key}, [2]*digest.Block{&message, &message})
	}
}
