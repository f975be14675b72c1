package accuracy

import (
	"context"
	"errors"
	"io"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// Run runs the data path in this process and returns its flows.
func Run(cfg stages.Config, inputs ...stages.Input) (*Table, *stages.Result, error) {
	tables, r, err := RunTables(cfg, inputs...)
	return tables[flows], r, err
}

// flows is the table that is always there.
const flows = "flows"

// Tables are those of a run, by name.
type Tables map[string]*Table

// Open implements stages.Sinks.
func (t Tables) Open(schema *column.Schema) (stages.Sink, error) {
	t[schema.Table] = NewTable()
	return t[schema.Table], t[schema.Table].Write(batch.New(schema)) // so that one without rows has its columns
}

// Capture implements stages.Sinks; what goes to capture files is of no interest here.
func (Tables) Capture(string) (stages.PacketSink, error) { return nowhere{}, nil }

type nowhere struct{}

// Write implements stages.PacketSink.
func (nowhere) Write(*stages.SavedPacket) error { return nil }

// RunTables runs the data path in this process and returns all its tables.
func RunTables(cfg stages.Config, inputs ...stages.Input) (Tables, *stages.Result, error) {
	t := Tables{flows: NewTable()}
	var p stages.Progress
	r, err := stages.Run(context.Background(), cfg, inputs, t, &p)
	return t, r, err
}

// File is a capture file as an input.
type File string

// Open implements stages.Input.
func (f File) Open(context.Context) (stages.Source, error) {
	cfg := input.DefaultConfig()
	cfg.Hash = input.HashNone
	c, err := input.Open(string(f), nil, cfg)
	if err != nil {
		_, closed := c.Close()
		return nil, errors.Join(err, closed)
	}
	return &openFile{c}, nil
}

// Close implements stages.Input.
func (File) Close(*stages.InputSummary) error { return nil }

// openFile closes its capture when it has been read, as there is no other owner.
type openFile struct{ *input.Capture }

func (o *openFile) Fill(b *packet.Block) error {
	err := o.Capture.Fill(b)
	if err != nil {
		if _, closed := o.Capture.Close(); closed != nil && errors.Is(err, io.EOF) {
			return closed
		}
	}
	return err
}

// Packet is one packet of a capture in memory.
type Packet struct {
	Time      packet.Nanos
	Data      []byte
	Wire      uint32 // length on the wire
	Interface uint32
}

// Whole returns a packet captured in full.
func Whole(t packet.Nanos, data []byte) Packet {
	return Packet{Time: t, Data: data, Wire: uint32(len(data))}
}

// Packets is a capture in memory as an input. Block is the number of packets per
// block, 0 for all in one.
type Packets struct {
	List       []Packet
	Block      int
	Interfaces []packet.Interface // nil: one Ethernet
	Err        error              // how reading ends; nil: cleanly
}

// Open implements stages.Input.
func (p *Packets) Open(context.Context) (stages.Source, error) {
	faces := p.Interfaces
	if faces == nil {
		faces = []packet.Interface{{Link: packet.LinkEthernet}}
	}
	return &openPackets{list: p.List, block: p.Block, faces: faces, err: p.Err}, nil
}

// Close implements stages.Input.
func (*Packets) Close(*stages.InputSummary) error { return nil }

type openPackets struct {
	list  []Packet
	block int
	faces []packet.Interface
	err   error
}

func (o *openPackets) Interfaces() []packet.Interface { return o.faces }

func (o *openPackets) Fill(b *packet.Block) error {
	n := len(o.list)
	if o.block > 0 {
		n = min(n, o.block)
	}
	for _, p := range o.list[:n] {
		b.Records = append(b.Records, packet.Record{
			Time: p.Time, Offset: uint32(len(b.Data)), CapLen: uint32(len(p.Data)), WireLen: p.Wire, Interface: p.Interface,
		})
		b.Data = append(b.Data, p.Data...)
	}
	o.list = o.list[n:]
	switch {
	case len(o.list) > 0:
		return nil
	case o.err != nil:
		return o.err
	}
	return io.EOF
}

// Load reads a capture file into memory, as far as it can be read; err says why
// it ended early.
func Load(path string) (p *Packets, err error) {
	p = &Packets{Interfaces: []packet.Interface{}}
	src, err := File(path).Open(context.Background())
	if err != nil {
		return p, err
	}
	for {
		b := &packet.Block{Data: make([]byte, 0, 256<<10)}
		err := src.Fill(b)
		for _, r := range b.Records {
			p.List = append(p.List, Packet{
				Time: r.Time, Wire: r.WireLen, Interface: r.Interface, Data: b.Data[r.Offset : r.Offset+r.CapLen],
			})
		}
		if err != nil {
			p.Interfaces = append(p.Interfaces, src.Interfaces()...)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			p.Err = err
			return p, err
		}
	}
}
