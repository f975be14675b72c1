package stages

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"pcapmill/ingest/packet"
)

// The capture files that a run can write beside its tables.
const (
	ErrorsFile  = "errors.pcapng"
	UnknownFile = "unknown.pcapng"
)

const (
	errorsFile = iota
	unknownFile
	captureFiles
)

var captureNames = [captureFiles]string{ErrorsFile, UnknownFile}

// PacketSink takes the packets of a capture file, in order, from one goroutine.
type PacketSink interface {
	// Write adds a packet, of which it keeps nothing. ErrFull says that it and those to
	// come are left out, ErrUnwritable that the format has no place for this one.
	Write(p *SavedPacket) error
}

// What a PacketSink says of packets that it leaves out.
var (
	ErrFull       = errors.New("the capture file has no room for more")
	ErrUnwritable = errors.New("the format cannot hold the packet")
)

// SavedPacket is a packet for a capture file.
type SavedPacket struct {
	Input   int32
	Face    *packet.Interface // nil: the capture names none
	Time    packet.Nanos
	WireLen uint32
	Data    []byte
}

// CaptureFile is what became of one capture file.
type CaptureFile struct {
	Name       string
	Written    packet.Tally
	LeftOut    packet.Tally // it was full
	Unwritable packet.Tally // its format has no place for them
}

// saved are a shard's packets for the capture files.
type saved struct {
	entries [captureFiles][]savedEntry
	bytes   []byte
	skipped packet.Tally // of UnknownFile, as it was full
}

// savedEntry locates one of them.
type savedEntry struct {
	view       int64
	index      int64
	face       *packet.Interface
	time       packet.Nanos
	input      int32
	wire       uint32
	start, end int
}

// save keeps a packet for a file, if that is wanted.
func (n *notes) save(file int, view int64, o *packet.Origin, t packet.Nanos, wire uint32, data []byte) {
	if !n.files[file] {
		return
	}
	s := n.saved
	if file == unknownFile && n.full.Load() {
		s.skipped.Add(uint32(len(data)), wire)
		return
	}
	start := len(s.bytes)
	s.bytes = append(s.bytes, data...)
	s.entries[file] = append(s.entries[file], savedEntry{view, o.Index, o.Face, t, o.Input, wire, start, len(s.bytes)})
}

func (s *saved) empty() bool {
	return len(s.entries[errorsFile])+len(s.entries[unknownFile]) == 0 && s.skipped == packet.Tally{}
}

// reset empties what was saved, keeping memory of an ordinary size.
func (s *saved) reset() {
	const ordinary = 1 << 20
	if s.bytes = s.bytes[:0]; cap(s.bytes) > ordinary {
		s.bytes = nil
	}
	for i := range s.entries {
		clear(s.entries[i])
		s.entries[i] = s.entries[i][:0]
	}
	s.skipped = packet.Tally{}
}

// saver writes the shards' packets to the capture files, in one order.
type saver struct {
	wanted [captureFiles]bool
	sinks  [captureFiles]PacketSink `snapshot:"-"` // nil: not wanted, or at rest
	files  [captureFiles]CaptureFile
	last   [captureFiles]packetID // written last: a packet can have several rows
	full   *atomic.Bool
	order  []locatedPacket `snapshot:"-"`
}

type packetID struct {
	input int32
	index int64
}

// locatedPacket is an entry of one shard.
type locatedPacket struct {
	*savedEntry
	from *saved
}

func newSaver(cfg *Config, full *atomic.Bool) *saver {
	s := &saver{full: full, wanted: [captureFiles]bool{cfg.SaveErrors, cfg.Unknown}}
	for file, name := range captureNames {
		s.files[file].Name = name
	}
	return s
}

// open opens the files of a Feed, which have room of their own.
func (s *saver) open(sinks Sinks) error {
	s.full.Store(false)
	for file, wanted := range s.wanted {
		if !wanted {
			continue
		}
		var err error
		if s.sinks[file], err = sinks.Capture(captureNames[file]); err != nil {
			return err
		}
	}
	return nil
}

// merge writes a round of what was saved.
func (s *saver) merge(ctx context.Context, round []sheet) error {
	for file, sink := range s.sinks {
		if sink == nil {
			continue
		}
		s.order = s.order[:0]
		for i := range round {
			from := round[i].saved
			for i := range from.entries[file] {
				s.order = append(s.order, locatedPacket{&from.entries[file][i], from})
			}
			if file == unknownFile {
				s.files[file].LeftOut.Plus(from.skipped)
			}
		}
		slices.SortStableFunc(s.order, func(a, b locatedPacket) int { return cmp.Compare(a.view, b.view) })
		for _, l := range s.order {
			if err := s.write(file, l); err != nil {
				return err
			}
		}
		clear(s.order)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// write writes one packet, unless it was the last one too.
func (s *saver) write(file int, l locatedPacket) error {
	id := packetID{l.input, l.index}
	if s.last[file] == id {
		return nil
	}
	s.last[file] = id
	f, data := &s.files[file], l.from.bytes[l.start:l.end]
	if file == unknownFile && s.full.Load() {
		f.LeftOut.Add(uint32(len(data)), l.wire)
		return nil
	}
	err := s.sinks[file].Write(&SavedPacket{Input: l.input, Face: l.face, Time: l.time, WireLen: l.wire, Data: data})
	switch {
	case err == nil:
		f.Written.Add(uint32(len(data)), l.wire)
	case errors.Is(err, ErrUnwritable):
		f.Unwritable.Add(uint32(len(data)), l.wire)
	case errors.Is(err, ErrFull):
		s.full.Store(true)
		f.LeftOut.Add(uint32(len(data)), l.wire)
	default:
		return sinkError(err)
	}
	return nil
}

// captures returns what became of the files that were wanted.
func (s *saver) captures() []CaptureFile {
	var list []CaptureFile
	for file, wanted := range s.wanted {
		if wanted {
			list = append(list, s.files[file])
		}
	}
	return list
}
