package baseline

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"maps"
	"math"
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
	to  io.Writer
	sum hash.Hash
	buf []byte
	err error
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
	e := &encoder{to: to, sum: sha256.New()}
	e.bytes([]byte(magic))
	e.number(Version)
	b.encodeTable(e)
	b.encodeState(e)
	tags := b.usedTags()
	e.number(uint64(len(tags)))
	for _, t := range tags {
		e.string(string(t))
	}
	b.encodeHosts(e, tags)
	e.flush()
	if e.err != nil {
		return e.err
	}
	_, err := to.Write(e.sum.Sum(nil))
	return err
}

func (b *Baseline) encodeTable(e *encoder) {
	e.number(uint64(b.config.Hosts))
	e.number(uint64(b.config.Precision))
	e.number(uint64(b.config.Keys))
	e.strings(b.config.Categories)
	e.string(b.table.Name)
	e.number(uint64(b.table.Version))
	e.number(uint64(b.table.Window))
	e.bytes(b.table.Hash[:])
	e.number(uint64(len(b.table.Features)))
	for _, f := range b.table.Features {
		e.string(f.Name)
		e.flag(f.Scale.Octaves)
		e.signed(int64(f.Scale.Step))
	}
}

// encodeState writes what is not in blocks.
func (b *Baseline) encodeState(e *encoder) {
	e.flag(b.since > math.MinInt32)
	if b.since > math.MinInt32 {
		e.signed(int64(b.since))
	}
	e.number(uint64(len(b.sources)))
	for i := range b.sources {
		s := &b.sources[i]
		e.bytes(s.Hash[:])
		e.string(s.PlanID)
		e.string(s.RunID)
	}
	if b.limit == nil {
		e.bytes([]byte{addressNone})
	} else {
		e.address(b.limit)
	}
	days := slices.Sorted(maps.Keys(b.restOf))
	e.number(uint64(len(days)))
	for _, day := range days {
		e.signed(int64(day))
		e.sized(b.restOf[day].AppendBinary(nil))
	}
}

func (e *encoder) address(r *rank) {
	kind := byte(addressNone)
	switch {
	case r.host.Is4():
		kind = address4
	case r.host.Is6():
		kind = address6
	}
	e.bytes([]byte{kind})
	e.bytes(r.host.AsSlice())
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

func (b *Baseline) encodeHosts(e *encoder, tags []tagSet) {
	index := make(map[tagSet]uint64, len(tags))
	for i, t := range tags {
		index[t] = uint64(i)
	}
	hosts := b.inOrder()
	e.number(uint64(len(hosts)))
	for _, h := range hosts {
		e.address(&h.rank)
		e.number(uint64(len(h.blocks)))
		before := Day(0)
		for _, s := range h.blocks {
			e.signed(int64(s.day) - int64(before))
			e.number(index[s.tags])
			e.sized(s.packed)
			before = s.day
		}
		if len(e.buf) >= flushAt {
			e.flush()
		}
	}
}
