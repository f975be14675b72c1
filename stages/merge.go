package stages

import (
	"context"
	"errors"
	"fmt"
	"io"

	"pcapmill/ingest/packet"
)

// MaxTaps is the number of inputs that can be merged by time: each is open all
// the while.
const MaxTaps = 64

// tapBytes is the block that each tap reads into.
const tapBytes = 128 << 10

// merger interleaves inputs by time. Of the packets that are next in their inputs
// it takes the one whose input's clock is least, the first input's where they are
// equal; the clock is the latest believed time of the input so far, so that
// packets out of order and absurd times hold up nobody. An input that ends early
// leaves the others alone.
type merger struct {
	f      *feeder
	opened bool
	heap   []*tap // by clock and input; each has a packet
	pack   packer
}

// tap is one input of a merge.
type tap struct {
	course
	f      *feeder
	input  int
	source Source
	b      *packet.Block // what has been read; from its packet at on, not yet merged
	spare  *packet.Block
	at     int
	err    error // how reading ended
}

// read returns the next block of the merged packets, nil at the end.
func (m *merger) read(ctx context.Context) (*packet.Block, error) {
	if !m.opened {
		m.opened, m.pack.pool = true, m.f.pool
		if err := m.open(ctx); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(m.heap) == 0 || m.f.stopped {
		return nil, nil
	}
	if err := m.pack.begin(ctx); err != nil {
		return nil, err
	}
	for len(m.heap) > 0 && !m.f.stopped && m.pack.room(m.heap[0].record().CapLen) {
		if err := m.merge(ctx); err != nil {
			m.f.pool.put(m.pack.take())
			return nil, err
		}
	}
	b := m.pack.take()
	m.f.show(b)
	if m.f.stopped {
		m.stop()
	}
	return b, nil
}

// open opens all inputs and reads their first packets.
func (m *merger) open(ctx context.Context) error {
	f := m.f
	if len(f.inputs) > MaxTaps {
		return fmt.Errorf("%d inputs are to be merged by time: %d can be", len(f.inputs), MaxTaps)
	}
	for f.next < len(f.inputs) {
		f.open(ctx)
		if f.source == nil {
			continue
		}
		t := &tap{course: newCourse(f.cfg), f: f, input: f.number(), source: f.source, b: newTapBlock(), spare: newTapBlock()}
		f.source = nil
		m.heap = append(m.heap, t)
	}
	for i := len(m.heap) - 1; i >= 0; i-- {
		m.heap[i].at = -1
		if more, err := m.heap[i].advance(ctx); err != nil {
			return err
		} else if !more {
			m.heap[i] = m.heap[len(m.heap)-1]
			m.heap = m.heap[:len(m.heap)-1]
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.sink(i)
	}
	return nil
}

func newTapBlock() *packet.Block { return &packet.Block{Data: make([]byte, 0, tapBytes)} }

// merge moves the next packet into the block begun.
func (m *merger) merge(ctx context.Context) error {
	t, f := m.heap[0], m.f
	read := &f.input(t.input).Accounting.Read
	rec := t.record()
	read.Add(rec.CapLen, rec.WireLen)
	m.pack.add(t.b, t.at, packet.Origin{Ordinal: f.ordinal, Index: read.Packets, Input: int32(t.input)})
	f.ordinal++
	f.stopped = f.ordinal == f.cfg.Packets
	if f.stopped { // nothing more is read
		return nil
	}
	more, err := t.advance(ctx)
	if err != nil {
		return err
	}
	if !more {
		last := len(m.heap) - 1
		m.heap[0], m.heap[last] = m.heap[last], nil
		m.heap = m.heap[:last]
	}
	m.sink(0)
	return nil
}

// sink restores the heap below i.
func (m *merger) sink(i int) {
	for {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(m.heap) && m.heap[c].before(m.heap[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}

// stop ends all inputs, as enough packets have been read.
func (m *merger) stop() {
	for _, t := range m.heap {
		t.f.input(t.input).Stopped = true
		t.finish()
	}
	m.heap = nil
}

// abandon closes the inputs of a run that fails.
func (m *merger) abandon() {
	for _, t := range m.heap {
		_ = t.f.close(t.input) // the run has a more important error
	}
	m.heap = nil
}

func (t *tap) before(u *tap) bool {
	return t.now < u.now || t.now == u.now && t.input < u.input
}

func (t *tap) record() *packet.Record { return &t.b.Records[t.at] }

// advance goes on to the input's next packet; false where there is none, and the
// input has been closed.
func (t *tap) advance(ctx context.Context) (bool, error) {
	t.at++
	if t.at == len(t.b.Records) {
		if err := t.more(ctx); err != nil {
			return false, err
		}
	}
	if t.at == len(t.b.Records) {
		t.finish()
		return false, nil
	}
	_, err := t.meet(ctx, t, t.at, t.record().Time)
	return true, err
}

// peek implements peeker.
func (t *tap) peek(ctx context.Context, i int) (packet.Nanos, bool, error) {
	for i >= len(t.b.Records) {
		if t.err != nil {
			return 0, false, nil
		}
		ahead := i - t.at
		if err := t.more(ctx); err != nil {
			return 0, false, err
		}
		i = t.at + ahead
	}
	return t.b.Records[i].Time, true, nil
}

// more reads on until there are more packets or the input has ended. Those not yet
// merged are kept: they become the first of the block.
func (t *tap) more(ctx context.Context) error {
	keep := t.b.Records[t.at:]
	t.spare.Reset()
	for i := range keep {
		r := keep[i]
		data := t.b.Data[r.Offset : r.Offset+r.CapLen]
		r.Offset = uint32(len(t.spare.Data))
		t.spare.Data = append(t.spare.Data, data...)
		t.spare.Records = append(t.spare.Records, r)
		for text := range t.b.CommentsOn(&keep[i]) {
			t.spare.Comments = append(t.spare.Comments, packet.Comment{Packet: r.Offset, Offset: uint32(len(t.spare.Data)), Length: uint32(len(text))})
			t.spare.Data = append(t.spare.Data, text...)
		}
	}
	t.b, t.spare, t.at = t.spare, t.b, 0
	if cap(t.spare.Data) > 4*tapBytes {
		t.spare = newTapBlock()
	}
	for had := len(t.b.Records); len(t.b.Records) == had && t.err == nil; {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.err = t.source.Fill(t.b)
		t.b.Interfaces = t.source.Interfaces()
	}
	return nil
}

// finish closes the input.
func (t *tap) finish() {
	in := t.f.input(t.input)
	if t.err != nil && !errors.Is(t.err, io.EOF) {
		in.Err = t.err
	}
	in.Interfaces = append([]packet.Interface(nil), t.source.Interfaces()...)
	if err := t.f.close(t.input); err != nil && in.Err == nil {
		in.Err = err
	}
}
