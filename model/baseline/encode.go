package baseline

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"maps"
	"math"
	"net/netip"
	"slices"
)

// The file begins with magic and a varint of the version, and ends with the SHA-256 of
// all that is before it. docs/baseline.md has what is in between.
const (
	magic   = "pcapmill baseline\n"
	Version = 1
)

// Addresses are written behind a byte with their kind.
const (
	addressNone = 0
	address4    = 4
	address6    = 6
)

// encoder writes and hashes; the first error is kept.
type encoder struct {
	to   io.Writer
	sum  hash.Hash
	tags map[tagSet]uint64 // their places
	buf  []byte
	err  error
}

const flushAt = 64 << 10

func (e *encoder) number(v uint64) { e.buf = binary.AppendUvarint(e.buf, v) }
func (e *encoder) signed(v int64)  { e.number(zigzag(v)) }
func (e *encoder) bytes(b []byte)  { e.buf = append(e.buf, b...) }
func (e *encoder) string(s string) { e.number(uint64(len(s))); e.buf = append(e.buf, s...) }
func (e *encoder) flag(set bool)   { e.buf = append(e.buf, map[bool]byte{true: 1}[set]) }
func (e *encoder) sized(b []byte)  { e.number(uint64(len(b))); e.bytes(b) }
func (e *encoder) strings(s []string) {
	e.number(uint64(len(s)))
	for _, x := range s {
		e.string(x)
	}
}

// flush writes what was gathered.
func (e *encoder) flush() {
	e.sum.Write(e.buf)
	if e.err == nil {
		_, e.err = e.to.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

// Encode writes the baseline. The bytes are a function of the rows, the sources, the last
// DropBefore and what was forgotten: never of order, parts or merges.
func (b *Baseline) Encode(to io.Writer) error {
	if err := b.settle(); err != nil {
		return err
	}
	hosts := b.inOrder()
	e := b.encode(to, b.usedTags(), len(hosts))
	for _, h := range hosts {
		e.host(h)
	}
	return e.end()
}

// encode writes all before the hosts, of which so many follow, with blocks of some tags.
func (c *contents) encode(to io.Writer, tags []tagSet, hosts int) *encoder {
	e := &encoder{to: to, sum: sha256.New(), tags: make(map[tagSet]uint64, len(tags))}
	e.bytes([]byte(magic))
	e.number(Version)
	c.encodeTable(e)
	c.encodeState(e)
	e.number(uint64(len(tags)))
	for i, t := range tags {
		e.string(string(t))
		e.tags[t] = uint64(i)
	}
	e.number(uint64(hosts))
	return e
}

// host writes a host and its blocks, which are packed.
func (e *encoder) host(h *host) {
	e.address(h.host)
	e.number(uint64(len(h.blocks)))
	before := Day(0)
	for _, s := range h.blocks {
		e.signed(int64(s.day) - int64(before))
		e.number(e.tags[s.tags])
		e.sized(s.packed)
		before = s.day
	}
	if len(e.buf) >= flushAt {
		e.flush()
	}
}

// end writes the hash.
func (e *encoder) end() error {
	e.flush()
	if e.err != nil {
		return e.err
	}
	_, err := e.to.Write(e.sum.Sum(nil))
	return err
}

func (c *contents) encodeTable(e *encoder) {
	e.number(uint64(c.config.Hosts))
	e.number(uint64(c.config.Precision))
	e.number(uint64(c.config.Keys))
	e.strings(c.config.Categories)
	e.string(c.table.Name)
	e.number(uint64(c.table.Version))
	e.number(uint64(c.table.Window))
	e.bytes(c.table.Hash[:])
	e.number(uint64(len(c.table.Features)))
	for _, f := range c.table.Features {
		e.string(f.Name)
		e.flag(f.Scale.Octaves)
		e.signed(int64(f.Scale.Step))
	}
}

// encodeState writes what is not in blocks.
func (c *contents) encodeState(e *encoder) {
	e.flag(c.since > math.MinInt32)
	if c.since > math.MinInt32 {
		e.signed(int64(c.since))
	}
	e.number(uint64(len(c.sources)))
	for i := range c.sources {
		s := &c.sources[i]
		e.bytes(s.Hash[:])
		e.string(s.PlanID)
		e.string(s.RunID)
	}
	if c.limit == nil {
		e.bytes([]byte{addressNone})
	} else {
		e.address(c.limit.host)
	}
	days := slices.Sorted(maps.Keys(c.restOf))
	e.number(uint64(len(days)))
	for _, day := range days {
		e.signed(int64(day))
		e.sized(c.restOf[day].AppendBinary(nil))
	}
}

func (e *encoder) address(host netip.Addr) {
	kind := byte(addressNone)
	switch {
	case host.Is4():
		kind = address4
	case host.Is6():
		kind = address6
	}
	e.bytes([]byte{kind})
	e.bytes(host.AsSlice())
}

// usedTags returns the sets of tags of all blocks, ascending.
func (b *Baseline) usedTags() []tagSet {
	used := map[tagSet]bool{}
	for h := range b.each() {
		for _, s := range h.blocks {
			used[s.tags] = true
		}
	}
	return slices.Sorted(maps.Keys(used))
}

// each visits the rest and all hosts, in no order.
func (b *Baseline) each() func(yield func(*host) bool) {
	return func(yield func(*host) bool) {
		if !yield(&b.rest) {
			return
		}
		for _, h := range b.hosts {
			if !yield(h) {
				return
			}
		}
	}
}

// inOrder returns the rest, where there is any, and the hosts by address.
func (b *Baseline) inOrder() []*host {
	var hosts []*host
	for h := range b.each() {
		if len(h.blocks) > 0 {
			hosts = append(hosts, h)
		}
	}
	slices.SortFunc(hosts, func(x, y *host) int { return x.host.Compare(y.host) })
	return hosts
}
