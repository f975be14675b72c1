package capfile

import (
	"fmt"

	"pcapmill/ingest/packet"
)

// Options that are read.
const (
	optionHeader    = 4 // bytes of code and length
	optionEnd       = 0
	optionComment   = 1
	optionName      = 2  // if_name
	optionTSResol   = 9  // if_tsresol
	optionFCSLength = 13 // if_fcslen
	optionTSOffset  = 14 // if_tsoffset
)

// maxName bounds what is kept of an interface name.
const maxName = 256

// startSection takes a section header block.
func (r *Reader) startSection(block []byte, pos int) {
	if len(block) < minSectionBlock {
		r.damaged(pos, ReasonBadBlock, "section header block of %d bytes is shorter than %d", len(block), minSectionBlock)
		return
	}
	major, minor := r.ng.order.u16(block[12:]), r.ng.order.u16(block[14:])
	if r.info.Sections == 0 {
		r.info.BigEndian = r.ng.order == bigEndian
		r.info.Major, r.info.Minor = major, minor
	}
	if major != 1 || minor != 0 && minor != 2 {
		r.info.Odd[OddVersion]++
	}
	r.info.Sections++
	r.ng.sources, r.ng.live = r.ng.sources[:0], false
	r.ng.losses = r.lossesBefore(pos)
	r.described(minSectionBlock, len(block))
	r.sectionOptions(block[minSectionBlock-4 : len(block)-4])
}

// description collects what the options of one interface description say.
type description struct {
	name       string
	resolution uint8
	offset     int64
	fcsBytes   uint8
	seen       [optionTSOffset + 1]bool // options that may stand only once
	err        error                    // why the interface's times cannot be used
}

// describeInterface takes an interface description block. One that cannot be
// used still takes its number, so that later ones keep theirs.
func (r *Reader) describeInterface(block []byte, pos int) {
	if r.interfaceLimit(pos) || r.unnumbered(block, pos) {
		return
	}
	face := packet.Interface{Index: len(r.interfaces), Section: r.section(), ID: len(r.ng.sources)}
	r.described(minInterfaceBlock, len(block))
	d := description{resolution: defaultResolution}
	if len(block) < minInterfaceBlock {
		d.err = fmt.Errorf("interface description of %d bytes is shorter than %d", len(block), minInterfaceBlock)
	} else {
		face.Link = packet.LinkType(r.ng.order.u16(block[8:]))
		face.SnapLen = r.ng.order.u32(block[12:])
		r.interfaceOptions(&d, block[minInterfaceBlock-4:len(block)-4])
	}
	face.Name, face.FCSBytes = d.name, d.fcsBytes
	src := source{snapLen: face.SnapLen, usualEnd: r.usualEnd(face.SnapLen), global: uint32(len(r.interfaces))}
	if d.err == nil {
		src.clock, d.err = newClock(d.resolution, d.offset)
	}
	src.usable = d.err == nil
	if d.err != nil {
		face.Note = d.err.Error()
		r.info.Odd[OddInterface]++
	}
	r.ng.sources = append(r.ng.sources, src)
	r.interfaces = append(r.interfaces, face)
}

func (r *Reader) interfaceLimit(pos int) bool {
	limit := 0
	switch {
	case len(r.ng.sources) >= r.cfg.MaxInterfaces:
		limit = r.cfg.MaxInterfaces
	case len(r.interfaces) >= r.cfg.TotalInterfaces:
		limit = r.cfg.TotalInterfaces
	default:
		return false
	}
	r.err = &LimitError{Reason: ReasonInterfaceLimit, Offset: r.at(pos), Limit: int64(limit)}
	return true
}

func (r *Reader) interfaceOptions(d *description, list []byte) {
	for {
		code, value, rest, ok := r.nextOption(list)
		if !ok {
			return
		}
		list = rest
		if code == optionComment {
			r.info.Odd[Comment]++
		}
		if kind, text := interfaceText(code, value); kind != "" {
			r.keepText(len(r.interfaces), kind, text)
			continue
		}
		d.take(r.ng.order, code, value)
	}
}

// take applies one option. Options that decide over time stamps must be of
// their length and stand once: guessing which of two counts would invent times.
func (d *description) take(o order, code uint16, value []byte) {
	switch code {
	case optionName:
		if d.name == "" {
			d.name = string(value[:min(len(value), maxName)])
		}
		return
	case optionTSResol:
		if d.single(code, len(value), 1, "if_tsresol") {
			d.resolution = value[0]
		}
	case optionTSOffset:
		if d.single(code, len(value), 8, "if_tsoffset") {
			d.offset = int64(o.u64(value))
		}
	case optionFCSLength:
		if len(value) == 1 {
			d.fcsBytes = fcsBytes(value[0])
		}
	}
}

// single checks that an option has its length and is the first of its kind.
func (d *description) single(code uint16, got, want int, name string) bool {
	switch {
	case d.err != nil:
	case d.seen[code]:
		d.err = fmt.Errorf("%s is given twice", name)
	case got != want:
		d.err = fmt.Errorf("%s has %d bytes, not %d", name, got, want)
	default:
		d.seen[code] = true
		return true
	}
	return false
}

// maxFCSBytes is the longest frame check sequence that if_fcslen can stand for.
const maxFCSBytes = 255 / 8

// fcsBytes returns the bytes that if_fcslen stands for: it counts bits, but a
// value that is no whole number of bytes can only be a count of bytes, and where
// it is too large for that, of nothing.
func fcsBytes(value uint8) uint8 {
	switch {
	case value%8 == 0:
		return value / 8
	case value <= maxFCSBytes:
		return value
	}
	return 0
}

// nextOption splits the first option off an option list. It returns false at
// the end of the list, and at an option that runs past it, which is counted.
func (r *Reader) nextOption(list []byte) (code uint16, value, rest []byte, ok bool) {
	if len(list) < 4 {
		return 0, nil, nil, false
	}
	code = r.ng.order.u16(list)
	length := uint32(r.ng.order.u16(list[2:]))
	if code == optionEnd {
		return 0, nil, nil, false
	}
	end := 4 + padded(length)
	if end > len(list) {
		r.info.Odd[OddOptions]++
		return 0, nil, nil, false
	}
	return code, list[4 : 4+length], list[end:], true
}

// countComments counts the comments of an option list.
func (r *Reader) countComments(list []byte) {
	for {
		code, _, rest, ok := r.nextOption(list)
		if !ok {
			return
		}
		if code == optionComment {
			r.info.Odd[Comment]++
		}
		list = rest
	}
}
