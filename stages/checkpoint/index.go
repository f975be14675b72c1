package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// magic begins and ends a file.
const magic = "pcapmill checkpoint 1"

// footerBytes is the length of what follows the index.
const footerBytes = 8 + 8 + sha256.Size + len(magic)

// hash names a chunk.
type hash = [sha256.Size]byte

// earlier is another file that has chunks of a state.
type earlier struct {
	number int64
	held   int64 // bytes of the chunks that it was written with
}

// frame is a stretch of new chunks in a file.
type frame struct {
	at     int64 // in the file
	length int64
	raw    int64 // bytes of its content
}

// location is where a chunk lies.
type location struct {
	file   int64 // its number
	frame  int32
	at     int32 // in the content of the frame
	length int32
}

// chunk is one of a state.
type chunk struct {
	location
	hash hash
}

// index says what a file holds, and what the state is made of.
type index struct {
	number  int64
	earlier []earlier
	frames  []frame
	chunks  []chunk
}

// bytes returns the length of the state.
func (x *index) bytes() (n int64) {
	for i := range x.chunks {
		n += int64(x.chunks[i].length)
	}
	return n
}

// held returns the bytes of the chunks that the file was written with.
func (x *index) held() (n int64) {
	for i := range x.frames {
		n += x.frames[i].raw
	}
	return n
}

// needs returns the files that have chunks of the state, and the bytes of these chunks, each
// counted once.
func (x *index) needs() (files []int64, alive int64) {
	had := map[int64]bool{}
	once := map[hash]bool{}
	for i := range x.chunks {
		c := &x.chunks[i]
		if !had[c.file] {
			had[c.file] = true
			files = append(files, c.file)
		}
		if !once[c.hash] {
			once[c.hash] = true
			alive += int64(c.length)
		}
	}
	return files, alive
}

// encode returns the index as it is written.
func (x *index) encode() []byte {
	b := binary.AppendUvarint(nil, uint64(len(x.earlier)))
	files := map[int64]uint64{x.number: 0}
	for i, e := range x.earlier {
		files[e.number] = uint64(i) + 1
		b = binary.AppendUvarint(b, uint64(e.number))
		b = binary.AppendUvarint(b, uint64(e.held))
	}
	b = binary.AppendUvarint(b, uint64(len(x.frames)))
	for _, f := range x.frames {
		b = binary.AppendUvarint(b, uint64(f.length))
		b = binary.AppendUvarint(b, uint64(f.raw))
	}
	b = binary.AppendUvarint(b, uint64(len(x.chunks)))
	for i := range x.chunks {
		c := &x.chunks[i]
		for _, n := range [4]uint64{files[c.file], uint64(c.frame), uint64(c.at), uint64(c.length)} {
			b = binary.AppendUvarint(b, n)
		}
		b = append(b, c.hash[:]...)
	}
	return b
}

var errIndex = errors.New("the index makes no sense")

// decoder reads an index. Its first error counts.
type decoder struct {
	r   *bytes.Reader
	err error
}

// number reads one that is at most most.
func (d *decoder) number(most int64) int64 {
	if d.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(d.r)
	if err != nil || n > uint64(most) {
		d.err = errIndex
		return 0
	}
	return int64(n)
}

// count reads how many things follow, of which each has so many bytes or more.
func (d *decoder) count(least int64) int64 { return d.number(int64(d.r.Len()) / least) }

// decode reads the index of a file, the frames of which end at a byte of it.
func decode(number int64, data []byte, end int64) (*index, error) {
	const any = 1 << 62
	d := &decoder{r: bytes.NewReader(data)}
	x := &index{number: number}
	for range d.count(2) {
		x.earlier = append(x.earlier, earlier{d.number(any), d.number(any)})
	}
	at := int64(len(magic))
	for range d.count(2) {
		f := frame{at: at, length: d.number(end - at), raw: d.number(mostFrame)}
		x.frames = append(x.frames, f)
		at += f.length
	}
	for range d.count(4 + sha256.Size) {
		x.chunks = append(x.chunks, d.chunk(x))
	}
	if d.err == nil && (at != end || d.r.Len() > 0) {
		d.err = errIndex
	}
	return x, d.err
}

func (d *decoder) chunk(x *index) (c chunk) {
	c.file = x.number
	file := d.number(int64(len(x.earlier)))
	c.frame = int32(d.number(1 << 30))
	c.at, c.length = int32(d.number(mostFrame)), int32(d.number(chunkBytes))
	if _, err := d.r.Read(c.hash[:]); err != nil {
		d.err = errIndex
	}
	switch {
	case d.err != nil:
	case file > 0:
		c.file = x.earlier[file-1].number
	case !x.has(c.location):
		d.err = errIndex
	}
	return c
}

// has reports whether there is such a place in the file's frames.
func (x *index) has(l location) bool {
	return int(l.frame) < len(x.frames) && int64(l.at)+int64(l.length) <= x.frames[l.frame].raw
}

// footer is the end of a file.
func footer(at int64, index []byte) []byte {
	sum := sha256.Sum256(index)
	b := binary.LittleEndian.AppendUint64(nil, uint64(at))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(index)))
	b = append(b, sum[:]...)
	return append(b, magic...)
}

// place is where a footer says that the index lies.
type place struct {
	at, length int64
	sum        hash
}

// readFooter reads the end of a file of so many bytes.
func readFooter(b []byte, size int64) (p place, err error) {
	if string(b[footerBytes-len(magic):]) != magic {
		return p, errors.New("it does not end as a checkpoint does")
	}
	p.at, p.length = int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))
	copy(p.sum[:], b[16:])
	if end := size - int64(footerBytes); p.at < int64(len(magic)) || p.at > end || p.length != end-p.at {
		return p, fmt.Errorf("its index would lie at byte %d", p.at)
	}
	return p, nil
}
