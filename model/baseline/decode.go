package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"

	"pcapmill/features/sketch"
)

// decoder takes a file apart. After the first thing that Encode does not write, failed is
// set and it returns zeros.
type decoder struct {
	rest   []byte
	more   *stream // what follows rest; nil where nothing does
	failed bool
}

func (d *decoder) fail() { d.rest, d.failed = nil, true }

// left returns how many bytes follow.
func (d *decoder) left() uint64 {
	n := uint64(len(d.rest))
	if d.more != nil && !d.failed {
		n += d.more.left
	}
	return n
}

// ahead gets n bytes into rest, where so many follow.
func (d *decoder) ahead(n uint64) {
	if n > uint64(len(d.rest)) && d.more != nil && !d.failed {
		d.rest = d.more.refill(d.rest, n)
	}
}

func (d *decoder) number(most uint64) uint64 {
	if len(d.rest) < binary.MaxVarintLen64 {
		d.ahead(min(binary.MaxVarintLen64, d.left()))
	}
	v, n := binary.Uvarint(d.rest)
	if n <= 0 || n > 1 && d.rest[n-1] == 0 || v > most {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) signed(least, most int64) int64 {
	v := unzigzag(d.number(math.MaxUint64))
	if v < least || v > most {
		d.fail()
		return 0
	}
	return v
}

// bytes returns n bytes, which stay the file's; of a stream, they are valid until more is read.
func (d *decoder) bytes(n uint64) []byte {
	if n > d.left() {
		d.fail()
		return nil
	}
	if d.ahead(n); n > uint64(len(d.rest)) { // of a stream that is shorter than it was
		d.fail()
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// skip passes over n bytes.
func (d *decoder) skip(n uint64) {
	for n > 0 && !d.failed {
		step := min(n, streamBytes)
		d.bytes(step)
		n -= step
	}
}

func (d *decoder) string() string { return string(d.bytes(d.number(MaxName))) }
func (d *decoder) flag() bool     { return d.number(1) == 1 }

func (d *decoder) hash() (h [32]byte) {
	copy(h[:], d.bytes(32))
	return h
}

// count reads how many things follow, of which each has a byte at least.
func (d *decoder) count(most int) int {
	return int(d.number(min(uint64(most), d.left())))
}

// Decode reads what Encode wrote, all of it, and keeps data, which must not change. The
// error is ErrForeign, ErrNewer, ErrTampered or ErrCorrupt. It allocates in line with the
// bytes. Blocks are unpacked where they are needed: in a file with the right hash that
// Encode did not write, they can be ErrCorrupt then. Check finds out before.
func Decode(data []byte) (*Baseline, error) {
	body, err := opened(data)
	if err != nil {
		return nil, err
	}
	d := &decoder{rest: body}
	c, err := d.contents()
	if err != nil {
		return nil, err
	}
	b := &Baseline{reading: reading{contents: c}, hosts: map[netip.Addr]*host{}, tagSets: map[tagSet]tagSet{}}
	b.from = b
	if err := b.readHosts(d); err != nil {
		return nil, err
	}
	b.unchecked = true
	return b, nil
}

// readHosts reads the sets of tags and all blocks.
func (b *Baseline) readHosts(d *decoder) error {
	s := newScan(d, &b.contents, d.tags())
	var h *host
	for s.next() {
		if s.first {
			if h = &b.rest; s.host.IsValid() {
				h = &host{rank: rankOf(s.host)}
				b.hosts[s.host] = h
			}
		}
		h.blocks = append(h.blocks, &stored{day: s.day, tags: s.tags[s.tag], packed: d.bytes(s.size)})
	}
	if !s.whole() {
		return ErrCorrupt
	}
	for _, t := range s.tags {
		b.tagSets[t] = t
	}
	return nil
}

// Check looks at every block that Decode left unseen, and returns ErrCorrupt where one is
// not what Encode writes. Without an error, Encode gives the bytes that Decode was given.
func (b *Baseline) Check() error {
	if !b.unchecked {
		return nil
	}
	u := b.newUnpacker()
	for h := range b.each() {
		for _, s := range h.blocks {
			if s.packed == nil {
				continue // rows of it wait
			}
			if _, err := u.unpack(s.packed); err != nil {
				return err
			}
		}
	}
	b.unchecked = false
	return nil
}

// opened checks what is around the body.
func opened(data []byte) (body []byte, err error) {
	at, err := start(data, int64(len(data)))
	if err != nil {
		return nil, err
	}
	end := len(data) - sha256.Size
	if sum := sha256.Sum256(data[:end]); !bytes.Equal(sum[:], data[end:]) {
		return nil, ErrTampered
	}
	if !current(data[:at]) {
		return nil, ErrCorrupt
	}
	return data[at:end], nil
}

// startBytes is as much of a file as start looks at.
const startBytes = len(magic) + binary.MaxVarintLen64

// start returns where the body of a file of some size begins. It looks at the version
// before anything else, as a later one may end otherwise.
func start(head []byte, size int64) (at int, err error) {
	rest, ok := bytes.CutPrefix(head, []byte(magic))
	if !ok {
		return 0, ErrForeign
	}
	version, n := binary.Uvarint(rest)
	at = len(magic) + n
	switch {
	case n <= 0:
		return 0, ErrTampered
	case version > Version:
		return 0, fmt.Errorf("%w: format %d, this one reads %d", ErrNewer, version, Version)
	case size < int64(at+sha256.Size):
		return 0, ErrTampered
	}
	return at, nil
}

// current reports whether what start read is as Encode writes it.
func current(head []byte) bool { return len(head) == len(magic)+1 && head[len(magic)] == Version }

// contents reads all before the sets of tags.
func (d *decoder) contents() (contents, error) {
	c, t := d.config(), d.table()
	if d.failed {
		return contents{}, ErrCorrupt
	}
	if err := errors.Join(c.Validate(), t.Validate()); err != nil {
		return contents{}, errors.Join(ErrCorrupt, err)
	}
	read := newContents(c, t)
	d.state(&read)
	return read, nil
}

func (d *decoder) config() Config {
	c := Config{
		Hosts:     int(d.number(MaxHosts)),
		Precision: sketch.Precision(d.number(uint64(sketch.Highest))),
		Keys:      int(d.number(sketch.MaxCap)),
	}
	for range d.count(MaxCategories) {
		c.Categories = append(c.Categories, d.string())
	}
	return c
}

func (d *decoder) table() Table {
	t := Table{Name: d.string(), Version: int(d.number(1 << 30)), Window: int64(d.number(uint64(maxWindow))), Hash: d.hash()}
	for range d.count(MaxFeatures) {
		t.Features = append(t.Features, Feature{d.string(), Scale{d.flag(), int8(d.signed(lowestStep, highStep))}})
	}
	return t
}

func (d *decoder) state(c *contents) {
	if d.flag() {
		c.since = Day(d.signed(math.MinInt32+1, math.MaxInt32))
	}
	for range d.count(MaxSources) {
		s := Source{d.hash(), d.string(), d.string()}
		if n := len(c.sources); d.failed || n > 0 && compareHash(c.sources[n-1], s.Hash) >= 0 || c.runs[s.RunID] {
			d.fail()
			return
		}
		c.insertSource(&s)
	}
	if limit := d.address(); limit.IsValid() {
		r := rankOf(limit)
		c.limit = &r
	}
	d.restHosts(c)
}

// restHosts reads how many hosts the rest had on each day.
func (d *decoder) restHosts(c *contents) {
	before := int64(math.MinInt32) - 1
	for range d.count(mostDays) {
		day := d.signed(max(before+1, int64(c.since), int64(firstDay)), int64(lastDay))
		distinct := new(sketch.Distinct)
		rest, err := distinct.Decode(d.bytes(d.number(distinctBytes)))
		if d.failed || err != nil || len(rest) != 0 || distinct.Count() == 0 {
			d.fail()
			return
		}
		c.restOf[Day(day)], before = distinct, day
	}
}

// distinctBytes is more than the encoding of a sketch.Distinct has.
const distinctBytes = 16 + 8*sketch.MaxExact

// address reads one, or that there is none.
func (d *decoder) address() netip.Addr {
	kind := d.bytes(1)
	if d.failed || kind[0] == addressNone {
		return netip.Addr{}
	}
	size := map[byte]uint64{address4: 4, address6: 16}[kind[0]]
	a, ok := netip.AddrFromSlice(d.bytes(size))
	if !ok || a != plain(a) {
		d.fail()
	}
	return a
}

// tags reads the sets of tags.
func (d *decoder) tags() []tagSet {
	var tags []tagSet
	for range d.count(MaxTagSets) {
		t := tagSet(d.bytes(d.number(MaxTags * (MaxName + 2))))
		if _, ok := t.keys(); d.failed || !ok || len(tags) > 0 && t <= tags[len(tags)-1] {
			d.fail()
			return nil
		}
		tags = append(tags, t)
	}
	return tags
}
