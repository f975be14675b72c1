package sketch

import (
	"bytes"
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
	r, err := openTopK(b)
	if err != nil {
		return nil, err
	}
	read := TopK{most: int(r.most), at: make(map[string]int, r.n), entries: make([]entry, 0, r.n)}
	for range r.n {
		key, count := r.entry()
		if r.failed {
			return nil, ErrCorrupt
		}
		k := string(key)
		read.at[k] = len(read.entries)
		read.entries = append(read.entries, entry{Entry: Entry{k, count}})
	}
	head, rest, err := r.end()
	if err != nil {
		return nil, err
	}
	if read.total, read.tooLong = r.total, head.TooLong; !head.Exact {
		read.hash()
		read.sampled, read.limit = true, slices.MaxFunc(read.entries, func(a, b entry) int { return a.compare(&b) })
	}
	*t = read
	return rest, nil
}

// TopKHead is what a TopK says besides its entries.
type TopKHead struct {
	Cap     int
	Exact   bool
	Others  uint64
	TooLong uint64
}

// ReadTopK is Decode for a caller that only wants the entries: yield is called with each,
// ascending by key, and keys stay b's. On an error some may have come.
func ReadTopK(b []byte, yield func(key []byte, count uint64)) (head TopKHead, rest []byte, err error) {
	r, err := openTopK(b)
	if err != nil {
		return head, nil, err
	}
	for range r.n {
		if key, count := r.entry(); !r.failed {
			yield(key, count)
		}
	}
	return r.end()
}

// topKReader takes the encoding of a TopK apart.
type topKReader struct {
	reader
	flags   byte
	most, n uint64 // Cap, entries
	total   uint64
	last    []byte
	begun   bool
}

func openTopK(b []byte) (topKReader, error) {
	flags, rest, err := opened(b, topKHeader)
	if err != nil {
		return topKReader{}, err
	}
	r := topKReader{reader: reader{rest: rest}, flags: flags}
	r.most, r.n = r.number(), r.number()
	if flags >= topKUnknown || r.most < 1 || r.most > MaxCap || r.n > min(r.most, uint64(len(r.rest))) || flags&topKSampled != 0 && r.n < r.most {
		return topKReader{}, ErrCorrupt
	}
	return r, nil
}

// entry reads a key behind the last one.
func (r *topKReader) entry() (key []byte, count uint64) {
	length := r.number()
	if length > MaxKey {
		r.fail()
	}
	key, count = r.bytes(length), r.count()
	if r.failed || count == 0 || count > MaxCount-r.total || r.begun && bytes.Compare(key, r.last) <= 0 {
		r.fail()
		return nil, 0
	}
	r.total += count
	r.last, r.begun = key, true
	return key, count
}

// end reads the numbers behind the entries.
func (r *topKReader) end() (head TopKHead, rest []byte, err error) {
	head = TopKHead{Cap: int(r.most), Exact: r.flags&topKSampled == 0}
	if !head.Exact {
		if head.Others = r.count(); r.failed || head.Others == 0 || head.Others > MaxCount-r.total {
			r.fail()
		}
		r.total += head.Others
	}
	if r.flags&topKTooLong != 0 {
		if head.TooLong = r.count(); head.TooLong == 0 {
			r.fail()
		}
	}
	rest, err = r.reader.end()
	return head, rest, err
}
