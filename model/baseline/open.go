package baseline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"net/netip"
	"os"
	"slices"

	"pcapmill/outputs/text"
)

// File is a baseline that is read from its file as it is asked, and is never in memory as
// a whole: what Open keeps is a few thousandths of it. Its methods can be called from
// several goroutines.
//
// Blocks are those that Open saw: a file that another takes the place of is read on, and
// one that is changed or cut gives ErrChanged with its name and an offset.
type File struct {
	reading
	name   string
	from   io.ReaderAt
	close  func() error
	tags   []tagSet
	groups []group
	seed   maphash.Seed // of sums
	hosts  int
	days   []Day
}

// group is a run of blocks in a file, which are read together.
type group struct {
	place        // before the first
	count int    // blocks
	at    int64  // offset
	size  int    // bytes
	sum   uint64 // of the bytes
}

// A group ends behind so many bytes or blocks, which may be within a host. The latter
// bounds what a group takes when it is unpacked.
const (
	groupBytes  = 64 << 10
	groupBlocks = 256
)

// MaxBlock bounds what a block of a File takes, so that no length in it is believed at a
// greater cost. 40 features take 2 KiB; keys of categories are the rest.
const MaxBlock = 64 << 20

// Open opens a file of at most so many bytes, all of which it reads once for its hash and
// structure. Errors are those of Load, and ErrTooLarge also for a block beyond MaxBlock.
func Open(name string, most int64) (*File, error) {
	f, size, err := openWithin(name, most)
	if err != nil {
		return nil, err
	}
	file, err := openReader(f, size, groupBytes)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	file.name, file.close = text.Escape(name), f.Close
	return file, nil
}

// openWithin opens a file that is no larger than a limit.
func openWithin(name string, most int64) (f *os.File, size int64, err error) {
	if f, err = openRegular(name); err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() > most {
		err = fmt.Errorf("%s: %d bytes: %w, %d", text.Escape(name), info.Size(), ErrTooLarge, most)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// openReader reads all of a file once. The hash is looked at last, but a file with another
// one is ErrTampered whatever else there is to say of it. Groups end at so many bytes.
func openReader(from io.ReaderAt, size, together int64) (*File, error) {
	head := make([]byte, min(size, int64(startBytes)))
	if _, err := from.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	at, err := start(head, size)
	if err != nil {
		return nil, err
	}
	sum, body := sha256.New(), size-sha256.Size
	more := &stream{from: io.TeeReader(io.NewSectionReader(from, 0, body), sum), left: uint64(body)}
	f := &File{from: from, seed: more.sum.Seed()}
	d := &decoder{more: more}
	d.skip(uint64(at))
	bad := f.index(d, body, together)
	if _, err := io.Copy(io.Discard, more.from); err != nil {
		return nil, err
	}
	end := make([]byte, sha256.Size)
	if _, err := io.ReadFull(io.NewSectionReader(from, body, sha256.Size), end); err != nil {
		return nil, err
	}
	switch {
	case !bytes.Equal(sum.Sum(nil), end):
		return nil, ErrTampered
	case !current(head[:at]):
		return nil, ErrCorrupt
	case bad != nil:
		return nil, bad
	}
	return f, nil
}

// index reads a body up to an offset, but for the blocks, and cuts these into groups.
func (f *File) index(d *decoder, end, together int64) error {
	c, err := d.contents()
	if err != nil {
		return err
	}
	f.reading = reading{contents: c, from: f}
	f.tags = d.tags()
	s := newScan(d, &f.contents, f.tags)
	offset := func() int64 { return end - int64(d.left()) }
	d.more.cut(d.rest)
	g := group{place: s.place, at: offset()}
	days := map[Day]bool{}
	for s.next() {
		days[s.day] = true
		if s.size > MaxBlock {
			return fmt.Errorf("%w: a block of %d bytes at offset %d", ErrTooLarge, s.size, offset())
		}
		d.skip(s.size)
		g.count++
		if at := offset(); at-g.at >= together || g.count == groupBlocks || s.hosts == 0 && s.place.blocks == 0 {
			g.size, g.sum = int(at-g.at), d.more.cut(d.rest)
			f.groups = append(f.groups, g)
			g = group{place: s.place, at: at}
		}
	}
	if !s.whole() {
		return ErrCorrupt
	}
	f.hosts, f.days = s.kept, slices.Sorted(maps.Keys(days))
	return nil
}

// Days returns the days with windows, ascending. The slice is the file's.
func (f *File) Days() []Day { return f.days }

// Hosts returns how many hosts are kept by themselves.
func (f *File) Hosts() int { return f.hosts }

// Close closes the file.
func (f *File) Close() error { return f.close() }

// Check looks at every block, and returns ErrCorrupt where one is not what Encode writes.
func (f *File) Check() error {
	return ordered(context.Background(), len(f.groups), func() *checker {
		return &checker{unpacker: f.newUnpacker()}
	}, func(i int, by *checker) error {
		return by.check(fileRun{f, &f.groups[i]})
	}, func(*checker) error { return nil })
}

type checker struct {
	unpacker *unpacker
	buf      []byte
}

func (c *checker) check(r run) (err error) {
	c.buf, err = r.read(c.buf, func(s *stop) error {
		_, err := c.unpacker.unpack(s.packed)
		return err
	})
	return err
}

// all returns all blocks.
func (f *File) all() ([]run, error) { return f.runs(f.groups), nil }

// of returns the groups that can have blocks of a host.
func (f *File) of(host netip.Addr) ([]run, error) {
	first, _ := slices.BinarySearchFunc(f.groups, host, func(g group, host netip.Addr) int { return g.host.Compare(host) })
	last := first
	for last < len(f.groups) && f.groups[last].host == host {
		last++
	}
	return f.runs(f.groups[max(first-1, 0):last]), nil // place.host is the one before the first block
}

func (f *File) runs(groups []group) []run {
	runs := make([]run, len(groups))
	for i := range groups {
		runs[i] = fileRun{f, &groups[i]}
	}
	return runs
}

// fileRun is a group of a file.
type fileRun struct {
	*File
	*group
}

// read reads the group, and calls yield with each block.
func (r fileRun) read(buf []byte, yield func(*stop) error) ([]byte, error) {
	buf = append(buf[:0], make([]byte, r.size)...)
	if _, err := r.File.from.ReadAt(buf, r.at); err != nil {
		if errors.Is(err, io.EOF) {
			err = ErrChanged
		}
		return buf, fmt.Errorf("%s: at offset %d: %w", r.name, r.at, err)
	}
	if maphash.Bytes(r.seed, buf) != r.sum {
		return buf, fmt.Errorf("%s: at offset %d to %d: %w", r.name, r.at, r.at+int64(r.size), ErrChanged)
	}
	s := scan{d: &decoder{rest: buf}, c: &r.contents, tags: r.tags, place: r.place}
	for range r.count {
		if !s.next() {
			return buf, fmt.Errorf("%s: at offset %d: %w", r.name, r.at, ErrCorrupt)
		}
		b := stop{host: s.host, day: s.day, tags: s.tags[s.tag], packed: s.d.bytes(s.size), first: s.first, last: s.place.blocks == 0}
		if err := yield(&b); err != nil {
			return buf, fmt.Errorf("%s: at offset %d to %d: host %v: %w", r.name, r.at, r.at+int64(r.size), s.host, err)
		}
	}
	return buf, nil
}
