package baseline

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"

	"pcapmill/features/sketch"
)

// decoder takes a file apart. After the first thing that Encode does not write, failed is
// set and it returns zeros.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) fail() { d.rest, d.failed = nil, true }

func (d *decoder) number(most uint64) uint64 {
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

// bytes returns n bytes, which stay the file's.
func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) string() string { return string(d.bytes(d.number(MaxName))) }
func (d *decoder) flag() bool     { return d.number(1) == 1 }

func (d *decoder) hash() (h [32]byte) {
	copy(h[:], d.bytes(32))
	return h
}

// count reads how many things follow, of which each has a byte at least.
func (d *decoder) count(most int) int {
	return int(d.number(uint64(min(most, len(d.rest)))))
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
	d := decoder{rest: body}
	b, err := d.table()
	if err != nil {
		return nil, err
	}
	b.readState(&d)
	tags := d.tags()
	b.readHosts(&d, tags)
	if d.failed || len(d.rest) != 0 {
		return nil, ErrCorrupt
	}
	if !slices.Equal(b.usedTags(), tags) || !slices.Equal(b.restDays(), slices.Sorted(maps.Keys(b.restOf))) {
		return nil, ErrCorrupt
	}
	for _, t := range tags {
		b.tagSets[t] = t
	}
	b.unchecked = true
	return b, nil
}

// Check looks at every block that Decode left unseen, and returns ErrCorrupt where one is
// not what Encode writes. Without an error, Encode gives the bytes that Decode was given.
func (b *Baseline) Check() error {
	if !b.unchecked {
		return nil
	}
	for h := range b.each() {
		for _, s := range h.blocks {
			if _, err := b.open(s); err != nil {
				return err
			}
		}
	}
	b.unchecked = false
	return nil
}

// opened checks what is around the body: first the version, as a later one may end
// otherwise.
func opened(data []byte) (body []byte, err error) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, ErrForeign
	}
	version, n := binary.Uvarint(rest)
	switch {
	case n <= 0:
		return nil, ErrTampered
	case version > Version:
		return nil, fmt.Errorf("%w: format %d, this one reads %d", ErrNewer, version, Version)
	case len(rest) < n+sha256.Size:
		return nil, ErrTampered
	}
	end := len(data) - sha256.Size
	if sum := sha256.Sum256(data[:end]); !bytes.Equal(sum[:], data[end:]) {
		return nil, ErrTampered
	}
	if version != Version || n != 1 {
		return nil, ErrCorrupt
	}
	return rest[n : len(rest)-sha256.Size], nil
}

// table reads what New was given.
func (d *decoder) table() (*Baseline, error) {
	c := Config{
		Hosts:     int(d.number(MaxHosts)),
		Precision: sketch.Precision(d.number(uint64(sketch.Highest))),
		Keys:      int(d.number(sketch.MaxCap)),
	}
	for range d.count(MaxCategories) {
		c.Categories = append(c.Categories, d.string())
	}
	t := Table{Name: d.string(), Version: int(d.number(1 << 30)), Window: int64(d.number(uint64(maxWindow))), Hash: d.hash()}
	for range d.count(MaxFeatures) {
		t.Features = append(t.Features, Feature{d.string(), Scale{d.flag(), int8(d.signed(lowestStep, highStep))}})
	}
	if d.failed {
		return nil, ErrCorrupt
	}
	b, err := New(c, t)
	if err != nil {
		return nil, errors.Join(ErrCorrupt, err)
	}
	return b, nil
}

func (b *Baseline) readState(d *decoder) {
	if d.flag() {
		b.since = Day(d.signed(math.MinInt32+1, math.MaxInt32))
	}
	for range d.count(MaxSources) {
		s := Source{d.hash(), d.string(), d.string()}
		if n := len(b.sources); d.failed || n > 0 && compareHash(b.sources[n-1], s.Hash) >= 0 || b.runs[s.RunID] {
			d.fail()
			return
		}
		b.insertSource(&s)
	}
	if limit := d.address(); limit.IsValid() {
		r := rankOf(limit)
		b.limit = &r
	}
	before := int64(math.MinInt32) - 1
	for range d.count(math.MaxInt32) {
		day := d.signed(max(before+1, int64(b.since)), math.MaxInt32)
		distinct := new(sketch.Distinct)
		rest, err := distinct.Decode(d.bytes(d.number(uint64(len(d.rest)))))
		if d.failed || err != nil || len(rest) != 0 || distinct.Count() == 0 {
			d.fail()
			return
		}
		b.restOf[Day(day)], before = distinct, day
	}
}

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

// readHosts reads the rest and the hosts, each after the one before by address.
func (b *Baseline) readHosts(d *decoder, tags []tagSet) {
	var before netip.Addr
	for i := range d.count(math.MaxInt32) {
		address := d.address()
		if d.failed || i > 0 && address.Compare(before) <= 0 {
			d.fail()
			return
		}
		h := &b.rest
		if address.IsValid() {
			h = &host{rank: rankOf(address)}
			b.hosts[address] = h
		}
		if b.readBlocks(d, h, tags); !b.mayHold(h) {
			d.fail()
		}
		if d.failed {
			return
		}
		before = address
	}
}

// mayHold reports whether a host's place is as trim leaves it.
func (b *Baseline) mayHold(h *host) bool {
	if h == &b.rest {
		return b.limit != nil
	}
	return len(b.hosts) <= b.config.Hosts && (b.limit == nil || h.compare(b.limit) <= 0)
}

// restDays returns the days of which the rest has windows.
func (b *Baseline) restDays() []Day {
	var days []Day
	for _, s := range b.rest.blocks {
		if len(days) == 0 || s.day > days[len(days)-1] {
			days = append(days, s.day)
		}
	}
	return days
}

// readBlocks reads the blocks of a host, one at least, by day and tags.
func (b *Baseline) readBlocks(d *decoder, h *host, tags []tagSet) {
	n, day, last := d.count(math.MaxInt32), int64(0), int64(-1)
	for i := range n {
		step := d.signed(-1<<33, 1<<33)
		tag := int64(d.number(MaxTagSets))
		packed := d.bytes(d.number(uint64(len(d.rest))))
		day += step
		if d.failed || tag >= int64(len(tags)) || day < int64(b.since) || day > math.MaxInt32 || len(packed) == 0 || i > 0 && (step < 0 || step == 0 && tag <= last) {
			d.fail()
			return
		}
		h.blocks = append(h.blocks, &stored{day: Day(day), tags: tags[tag], packed: packed})
		last = tag
	}
	if n == 0 {
		d.fail()
	}
}
