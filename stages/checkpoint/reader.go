package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// ErrDamaged is a file that is not as it was written.
var ErrDamaged = errors.New("the checkpoint is damaged")

// indexMost bounds the memory for an index: of a state of about 100 GB.
const indexMost = 256 << 20

// file is an open one.
type file struct {
	*os.File
	index *index
	zstd  *zstd.Decoder
	open  int // frame whose content is at hand; -1: none
	frame []byte
	raw   []byte // memory
}

// damaged names the file and the byte.
func (f *file) damaged(at int64, format string, args ...any) error {
	return fmt.Errorf("%w: %s at byte %d: %s", ErrDamaged, f.Name(), at, fmt.Sprintf(format, args...))
}

// openFile opens a file of the store and reads its index.
func openFile(s *Store, number int64) (*file, error) {
	opened, err := os.Open(s.path(number))
	if err != nil {
		return nil, err
	}
	f := &file{File: opened, open: -1}
	f.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(indexMost))
	if err == nil {
		err = f.readIndex(number)
	}
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return f, nil
}

func (f *file) readIndex(number int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	if !info.Mode().IsRegular() || size < int64(len(magic)+footerBytes) {
		return f.damaged(size, "it is too short")
	}
	end := make([]byte, footerBytes)
	if _, err := f.ReadAt(end, size-int64(footerBytes)); err != nil {
		return err
	}
	p, err := readFooter(end, size)
	if err != nil {
		return f.damaged(size-int64(footerBytes), "%v", err)
	}
	packed := make([]byte, p.length)
	if _, err := f.ReadAt(packed, p.at); err != nil {
		return err
	}
	if sha256.Sum256(packed) != p.sum {
		return f.damaged(p.at, "the index is another one than the footer says")
	}
	data, err := f.zstd.DecodeAll(packed, nil)
	if err != nil {
		return f.damaged(p.at, "index: %v", err)
	}
	if f.index, err = decode(number, data, p.at); err != nil {
		return f.damaged(p.at, "%v", err)
	}
	return nil
}

// chunk returns the bytes of a chunk, good until the next call.
func (f *file) chunk(c *chunk) ([]byte, error) {
	if !f.index.has(c.location) {
		return nil, f.damaged(0, "it has no frame %d, or nothing at %d there", c.frame, c.at)
	}
	fr := f.index.frames[c.frame]
	if f.open != int(c.frame) {
		f.open = -1
		if int64(cap(f.raw)) < fr.length {
			f.raw = make([]byte, fr.length)
		}
		packed := f.raw[:fr.length]
		if _, err := f.ReadAt(packed, fr.at); err != nil {
			return nil, err
		}
		var err error
		if f.frame, err = f.zstd.DecodeAll(packed, f.frame[:0]); err != nil {
			return nil, f.damaged(fr.at, "%v", err)
		}
		if int64(len(f.frame)) != fr.raw {
			return nil, f.damaged(fr.at, "a frame of %d bytes, not %d", len(f.frame), fr.raw)
		}
		f.open = int(c.frame)
	}
	data := f.frame[c.at : c.at+c.length]
	if sha256.Sum256(data) != c.hash {
		return nil, f.damaged(fr.at, "a chunk is another one than the index says")
	}
	return data, nil
}

// reader reads a state.
type reader struct {
	store  *Store
	index  *index
	files  map[int64]*file
	next   int // chunk
	rest   []byte
	failed error
}

// Read returns the bytes of a state, each chunk verified before it is handed out. It first
// verifies the hash of the state's file. The next state that is written is compared with this one.
func (s *Store) Read(ref Ref) (io.ReadCloser, error) {
	number, ok := numberOf(ref.Name)
	if !ok {
		return nil, fmt.Errorf("%q is no name of a checkpoint", ref.Name)
	}
	f, err := openFile(s, number)
	if err != nil {
		return nil, err
	}
	r := &reader{store: s, index: f.index, files: map[int64]*file{number: f}}
	if err := f.verify(ref); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	files, _ := f.index.needs()
	for _, n := range files {
		if err := r.open(n); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	s.last, s.whole = f.index, worn(f.index)
	return r, nil
}

// verify compares a file with what was noted of it.
func (f *file) verify(ref Ref) error {
	sum := sha256.New()
	n, err := io.Copy(sum, io.NewSectionReader(f, 0, 1<<62))
	if err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != ref.SHA256 {
		return f.damaged(0, "its SHA-256 is not %s", ref.SHA256)
	}
	if n != ref.Written || f.index.bytes() != ref.Bytes {
		return f.damaged(0, "it has %d bytes with a state of %d, not %d with %d", n, f.index.bytes(), ref.Written, ref.Bytes)
	}
	return nil
}

// open opens an earlier file.
func (r *reader) open(number int64) error {
	if r.files[number] != nil {
		return nil
	}
	f, err := openFile(r.store, number)
	if err != nil {
		return fmt.Errorf("%s has chunks of %s: %w", nameOf(number), nameOf(r.index.number), err)
	}
	r.files[number] = f
	return nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (n int, err error) {
	for len(r.rest) == 0 {
		if r.failed != nil {
			return 0, r.failed
		}
		if r.next == len(r.index.chunks) {
			return 0, io.EOF
		}
		c := &r.index.chunks[r.next]
		r.next++
		r.rest, r.failed = r.files[c.file].chunk(c)
	}
	n = copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (r *reader) Close() (err error) {
	for _, f := range r.files {
		f.zstd.Close()
		err = errors.Join(err, f.File.Close())
	}
	return err
}
