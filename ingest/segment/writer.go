package segment

import (
	"fmt"
	"strings"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// Application is how shb_userappl begins in every segment, and in no other capture.
const Application = "pcapmill live"

// Config says whose segment is written.
type Config struct {
	Version  string // of the tool
	Session  string // its ID
	Number   int64
	OpenedNs int64 // wall clock
	Hardware string
	OS       string

	Interface capfile.InterfaceConfig // its time resolution is set by NewWriter
}

// Writer writes one segment. It belongs to one goroutine.
type Writer struct {
	out      *capfile.PcapngWriter
	tally    Tally
	snapLen  int
	filtered bool
	opened   packet.Nanos
}

const nanoseconds = 9 // if_tsresol

// NewWriter begins a segment in buf. Whenever the buffer is full it goes to the exchanger;
// the last one does so at End.
func NewWriter(to capfile.Exchanger, buf []byte, cfg *Config) (*Writer, error) {
	out, err := capfile.NewPcapngWriterTo(to, buf, capfile.PcapngConfig{
		Application: strings.TrimSpace(Application + " " + cfg.Version),
		Comment:     fmt.Sprintf(headComment, cfg.Session, cfg.Number, cfg.OpenedNs),
		Hardware:    cfg.Hardware, OS: cfg.OS,
	})
	if err != nil {
		return nil, err
	}
	face := cfg.Interface
	face.TSResol, face.TSOffset = nanoseconds, 0
	if _, err := out.AddInterface(face); err != nil {
		return nil, err
	}
	w := &Writer{out: out, tally: NewTally(), snapLen: int(face.SnapLen), filtered: face.Filter != "", opened: packet.Nanos(cfg.OpenedNs)}
	if w.snapLen == 0 {
		w.snapLen = capfile.LargestMaxPacket
	}
	return w, nil
}

// The comments. Walk reads them back.
const (
	headComment = "session %s segment %d opened %d"
	endComment  = "end of segment by %s with freezes %d"
)

// Frame adds a packet of two pieces, cut to the snapshot length, with flags as of
// capfile.FlagInbound. It allocates nothing and keeps nothing. A time before 1970 gives
// capfile.ErrTime.
func (w *Writer) Frame(t packet.Nanos, wireLen int, flags uint32, head, tail []byte) error {
	if over := len(head) + len(tail) - w.snapLen; over > 0 {
		head = head[:min(len(head), w.snapLen)]
		tail = tail[:w.snapLen-len(head)]
	}
	if err := w.out.WriteFrame(0, t, uint32(wireLen), flags, head, tail); err != nil {
		return err
	}
	w.tally.Add(t, len(head)+len(tail), wireLen)
	return nil
}

// Watermark says that packet time has come as far as t.
func (w *Writer) Watermark(t packet.Nanos, c Counts) error { return w.statistics(t, c, "") }

// Flush gives away what is in the buffer, whole blocks as always.
func (w *Writer) Flush() error { return w.out.Flush() }

// End writes the last watermark with the reason why the segment ended, one word, and gives
// the last buffer away.
func (w *Writer) End(t packet.Nanos, c Counts, reason string) error {
	if err := w.statistics(t, c, fmt.Sprintf(endComment, reason, c.Freezes)); err != nil {
		return err
	}
	return w.out.Close()
}

func (w *Writer) statistics(t packet.Nanos, c Counts, comment string) error {
	s := capfile.InterfaceStatistics{Time: t, Start: w.opened, End: t, Comment: comment}
	set := func(which capfile.Statistic, n int64) { s.Known[which], s.Value[which] = true, n }
	if !w.filtered {
		set(capfile.Received, c.Accepted)
	}
	set(capfile.Accepted, c.Accepted)
	set(capfile.OSDropped, c.Drops)
	set(capfile.Dropped, c.IfDrops)
	set(capfile.Delivered, w.tally.Packets)
	return w.out.WriteStatistics(0, &s)
}

// Tally returns what has been written. Within Exchange it is what is in the buffers given
// away, the one at hand included.
func (w *Writer) Tally() *Tally { return &w.tally }

// Size returns the bytes written so far, before compression.
func (w *Writer) Size() int64 { return w.out.Size() }

// FrameBytes returns how many bytes Frame adds for a packet.
func FrameBytes(captured int, flags uint32) int64 {
	return int64(capfile.FrameBlockBytes(captured, flags))
}
