package capfile

import (
	"fmt"

	"pcapmill/ingest/packet"
)

// Flags of a packet, as of epb_flags. Zero: nothing is known.
const (
	FlagInbound     = 1
	FlagOutbound    = 2
	FlagUnicast     = 1 << 2
	FlagMulticast   = 2 << 2
	FlagBroadcast   = 3 << 2
	FlagPromiscuous = 4 << 2 // for others, seen all the same
)

const (
	optionFlags = 2      // epb_flags
	flagsLength = 8 + 4  // of the option with the end of the list
	packetFront = 8 + 20 // of an enhanced packet block before its packet
)

// WriteFrame is WritePacket for a packet in two pieces, as it comes from a ring, with the
// flags of its direction. It allocates nothing.
func (p *PcapngWriter) WriteFrame(face int, t packet.Nanos, wireLen, flags uint32, head, tail []byte) error {
	if face < 0 || face >= len(p.sources) {
		return fmt.Errorf("interface %d of %d", face, len(p.sources))
	}
	stamp, ok := p.sources[face].clock.stamp(t)
	if !ok {
		return ErrTime
	}
	captured := len(head) + len(tail)
	if captured > LargestMaxPacket {
		return ErrPacketLength
	}
	length := FrameBlockBytes(captured, flags)
	if err := p.out.reserve(length); err != nil {
		return err
	}
	b := p.out.extend(length)
	o := p.order
	o.put32(b[0:], blockEnhanced)
	o.put32(b[4:], uint32(length))
	o.put32(b[8:], uint32(face))
	o.put32(b[12:], uint32(stamp>>32))
	o.put32(b[16:], uint32(stamp))
	o.put32(b[20:], uint32(captured))
	o.put32(b[24:], wireLen)
	n := packetFront + copy(b[packetFront:], head)
	n += copy(b[n:], tail)
	n += copy(b[n:], "\x00\x00\x00"[:-captured&3])
	if flags != 0 {
		o.put32(b[n:], optionFlags|4<<16)
		if o == bigEndian {
			o.put32(b[n:], optionFlags<<16|4)
		}
		o.put32(b[n+4:], flags)
		o.put32(b[n+8:], optionEnd)
		n += flagsLength
	}
	o.put32(b[n:], uint32(length))
	return nil
}

// FrameBlockBytes returns how many bytes WriteFrame writes for a packet.
func FrameBlockBytes(captured int, flags uint32) int {
	length := minPacketBlock + padded(uint32(captured))
	if flags != 0 {
		length += flagsLength
	}
	return length
}

// InterfaceStatistics is what a statistics block says of an interface.
type InterfaceStatistics struct {
	Time    packet.Nanos // of the block
	Start   packet.Nanos // isb_starttime; NoTime: left out
	End     packet.Nanos // isb_endtime; NoTime: left out
	Known   [NumStatistics]bool
	Value   [NumStatistics]int64 // packets, where Known
	Comment string               // opt_comment; empty: left out
}

// Options of interface statistics blocks.
const (
	optionStartTime = 2 // isb_starttime
	optionEndTime   = 3 // isb_endtime
)

// WriteStatistics writes a statistics block of an interface.
func (p *PcapngWriter) WriteStatistics(face int, s *InterfaceStatistics) error {
	if face < 0 || face >= len(p.sources) {
		return fmt.Errorf("interface %d of %d", face, len(p.sources))
	}
	options := []option{{optionComment, []byte(s.Comment)}}
	var err error
	b := p.order.append32(nil, uint32(face))
	b = append(b, p.appendTime(nil, face, s.Time, &err)...)
	if s.Start != packet.NoTime {
		options = append(options, option{optionStartTime, p.appendTime(nil, face, s.Start, &err)})
	}
	if s.End != packet.NoTime {
		options = append(options, option{optionEndTime, p.appendTime(nil, face, s.End, &err)})
	}
	for i, known := range s.Known {
		if known {
			options = append(options, option{firstStatistic + uint16(i), p.order.append64(nil, uint64(s.Value[i]))})
		}
	}
	if err != nil {
		return err
	}
	if b, err = p.appendOptions(b, options); err != nil {
		return err
	}
	return p.WriteBlock(blockStatistics, b)
}

// appendTime appends a time in two halves, the upper one first, as blocks have it. A time
// that the interface's resolution cannot express sets err.
func (p *PcapngWriter) appendTime(b []byte, face int, t packet.Nanos, err *error) []byte {
	stamp, ok := p.sources[face].clock.stamp(t)
	if !ok {
		*err = ErrTime
	}
	b = p.order.append32(b, uint32(stamp>>32))
	return p.order.append32(b, uint32(stamp))
}

// Options of interface description blocks that describe what was captured from.
const (
	optionMAC   = 6 // if_MACaddr
	optionSpeed = 8 // if_speed
)

// described returns the options of what describes an interface.
func (p *PcapngWriter) described(cfg *InterfaceConfig) []option {
	options := []option{
		{optionComment, []byte(cfg.Comment)},
		{optionDescription, []byte(cfg.Description)},
		{optionOS, []byte(cfg.OS)},
		{optionHardware, []byte(cfg.Hardware)},
	}
	if cfg.Filter != "" {
		options = append(options, option{optionFilter, append([]byte{filterIsText}, cfg.Filter...)})
	}
	if cfg.MAC != [6]byte{} {
		options = append(options, option{optionMAC, cfg.MAC[:]})
	}
	if cfg.Speed > 0 {
		options = append(options, option{optionSpeed, p.order.append64(nil, uint64(cfg.Speed))})
	}
	return options
}
