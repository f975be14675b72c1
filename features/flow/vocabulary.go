package flow

import (
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// wordKey tells the words of a column apart; the zero key means no word.
type wordKey struct{ a, b, c uint64 }

// vocabulary remembers the codes of words in the Dict of the batch being filled.
// Words whose keys fall on the same slot displace each other; one that comes back
// is then in the Dict twice, which costs room and no more.
type vocabulary struct {
	slots [256]struct {
		key  wordKey
		code int32
	}
	spelt []byte
}

// slot mixes the key with odd constants, of which the top byte depends on all bits.
func (k wordKey) slot() uint8 {
	return uint8((k.a*0x9e3779b97f4a7c15 ^ k.b*0xc2b2ae3d27d4eb4f ^ k.c*0x165667b19e3779f9) >> 56)
}

// coded declares a text column of few distinct words. Each is spelt once a batch,
// and what writes the batch has to look it up once a batch too. key must differ
// between words; spell appends the word.
func coded(name string, a attr, doc string, key func(*Row) wordKey, spell func(r *Row, dst []byte) []byte) Def {
	known := &vocabulary{}
	return single(name, column.String, a, doc, func(v *batch.Vector, t *tile) {
		if len(v.Codes) == 0 { // a new batch; the last one's Dict may still be read
			v.Dict = make([]string, 0, max(len(v.Dict), 16))
			clear(known.slots[:])
		}
		dst := more(&v.Codes, len(t.rows))
		for i, r := range t.rows {
			dst[i] = 0
			if k := key(r); k != (wordKey{}) {
				dst[i] = known.code(v, k, r, spell)
			}
		}
	})
}

// code returns the code of the word with key k, which is r's.
func (w *vocabulary) code(v *batch.Vector, k wordKey, r *Row, spell func(*Row, []byte) []byte) int32 {
	s := &w.slots[k.slot()]
	if s.key != k {
		w.spelt = spell(r, w.spelt[:0])
		s.key, s.code = k, int32(len(v.Dict))
		v.Dict = append(v.Dict, string(w.spelt))
	}
	return s.code
}
