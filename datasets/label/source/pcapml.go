package source

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// readPcapML reads comments on the packets of a pcapng file, as pcapML writes them: with keys,
// s=0,proc=curl,dir=lan2wan, where s is the sample, proc or label the label; or in order,
// sample,label, with keys behind. Each such packet is an event of each flow that it is in, one for
// each layer of tunnels; the sample is the campaign.
//
// Source: nprint/pcapml, python/src/pcapml/reader.py.
func readPcapML(r *reading) error {
	c, err := capfile.NewReader(r.in, capfile.Config{})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrOpen, err)
	}
	p := pcapML{reading: r, walker: packet.Walker{SkipChecksums: true}, capture: r.ownCapture()}
	for block := new(packet.Block); err == nil; {
		block.Reset()
		err = c.Fill(block)
		block.Interfaces = c.Interfaces()
		if err := p.packets(block); err != nil {
			return err
		}
	}
	return p.end(err)
}

// isCapture knows pcap and pcapng, since a capture without comments is a mistake worth a word.
func isCapture(head []byte, _ string) bool {
	if len(head) < 4 {
		return false
	}
	switch binary.BigEndian.Uint32(head) {
	case 0x0a0d0d0a, 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1:
		return true
	}
	return false
}

// ownCapture is the name of the capture that the file is, or a labelled copy of; empty: which one is not known.
func (r *reading) ownCapture() string {
	named := label.Named(r.path, r.opts.Captures)
	i := slices.Index(named, true)
	if i < 0 || slices.Contains(named[i+1:], true) {
		return ""
	}
	return r.opts.Captures[i]
}

type pcapML struct {
	*reading
	walker  packet.Walker
	capture string
	number  int64 // packets so far
}

// end is what becomes of the error that ended a capture. One that is cut has said what it could.
func (p *pcapML) end(err error) error {
	var damage *capfile.DamageError
	switch {
	case errors.As(err, &damage) && damage.Err == nil:
		if err := p.refuse(place{p.number, damage.Offset}, err); err != nil {
			return err
		}
	case err != io.EOF:
		return fmt.Errorf("%w: %w", ErrOpen, err)
	}
	if p.source.Events == 0 && p.source.Refused == 0 {
		return fmt.Errorf("%w: none of its %d packets has a comment that pcapML wrote", ErrContent, p.number)
	}
	return nil
}

func (p *pcapML) packets(b *packet.Block) error {
	for i := range b.Records {
		p.number++
		if err := p.packet(b, &b.Records[i]); err != nil {
			return err
		}
	}
	return nil
}

// packet reads the first comment of a packet that is pcapML's; others are people's.
func (p *pcapML) packet(b *packet.Block, rec *packet.Record) error {
	for comment := range b.CommentsOn(rec) {
		m, ok := pcapMLComment(string(comment))
		if !ok {
			continue
		}
		if rec.Time == packet.NoTime {
			return p.refuse(place{p.number, -1}, errors.New("a labelled packet without a time"))
		}
		return p.layers(b, rec, &m)
	}
	p.skip()
	return nil
}

// maxLayers bounds tunnels in tunnels.
const maxLayers = 8

// layers makes an event of each layer of a packet.
func (p *pcapML) layers(b *packet.Block, rec *packet.Record, m *label.Meaning) error {
	var views [maxLayers + 1]packet.View
	views[0].Offset = rec.Offset
	if !p.walk(b, rec, &views[0]) {
		p.skip()
		p.note("labelled packets that are in no flow were skipped")
		return nil
	}
	for n := 0; ; n++ {
		if err := p.flowOf(rec, &views[n], m); err != nil {
			return err
		}
		if n == maxLayers || views[n].IsFragment() || !views[n].MayCarry() {
			return nil
		}
		if carries, out := p.walker.Inner(b.Data, &views[n], &views[n+1]); !carries || out != packet.InFlow {
			return nil
		}
	}
}

// walk decodes the outermost layer; false: the packet is in no flow.
func (p *pcapML) walk(b *packet.Block, rec *packet.Record, v *packet.View) bool {
	if int(rec.Interface) >= len(b.Interfaces) || b.Interfaces[rec.Interface].Note != "" {
		return false
	}
	frame := b.Data[rec.Offset:][:rec.CapLen]
	return p.walker.Walk(frame, rec.WireLen, b.Interfaces[rec.Interface].Link, v) == packet.InFlow
}

// flowOf makes an event of one layer. A later fragment has no ports to know its flow by: the first
// one, which is of the same flow, says it.
func (p *pcapML) flowOf(rec *packet.Record, v *packet.View, m *label.Meaning) error {
	if v.Quality&packet.LaterFragment != 0 && hasPorts(int32(v.Protocol)) {
		p.skip()
		p.note("labelled fragments behind the first of their datagram were skipped")
		return nil
	}
	return p.event(place{p.number, -1}, p.layer(rec, v, m))
}

func (p *pcapML) layer(rec *packet.Record, v *packet.View, m *label.Meaning) *label.Event {
	e := &label.Event{
		Meaning: *m, Time: rec.Time, Last: rec.Time, Src: addrOf(v.Src), Dst: addrOf(v.Dst),
		SrcPort: label.None, DstPort: label.None, Protocol: int32(v.Protocol), Depth: int32(v.Depth),
		Packet: p.number, Capture: p.capture,
	}
	switch {
	case v.Protocol == packet.ProtoICMP || v.Protocol == packet.ProtoICMPv6:
		e.SrcPort, e.DstPort = int32(v.ICMPType), int32(v.ICMPCode)
	case hasPorts(e.Protocol):
		e.SrcPort, e.DstPort = int32(v.SrcPort), int32(v.DstPort)
	}
	return e
}

func addrOf(a packet.Addr) netip.Addr { return netip.AddrFrom16(a).Unmap() }

// pcapMLComment reads one comment; false: it is none of pcapML's, or says no label.
func pcapMLComment(s string) (m label.Meaning, ok bool) {
	var positional [2]string
	keys, n := map[string]string{}, 0
	for field := range strings.SplitSeq(s, ",") {
		if key, value, keyed := strings.Cut(field, "="); keyed {
			keys[key] = value
		} else if n < len(positional) {
			positional[n] = field
			n++
		}
	}
	m.Campaign, m.Label = positional[0], positional[1]
	if sample, keyed := keys["s"]; keyed {
		m.Campaign = sample
	}
	for _, key := range []string{"label", "proc"} { // proc counts where both are there
		if keys[key] != "" {
			m.Label = keys[key]
		}
	}
	m.ID, m.Category, m.MITRE = m.Label, keys["category"], keys["mitre"]
	return m, m.Campaign != "" && m.Label != ""
}
