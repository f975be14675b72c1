package parquetfile

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"math/rand/v2"
)

// wordDict numbers distinct strings in the order of their first appearance. The
// hash is seeded at random, so nobody can prepare colliding strings; it does not
// show in the numbers.
type wordDict struct {
	seed  maphash.Seed
	mix   uint64
	slots []wordSlot
	keys  []wordKey // of each word
	text  []byte
	ends  []uint32 // word i is text[ends[i]:ends[i+1]]
	ahead [lookAhead]lookedUp
}

// lookedUp is a word to be added: its key and hash, and its number plus 1 where it
// was found at once.
type lookedUp struct {
	key   wordKey
	hash  uint32
	found int32
}

// lookAhead is how many words are looked up at a time. Slots and keys hardly ever lie
// in the nearest cache; one after the other, each word waits for both.
const lookAhead = 16

// wordKey is a word of up to 16 bytes, such as an address: two overlapping loads
// and the length, of less than 4 bytes these and a mark. Longer words have their hash
// there, and only looking at the text tells them apart.
type wordKey struct {
	a, b uint64
	n    uint32 // 0: by text
}

// shortWord marks the length of words of less than 4 bytes; nulls come as such.
const shortWord = 1 << 8

// wordSlot is a hash table slot. The part of the hash spares most comparisons
// of text; number is the word's plus 1, and 0 in a free slot.
type wordSlot struct {
	hash   uint32
	number int32
}

func (d *wordDict) init() {
	d.seed, d.mix = maphash.MakeSeed(), rand.Uint64()
	d.slots = table[wordSlot](1 << 8)
	d.ends = append(d.ends, 0)
}

func (d *wordDict) reset() {
	if d.len() > 0 {
		clear(d.slots)
	}
	d.keys, d.text, d.ends = d.keys[:0], d.text[:0], d.ends[:1]
}

func (d *wordDict) len() int            { return len(d.ends) - 1 }
func (d *wordDict) word(i int32) []byte { return d.text[d.ends[i]:d.ends[i+1]] }

// size is the length of the dictionary page: each word with its length.
func (d *wordDict) size() int { return len(d.text) + 4*d.len() }

// pays reports whether n strings repeat enough for a dictionary.
func (d *wordDict) pays(n int) bool { return d.len() <= 16 || d.len() <= n*5/8 }

// look looks up to lookAhead words up, those of some rows; row i is
// text[offsets[i]:offsets[i+1]].
func (d *wordDict) look(text []byte, offsets, rows []int32) {
	ahead := d.ahead[:len(rows)]
	for i, row := range rows {
		l := &ahead[i]
		l.key = d.key(text[offsets[row]:offsets[row+1]])
		l.hash = d.hash(&l.key)
	}
	mask := uint32(len(d.slots) - 1)
	for i := range ahead {
		l := &ahead[i]
		slot := d.slots[l.hash&mask]
		l.found = slot.number
		if slot.hash != l.hash || l.key.n == 0 {
			l.found = 0
		}
	}
	for i := range ahead {
		if l := &ahead[i]; l.found > 0 && d.keys[l.found-1] != l.key {
			l.found = 0
		}
	}
}

// addLooked is add of word i of those looked up.
func (d *wordDict) addLooked(i int, word []byte) int32 {
	l := &d.ahead[i]
	if l.found > 0 {
		return l.found - 1
	}
	return d.addKey(&l.key, l.hash, word)
}

// add returns the word's number, which is the next one for a new word.
func (d *wordDict) add(word []byte) int32 {
	k := d.key(word)
	return d.addKey(&k, d.hash(&k), word)
}

func (d *wordDict) addKey(k *wordKey, h uint32, word []byte) int32 {
	mask := uint32(len(d.slots) - 1)
	at := h & mask
	for {
		slot := d.slots[at]
		if slot.number == 0 {
			return d.insert(at, h, k, word)
		}
		if slot.hash == h && d.keys[slot.number-1] == *k && (k.n > 0 || string(d.word(slot.number-1)) == string(word)) {
			return slot.number - 1
		}
		at = (at + 1) & mask
	}
}

func (d *wordDict) key(word []byte) wordKey {
	n := len(word)
	switch {
	case n > 16:
		return wordKey{a: maphash.Bytes(d.seed, word)}
	case n < 4:
		k := wordKey{n: shortWord | uint32(n)}
		for _, c := range word {
			k.a = k.a<<8 | uint64(c)
		}
		return k
	case n >= 8:
		return wordKey{binary.LittleEndian.Uint64(word), binary.LittleEndian.Uint64(word[n-8:]), uint32(n)}
	default:
		return wordKey{uint64(binary.LittleEndian.Uint32(word)), uint64(binary.LittleEndian.Uint32(word[n-4:])), uint32(n)}
	}
}

// hash mixes a key; a call of maphash costs three times as much.
func (d *wordDict) hash(k *wordKey) uint32 {
	hi, lo := bits.Mul64(k.a^d.mix, k.b^bits.RotateLeft64(d.mix, 32)^uint64(k.n)<<56)
	hi, lo = bits.Mul64(hi^lo, d.mix|1)
	return uint32(hi ^ lo)
}

func (d *wordDict) insert(at, hash uint32, k *wordKey, word []byte) int32 {
	i := int32(d.len())
	d.keys = append(d.keys, *k)
	d.text = append(d.text, word...)
	d.ends = append(d.ends, uint32(len(d.text)))
	d.slots[at] = wordSlot{hash, i + 1}
	if d.len()*2 > len(d.slots) {
		d.grow()
	}
	return i
}

// table returns n slots of a hash table. Each of its pages is written to here: looked
// into first, a fresh page is mapped twice, and the second time all CPUs are told.
func table[T any](n int) []T {
	const smallestPage = 4096 / 8 // in slots of 8 bytes
	slots := make([]T, n)
	var free T
	for i := 0; i < n; i += smallestPage {
		slots[i] = free
	}
	return slots
}

func (d *wordDict) grow() {
	old := d.slots
	d.slots = table[wordSlot](2 * len(old))
	mask := uint32(len(d.slots) - 1)
	for _, slot := range old {
		if slot.number == 0 {
			continue
		}
		at := slot.hash & mask
		for d.slots[at].number != 0 {
			at = (at + 1) & mask
		}
		d.slots[at] = slot
	}
}
