package job

import (
	"errors"
	"fmt"
	"io"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/stages"
)

// leastUnknown is the least that unknown.pcapng can be limited to: room for its header.
const leastUnknown = 4 << 10

// captureSink writes packets to a pcapng file in the output folder. Each interface that
// they come from is described before its first packet.
type captureSink struct {
	file   *publish.File
	writer *capfile.PcapngWriter
	limit  int64 // bytes that the file may have; 0: any
	apart  bool  // interfaces of different inputs are different ones
	faces  map[faceKey]int
	last   struct { // interface looked up last
		face  *packet.Interface
		input int32
		at    int
	}
	packets int64
}

// faceKey is what makes an interface another one. Those of a capture cut into files are
// the same in each.
type faceKey struct {
	input    int32 // 0 where the inputs are one capture
	id       int   // within its section
	link     packet.LinkType
	snapLen  uint32
	fcsBytes uint8
	name     string
}

func newCaptureSink(o *Options, dir *publish.Dir, name string) (*captureSink, error) {
	file, err := dir.Create(name)
	if err != nil {
		return nil, err
	}
	c := &captureSink{file: file, faces: map[faceKey]int{}, apart: o.Stages.Merge || o.Stages.Inputs == stages.Independent}
	if name == stages.UnknownFile {
		c.limit = o.UnknownLimit
	}
	c.writer, err = capfile.NewPcapngWriter(file, capfile.PcapngConfig{Application: manifest.ToolName})
	return c, err
}

// Write implements stages.PacketSink.
func (c *captureSink) Write(p *stages.SavedPacket) error {
	if p.Face == nil {
		return stages.ErrUnwritable
	}
	const description = 64 // of an interface without a name, at most
	size := c.writer.Size() + capfile.PacketBlockBytes(len(p.Data))
	if c.limit > 0 && size+description+int64(len(p.Face.Name)) > c.limit {
		return stages.ErrFull
	}
	face, err := c.face(p)
	if err == nil {
		err = c.writer.WritePacket(face, p.Time, p.WireLen, p.Data)
	}
	switch {
	case errors.Is(err, capfile.ErrTime):
		return stages.ErrUnwritable
	case err == nil:
		c.packets++
	}
	return err
}

// face returns the number that a packet's interface has in the file.
func (c *captureSink) face(p *stages.SavedPacket) (int, error) {
	if c.last.face == p.Face && c.last.input == p.Input {
		return c.last.at, nil
	}
	f := p.Face
	key := faceKey{p.Input, f.ID, f.Link, f.SnapLen, f.FCSBytes, f.Name}
	if !c.apart {
		key.input = 0
	}
	at, known := c.faces[key]
	if !known {
		if !writable(f) || len(c.faces) == capfile.DefaultConfig().MaxInterfaces {
			return 0, stages.ErrUnwritable
		}
		cfg := capfile.DefaultInterface(f.Link)
		cfg.SnapLen, cfg.Name, cfg.FCSBytes = f.SnapLen, f.Name, f.FCSBytes
		var err error
		if at, err = c.writer.AddInterface(cfg); err != nil {
			return 0, err
		}
		c.faces[key] = at
	}
	c.last.face, c.last.input, c.last.at = f, p.Input, at
	return at, nil
}

// writable reports whether pcapng can describe an interface: that of a classic capture
// can have a link type of more bits.
func writable(f *packet.Interface) bool { return f.Link <= 1<<16-1 }

// close publishes the file.
func (c *captureSink) close() (publish.Published, error) {
	if err := c.writer.Close(); err != nil {
		return publish.Published{}, err
	}
	return c.file.Commit(c.check)
}

// check reads the file as anyone would.
func (c *captureSink) check(r io.ReaderAt, size int64) error {
	cfg := capfile.DefaultConfig()
	cfg.SetMaxPacket(capfile.LargestMaxPacket)
	reader, err := capfile.NewReader(io.NewSectionReader(r, 0, size), cfg)
	if err != nil {
		return err
	}
	var b packet.Block
	there := int64(0)
	for err == nil {
		b.Reset()
		err = reader.Fill(&b)
		there += int64(len(b.Records))
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if there != c.packets {
		return fmt.Errorf("%d packets were written, %d are there", c.packets, there)
	}
	return nil
}

// captureEntries are the places of the capture files in the manifest.
func (t *tables) captureEntries(r *stages.Result) []manifest.Capture {
	var list []manifest.Capture
	for i, f := range r.Captures {
		c := t.captures[i]
		list = append(list, manifest.Capture{
			Path: f.Name, Packets: f.Written.Packets, CapturedBytes: f.Written.CapturedBytes, WireBytes: f.Written.WireBytes,
			Interfaces: int64(len(c.faces)), LimitBytes: c.limit,
			LeftOutPackets: f.LeftOut.Packets, LeftOutBytes: f.LeftOut.CapturedBytes, UnwritablePackets: f.Unwritable.Packets,
		})
	}
	return list
}
