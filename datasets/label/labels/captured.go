package labels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/text"
)

// ErrCapture marks a capture whose packets cannot be labelled.
var ErrCapture = errors.New("packets cannot be labelled")

// maxDepth is how many tunnels in tunnels are looked into.
const maxDepth = 8

// Captured says what became of the packets of a capture.
type Captured struct {
	Path      string `json:"path"`
	Packets   int64  `json:"packets"`
	Rows      int64  `json:"in_flows"`
	Labelled  int64  `json:"labelled"`
	Several   int64  `json:"fit_several_flows"`
	NoFlow    int64  `json:"without_flow"` // IP, but no flow of the tables lasts at its time
	Fragments int64  `json:"fragments"`    // behind the first one of a datagram, which has no ports
	Others    int64  `json:"others"`       // no IP, malformed, of an unknown link type
	Damage    string `json:"damage,omitempty"`
	SHA256    string `json:"sha256"`
}

// Reading labels the packets of one capture.
type Reading struct {
	Index   *Index
	Capture int32 // number of the capture in the manifest of the flows
	Named   Places
	Rows    *Writer[Packet]
	PcapML  *PcapML // nil: none is written

	walker packet.Walker
	views  [2]packet.View
	clock  packet.Nanos
	done   Captured
}

// Read reads the capture at a path from begin to end. Damage of the capture is no error: what
// comes before it is labelled, and Captured says so. The error is ErrCapture where it cannot be
// opened, else those of the writers.
func (r *Reading) Read(ctx context.Context, path string) (Captured, error) {
	r.done, r.clock, r.walker.SkipChecksums = Captured{Path: path}, packet.NoTime, true
	c, err := input.Open(path, nil, input.DefaultConfig())
	if err != nil {
		return r.done, errors.Join(fmt.Errorf("%w: %w", ErrCapture, err), abandon(c))
	}
	err = r.blocks(ctx, c)
	var damaged *capfile.DamageError
	var limit *capfile.LimitError
	if errors.As(err, &damaged) || errors.As(err, &limit) {
		r.done.Damage, err = text.Escape(err.Error()), nil
	}
	if err != nil {
		return r.done, errors.Join(err, abandon(c))
	}
	facts, err := c.Close()
	r.done.SHA256 = facts.SHA256
	if err != nil {
		return r.done, fmt.Errorf("%w: %s: %w", ErrCapture, text.Escape(path), err)
	}
	return r.done, nil
}

// abandon closes a capture of which no more is wanted.
func abandon(c *input.Capture) error {
	if c == nil {
		return nil
	}
	c.Abandon()
	_, err := c.Close()
	return err
}

func (r *Reading) blocks(ctx context.Context, c *input.Capture) error {
	b := &packet.Block{}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Reset()
		err := c.Fill(b)
		faces := c.Interfaces()
		for i := range b.Records {
			if failed := r.packet(b, &b.Records[i], faces); failed != nil {
				return failed
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// packet labels one packet.
func (r *Reading) packet(b *packet.Block, rec *packet.Record, faces []packet.Interface) error {
	r.done.Packets++
	if rec.Time != packet.NoTime {
		r.clock = max(r.clock, rec.Time)
	}
	row := Packet{Capture: r.Capture, Index: r.done.Packets, Time: rec.Time}
	if rec.Time == packet.NoTime {
		row.Time = r.clock
	}
	var face *packet.Interface
	if int(rec.Interface) < len(faces) {
		face = &faces[rec.Interface]
	}
	found := face != nil && face.Note == "" && r.layers(b, rec, face.Link, &row)
	if !found && (face == nil || face.Note != "") {
		r.done.Others++
	}
	if found {
		r.count(&row)
		row.Named = r.Named.has(row.Capture, row.Index)
		if err := r.Rows.Add(&row); err != nil {
			return err
		}
	}
	if r.PcapML == nil || face == nil {
		return nil
	}
	return r.PcapML.write(rec, b.Data[rec.Offset:][:rec.CapLen], face, &row)
}

func (r *Reading) count(row *Packet) {
	r.done.Rows++
	switch {
	case row.Outcome == label.Labelled:
		r.done.Labelled++
	case row.Fits > 1:
		r.done.Several++
	}
}

// layers finds what a packet is called: what its outermost layer is of which anything is said.
// It reports whether the packet is of any flow.
func (r *Reading) layers(b *packet.Block, rec *packet.Record, link packet.LinkType, row *Packet) bool {
	v := &r.views[0]
	if r.walker.Walk(b.Data[rec.Offset:][:rec.CapLen], rec.WireLen, link, v) != packet.InFlow {
		r.done.Others++
		return false
	}
	v.Offset = rec.Offset
	if v.Quality&packet.LaterFragment != 0 {
		r.done.Fragments++
		return false
	}
	found := false
	for i := 0; ; i ^= 1 {
		v, inner := &r.views[i], &r.views[i^1]
		v.Time = row.Time
		if l, is := r.Index.Find(v, row.Capture, row.Index); is && (!found || l.Outcome != label.Unlabelled) {
			found, row.Layer = true, l
		}
		if found && row.Outcome != label.Unlabelled || !v.MayCarry() || v.IsFragment() || v.Depth == maxDepth {
			break
		}
		if carries, out := r.walker.Inner(b.Data, v, inner); !carries || out != packet.InFlow {
			break
		}
	}
	if !found {
		r.done.NoFlow++
	}
	return found
}

// PcapML writes packets as pcapng whose comments say what they are called, as pcapML reads
// them: the number of the sample, which is the flow_id, a comma, the label.
type PcapML struct {
	out   *capfile.PcapngWriter
	faces map[int]int // of the capture that is read, by number
	Unfit int64       // packets without a time, which are left out
	Signs int64       // packets whose label has a comma or =, which pcapML cannot say
}

// NewPcapML returns a writer to w.
func NewPcapML(w io.Writer) (*PcapML, error) {
	out, err := capfile.NewPcapngWriter(w, capfile.PcapngConfig{Application: "pcapmill"})
	return &PcapML{out: out, faces: map[int]int{}}, err
}

// Close flushes. It does not close the underlying writer.
func (p *PcapML) Close() error { return p.out.Close() }

func (p *PcapML) write(rec *packet.Record, data []byte, face *packet.Interface, row *Packet) error {
	if rec.Time == packet.NoTime {
		p.Unfit++
		return nil
	}
	number, known := p.faces[face.Index]
	if !known {
		c := capfile.DefaultInterface(face.Link)
		c.SnapLen, c.FCSBytes = face.SnapLen, face.FCSBytes
		var err error
		if number, err = p.out.AddInterface(c); err != nil {
			return err
		}
		p.faces[face.Index] = number
	}
	err := p.out.WriteCommented(number, rec.Time, rec.WireLen, data, p.comment(row))
	if errors.Is(err, capfile.ErrTime) {
		p.Unfit++
		return nil
	}
	return err
}

var pcapmlSigns = strings.NewReplacer(",", ";", "=", ":")

// comment is what a packet's comment says; empty where it is not labelled.
func (p *PcapML) comment(row *Packet) string {
	if row.Outcome != label.Labelled {
		return ""
	}
	name := text.Escape(row.Label)
	if strings.ContainsAny(name, ",=") { // between fields, and of those with a key
		p.Signs++
		name = pcapmlSigns.Replace(name)
	}
	return text.Truncate(strconv.FormatInt(row.FlowID, 10)+","+name, 1000)
}
