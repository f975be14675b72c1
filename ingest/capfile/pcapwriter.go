package capfile

import (
	"errors"
	"fmt"
	"io"
	"math"

	"pcapmill/ingest/packet"
)

// Errors of the writers.
var (
	// ErrTime is returned for a time that the format cannot hold.
	ErrTime = errors.New("time cannot be written in this format")
	// ErrPacketLength is returned for a packet above LargestMaxPacket.
	ErrPacketLength = errors.New("packet is too long")

	errClosed = errors.New("writer is closed")
)

// PcapConfig says how a classic pcap file is written.
type PcapConfig struct {
	Link       packet.LinkType
	SnapLen    uint32 // stated in the header; packets are not cut to it
	FCSBytes   uint8  // frame check sequence bytes that end each frame; even; 0: not stated
	Nanosecond bool   // nanosecond fractions instead of microseconds
	BigEndian  bool
	Modified   bool // 24-byte record headers (magic a1b2cd34)
}

// DefaultPcapConfig returns a little-endian Ethernet file with nanoseconds.
func DefaultPcapConfig() PcapConfig {
	return PcapConfig{Link: packet.LinkEthernet, SnapLen: DefaultMaxPacket, Nanosecond: true}
}

// Validate reports a combination that the format cannot express.
func (c PcapConfig) Validate() error {
	switch {
	case c.Link > linkTypeMask:
		return fmt.Errorf("link type %d does not fit a pcap header", uint32(c.Link))
	case c.FCSBytes%2 != 0 || c.FCSBytes > 30:
		return fmt.Errorf("frame check sequence of %d bytes does not fit a pcap header", c.FCSBytes)
	case c.Modified && c.Nanosecond:
		return errors.New("the modified pcap format has no nanoseconds")
	}
	return nil
}

// PcapWriter writes a classic pcap file. It belongs to one goroutine. Equal
// calls give equal bytes.
type PcapWriter struct {
	out      output
	order    order
	unit     uint32 // nanoseconds per unit of the fraction
	modified bool
}

// NewPcapWriter returns a writer that has the file header in its buffer.
func NewPcapWriter(w io.Writer, cfg PcapConfig) (*PcapWriter, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	p := &PcapWriter{out: newOutput(w), order: order(cfg.BigEndian), unit: 1000, modified: cfg.Modified}
	magic := uint32(magicMicros)
	switch {
	case cfg.Nanosecond:
		magic, p.unit = magicNanos, 1
	case cfg.Modified:
		magic = magicModified
	}
	link := uint32(cfg.Link)
	if cfg.FCSBytes > 0 {
		link |= linkFCSKnown | uint32(cfg.FCSBytes/2)<<linkFCSShift
	}
	b := p.order.append32(p.out.buf, magic)
	b = p.order.append16(b, 2)
	b = p.order.append16(b, 4)
	b = p.order.append64(b, 0)
	b = p.order.append32(b, cfg.SnapLen)
	p.out.buf = p.order.append32(b, link)
	return p, nil
}

// WritePacket writes one packet; wireLen is the length that it had on the wire.
// Microsecond files round the time down. Times before 1970 or after 2106 give
// ErrTime. Bytes reach the underlying writer with the next Flush at the latest.
func (p *PcapWriter) WritePacket(t packet.Nanos, wireLen uint32, data []byte) error {
	if t < 0 || t > math.MaxUint32*nanosPerSecond+nanosPerSecond-1 {
		return ErrTime
	}
	if len(data) > LargestMaxPacket {
		return ErrPacketLength
	}
	if err := p.out.reserve(24 + len(data)); err != nil {
		return err
	}
	seconds := uint64(t) / nanosPerSecond
	fraction := uint32(uint64(t)-seconds*nanosPerSecond) / p.unit
	b := p.order.append32(p.out.buf, uint32(seconds))
	b = p.order.append32(b, fraction)
	b = p.order.append32(b, uint32(len(data)))
	b = p.order.append32(b, wireLen)
	if p.modified {
		b = p.order.append64(b, 0)
	}
	p.out.buf = append(b, data...)
	return nil
}

// Flush writes what is buffered.
func (p *PcapWriter) Flush() error {
	p.out.flush()
	return p.out.err
}

// Close flushes and makes later writes fail. It does not close the underlying
// writer.
func (p *PcapWriter) Close() error { return p.out.close() }
