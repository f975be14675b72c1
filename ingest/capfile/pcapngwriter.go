package capfile

import (
	"fmt"
	"io"
	"math"

	"pcapmill/ingest/packet"
)

// InterfaceConfig describes an interface to write. Start from DefaultInterface:
// the zero TSResol means whole seconds.
type InterfaceConfig struct {
	Link     packet.LinkType
	SnapLen  uint32 // 0: no limit; simple packets are cut to it
	Name     string // if_name; empty: option left out
	TSResol  uint8  // if_tsresol: 10^-n, or with the top bit set 2^-n; 6 is not written, as it is what readers assume
	TSOffset int64  // if_tsoffset in seconds; 0: option left out
	FCSBytes uint8  // frame check sequence bytes that end each frame; 0: option left out

	// What describes an interface captured from. Empty ones are left out.
	Description string  // if_description
	Filter      string  // if_filter, in tcpdump's language
	Hardware    string  // if_hardware
	OS          string  // if_os
	Comment     string  // opt_comment
	Speed       int64   // if_speed in bit/s
	MAC         [6]byte // if_MACaddr
}

// DefaultInterface returns an interface with nanosecond time stamps.
func DefaultInterface(link packet.LinkType) InterfaceConfig {
	return InterfaceConfig{Link: link, SnapLen: DefaultMaxPacket, TSResol: 9}
}

// PcapngConfig says how a pcapng file is written.
type PcapngConfig struct {
	BigEndian   bool
	Application string // shb_userappl; empty: option left out
	Comment     string // opt_comment of the section; empty: option left out
	Hardware    string // shb_hardware; the same
	OS          string // shb_os; the same
}

// PcapngWriter writes a pcapng file. It belongs to one goroutine. Equal calls
// give equal bytes.
type PcapngWriter struct {
	out     output
	order   order
	sources []writeSource
	cfg     PcapngConfig
}

type writeSource struct {
	clock   clock
	snapLen uint32
}

const maxOption = math.MaxUint16 - 3

// NewPcapngWriter returns a writer that has a section header in its buffer.
func NewPcapngWriter(w io.Writer, cfg PcapngConfig) (*PcapngWriter, error) {
	return newPcapngWriter(newOutput(w), cfg)
}

// NewPcapngWriterTo is NewPcapngWriter for who takes whole buffers. The first buffer is buf,
// which is emptied.
func NewPcapngWriterTo(to Exchanger, buf []byte, cfg PcapngConfig) (*PcapngWriter, error) {
	return newPcapngWriter(output{to: to, buf: buf[:0]}, cfg)
}

func newPcapngWriter(out output, cfg PcapngConfig) (*PcapngWriter, error) {
	p := &PcapngWriter{out: out, cfg: cfg}
	if err := p.NewSection(cfg.BigEndian); err != nil {
		return nil, err
	}
	return p, nil
}

// NewSection starts another section, which has no interfaces yet.
func (p *PcapngWriter) NewSection(big bool) error {
	p.order = order(big)
	p.sources = p.sources[:0]
	b := p.order.append32(nil, magicByteOrder)
	b = p.order.append16(b, 1)
	b = p.order.append16(b, 0)
	b = p.order.append64(b, math.MaxUint64) // section length not stated
	b, err := p.appendOptions(b, []option{
		{optionComment, []byte(p.cfg.Comment)},
		{sectionHardware, []byte(p.cfg.Hardware)},
		{sectionOS, []byte(p.cfg.OS)},
		{sectionApplication, []byte(p.cfg.Application)},
	})
	if err != nil {
		return err
	}
	return p.WriteBlock(magicSectionHeader, b)
}

// AddInterface describes an interface and returns its number in the section.
func (p *PcapngWriter) AddInterface(cfg InterfaceConfig) (int, error) {
	if cfg.Link > math.MaxUint16 {
		return 0, fmt.Errorf("link type %d does not fit an interface description", uint32(cfg.Link))
	}
	if cfg.FCSBytes > maxFCSBytes {
		return 0, fmt.Errorf("frame check sequence of %d bytes does not fit an interface description", cfg.FCSBytes)
	}
	clock, err := newClock(cfg.TSResol, cfg.TSOffset)
	if err != nil {
		return 0, err
	}
	b := p.order.append16(nil, uint16(cfg.Link))
	b = p.order.append16(b, 0)
	b = p.order.append32(b, cfg.SnapLen)
	options := append([]option{{optionName, []byte(cfg.Name)}}, p.described(&cfg)...)
	if cfg.TSResol != defaultResolution {
		options = append(options, option{optionTSResol, []byte{cfg.TSResol}})
	}
	if cfg.FCSBytes != 0 {
		options = append(options, option{optionFCSLength, []byte{cfg.FCSBytes * 8}})
	}
	if cfg.TSOffset != 0 {
		options = append(options, option{optionTSOffset, p.order.append64(nil, uint64(cfg.TSOffset))})
	}
	if b, err = p.appendOptions(b, options); err != nil {
		return 0, err
	}
	if err := p.WriteBlock(blockInterface, b); err != nil {
		return 0, err
	}
	p.sources = append(p.sources, writeSource{clock: clock, snapLen: cfg.SnapLen})
	return len(p.sources) - 1, nil
}

// WritePacket writes one packet of an interface in an enhanced packet block.
// Resolutions coarser than 1 ns round the time down. A time that the resolution
// cannot express gives ErrTime.
func (p *PcapngWriter) WritePacket(face int, t packet.Nanos, wireLen uint32, data []byte) error {
	if face < 0 || face >= len(p.sources) {
		return fmt.Errorf("interface %d of %d", face, len(p.sources))
	}
	return p.stamped(blockEnhanced, uint32(face), &p.sources[face].clock, t, wireLen, data, nil)
}

// WriteCommented is WritePacket with a comment on the packet, of at most 65,532 bytes; an empty
// one is left out.
func (p *PcapngWriter) WriteCommented(face int, t packet.Nanos, wireLen uint32, data []byte, comment string) error {
	if face < 0 || face >= len(p.sources) {
		return fmt.Errorf("interface %d of %d", face, len(p.sources))
	}
	options, err := p.appendOptions(nil, []option{{optionComment, []byte(comment)}})
	if err != nil {
		return err
	}
	return p.stamped(blockEnhanced, uint32(face), &p.sources[face].clock, t, wireLen, data, options)
}

// WriteObsoletePacket writes one packet in the packet block of old files; its
// interface number has 16 bits and is followed by a count of dropped packets.
func (p *PcapngWriter) WriteObsoletePacket(face int, drops uint16, t packet.Nanos, wireLen uint32, data []byte) error {
	if face < 0 || face >= min(len(p.sources), math.MaxUint16+1) {
		return fmt.Errorf("interface %d of %d", face, len(p.sources))
	}
	id := uint32(face) | uint32(drops)<<16
	if p.order == bigEndian {
		id = uint32(face)<<16 | uint32(drops)
	}
	return p.stamped(blockPacket, id, &p.sources[face].clock, t, wireLen, data, nil)
}

// stamped writes a packet; options are the block's whole list of them.
func (p *PcapngWriter) stamped(kind, id uint32, c *clock, t packet.Nanos, wireLen uint32, data, options []byte) error {
	stamp, ok := c.stamp(t)
	if !ok {
		return ErrTime
	}
	if len(data) > LargestMaxPacket {
		return ErrPacketLength
	}
	length := minPacketBlock + padded(uint32(len(data))) + len(options)
	if err := p.out.reserve(length); err != nil {
		return err
	}
	b := p.order.append32(p.out.buf, kind)
	b = p.order.append32(b, uint32(length))
	b = p.order.append32(b, id)
	b = p.order.append32(b, uint32(stamp>>32))
	b = p.order.append32(b, uint32(stamp))
	b = p.order.append32(b, uint32(len(data)))
	b = p.order.append32(b, wireLen)
	b = append(appendPadded(b, data), options...)
	p.out.buf = p.order.append32(b, uint32(length))
	return nil
}

// WriteSimplePacket writes one packet of the section's first interface without
// a time, cut at that interface's snapshot length. The block does not state the
// captured length, so data must be whole up to there.
func (p *PcapngWriter) WriteSimplePacket(wireLen uint32, data []byte) error {
	if len(p.sources) == 0 {
		return fmt.Errorf("simple packet without an interface")
	}
	if snap := p.sources[0].snapLen; snap != 0 && uint64(len(data)) > uint64(snap) {
		data = data[:snap]
	}
	if len(data) < int(wireLen) && len(data) != int(p.sources[0].snapLen) {
		return fmt.Errorf("simple packet of %d bytes has only %d", wireLen, len(data))
	}
	b := p.order.append32(nil, wireLen)
	return p.WriteBlock(blockSimple, appendPadded(b, data))
}

// WriteBlock writes a block of any type. Its body is padded to 4 bytes.
func (p *PcapngWriter) WriteBlock(kind uint32, body []byte) error {
	if len(body) > 2*LargestMaxPacket {
		return ErrPacketLength
	}
	length := minBlock + padded(uint32(len(body)))
	if err := p.out.reserve(length); err != nil {
		return err
	}
	b := p.order.append32(p.out.buf, kind)
	b = p.order.append32(b, uint32(length))
	b = appendPadded(b, body)
	p.out.buf = p.order.append32(b, uint32(length))
	return nil
}

// Size returns the bytes written so far, buffered ones included.
func (p *PcapngWriter) Size() int64 { return p.out.size + int64(len(p.out.buf)) }

// PacketBlockBytes returns how many bytes WritePacket writes for a packet.
func PacketBlockBytes(captured int) int64 { return int64(minPacketBlock + padded(uint32(captured))) }

// Flush writes what is buffered.
func (p *PcapngWriter) Flush() error {
	p.out.flush()
	return p.out.err
}

// Close flushes and makes later writes fail. It does not close the underlying
// writer.
func (p *PcapngWriter) Close() error { return p.out.close() }

type option struct {
	code  uint16
	value []byte
}

// appendOptions appends those options that have a value, and the end mark if
// there are any.
func (p *PcapngWriter) appendOptions(b []byte, options []option) ([]byte, error) {
	written := false
	for _, o := range options {
		if len(o.value) == 0 {
			continue
		}
		if len(o.value) > maxOption {
			return nil, fmt.Errorf("option %d of %d bytes does not fit", o.code, len(o.value))
		}
		b = p.order.append16(b, o.code)
		b = p.order.append16(b, uint16(len(o.value)))
		b = appendPadded(b, o.value)
		written = true
	}
	if written {
		b = p.order.append32(b, 0)
	}
	return b, nil
}

func appendPadded(b, data []byte) []byte {
	b = append(b, data...)
	return append(b, "\x00\x00\x00"[:-len(data)&3]...)
}
