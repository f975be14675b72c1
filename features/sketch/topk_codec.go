package sketch

import (
	"encoding/binary"
	"slices"
	"strings"
)

// What the bits of the byte after the header say.
const (
	topKSampled = 1 << iota // there are Cap entries, and the number of others follows them
	topKTooLong             // the number of keys that were too long follows at the end
	topKUnknown
)

// AppendBinary appends the TopK: varints of Cap and of the number of entries, and for
// each, by key, its length, its bytes and its count.
func (t *TopK) AppendBinary(dst []byte) []byte {
	t.settle()
	flags := byte(0)
	if t.sampled {
		flags |= topKSampled
	}
	if t.tooLong > 0 {
		flags |= topKTooLong
	}
	dst = binary.AppendUvarint(append(dst, topKHeader, flags), uint64(t.most))
	dst = binary.AppendUvarint(dst, uint64(len(t.entries)))
	byKey := slices.Clone(t.entries)
	slices.SortFunc(byKey, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	for _, e := range byKey {
		dst = append(binary.AppendUvarint(dst, uint64(len(e.Key))), e.Key...)
		dst = binary.AppendUvarint(dst, e.Count)
	}
	if t.sampled {
		dst = binary.AppendUvarint(dst, t.Others())
	}
	if t.tooLong > 0 {
		dst = binary.AppendUvarint(dst, t.tooLong)
	}
	return dst
}

// Decode reads what AppendBinary wrote from the beginning of b and returns what follows.
// It allocates in line with the bytes read. On an error, t is as before.
func (t *TopK) Decode(b []byte) (rest []byte, err error) {
	flags, rest, err := opened(b, topKHeader)
	if err != nil {
		return nil, err
	}
	if flags >= topKUnknown {
		return nil, ErrCorrupt
	}
	r := reader{rest: rest}
	most, n := r.number(), r.number()
	if most < 1 || most > MaxCap || n > min(most, uint64(len(r.rest))) || flags&topKSampled != 0 && n < most {
		return nil, ErrCorrupt
	}
	read := TopK{most: int(most), at: make(map[string]int, n), entries: make([]entry, 0, n)}
	for range n {
		read.readEntry(&r)
	}
	read.readRest(&r, flags)
	if rest, err = r.end(); err != nil {
		return nil, err
	}
	*t = read
	return rest, nil
}

// readEntry reads a key behind the last one.
func (t *TopK) readEntry(r *reader) {
	length := r.number()
	if length > MaxKey {
		r.fail()
	}
	key := string(r.bytes(length))
	last, count := len(t.entries)-1, r.count()
	if r.failed || count == 0 || count > MaxCount-t.total || last >= 0 && key <= t.entries[last].Key {
		r.fail()
		return
	}
	t.total += count
	t.at[key] = len(t.entries)
	t.entries = append(t.entries, entry{Entry: Entry{key, count}})
}

// readRest reads the numbers behind the entries.
func (t *TopK) readRest(r *reader, flags byte) {
	if flags&topKSampled != 0 {
		others := r.count()
		if r.failed || others == 0 || others > MaxCount-t.total {
			r.fail()
			return
		}
		t.total += others
		t.hash()
		t.sampled, t.limit = true, slices.MaxFunc(t.entries, func(a, b entry) int { return a.compare(&b) })
	}
	if flags&topKTooLong != 0 {
		if t.tooLong = r.count(); t.tooLong == 0 {
			r.fail()
		}
	}
}
