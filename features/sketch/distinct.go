package sketch

import "slices"

// MaxExact is the largest number of values that a Distinct counts exactly.
const MaxExact = 1024

// Distinct counts different values by their 64-bit hashes, of Hash or another: exactly up
// to MaxExact, beyond by HyperLogLog with 4,096 registers. Its state depends on the set of
// hashes alone: any order, repetition and partition gives the same bytes, across the
// border too, because the registers of a set follow from its hashes whenever they are
// made, and because no set that was over the border comes back.
//
// It holds at most 8 KiB of hashes, or 4 KiB of registers. The zero value is empty.
type Distinct struct {
	hashes    []uint64   // ascending; nil with registers
	registers *registers // nil up to MaxExact
}

// Add takes a value's hash. One that is there already costs a bisection; a new one moves
// 4 KiB on average and at most 8.
func (d *Distinct) Add(hash uint64) {
	if d.registers != nil {
		d.registers.add(hash)
		return
	}
	at, found := slices.BinarySearch(d.hashes, hash)
	if found {
		return
	}
	if len(d.hashes) == MaxExact {
		d.estimate()
		d.registers.add(hash)
		return
	}
	d.hashes = slices.Insert(d.hashes, at, hash)
}

// estimate goes over to registers.
func (d *Distinct) estimate() {
	d.registers = new(registers)
	for _, h := range d.hashes {
		d.registers.add(h)
	}
	d.hashes = nil
}

// Merge adds the values of another.
func (d *Distinct) Merge(o *Distinct) {
	if d.registers == nil && o.registers != nil {
		d.estimate()
	}
	if o.registers != nil {
		d.registers.merge(o.registers)
		return
	}
	for _, h := range o.hashes {
		d.Add(h)
	}
}

// Exact reports whether Count is the number of different hashes.
func (d *Distinct) Exact() bool { return d.registers == nil }

// StandardError is that of Count beyond MaxExact, relative: 1.04/√4096. One in 370 counts
// of honest values is off by more than three times as much, 4.9 %.
const StandardError = 0.01625

// Count returns the number of different hashes, beyond MaxExact by estimate, which is
// at least MaxExact+1: that many there were.
func (d *Distinct) Count() uint64 {
	if d.registers == nil {
		return uint64(len(d.hashes))
	}
	return max(d.registers.estimate(), MaxExact+1)
}

// Reset makes it empty. It keeps the memory of hashes.
func (d *Distinct) Reset() { d.hashes, d.registers = d.hashes[:0], nil }
