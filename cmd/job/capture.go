package job

import (
	"context"
	"errors"
	"io"

	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// capture is one input as the data path sees it. It keeps the facts that are
// known once it has been read.
type capture struct {
	source source
	cfg    input.Config
	stdin  io.Reader
	now    *input.Capture
	facts  input.Facts
	opened bool  // it was a capture
	change error // the file changed while it was read, which explains other errors
	names  *nameBook
	index  int // of the input
	ctx    context.Context
}

// Open implements stages.Input.
func (c *capture) Open(ctx context.Context) (stages.Source, error) {
	stdin := c.stdin
	if c.source.path == input.Stdin {
		stdin = newPump(ctx, c.stdin)
	}
	now, err := input.Open(c.source.path, stdin, c.cfg)
	if err != nil {
		c.facts, _ = now.Close() // that it is no capture is the news
		return nil, err
	}
	c.now, c.opened, c.ctx = now, true, ctx
	return c, nil
}

// Fill implements stages.Source.
func (c *capture) Fill(b *packet.Block) error { return c.now.Fill(b) }

// Interfaces implements stages.Source.
func (c *capture) Interfaces() []packet.Interface { return c.now.Interfaces() }

// Close implements stages.Input. The rest of a file is read for its hash, unless
// the run has failed anyway.
func (c *capture) Close(*stages.InputSummary) error {
	if err := c.ctx.Err(); err != nil {
		c.now.Abandon()
		return err
	}
	var err error
	if c.facts, err = c.now.Close(); errors.Is(err, input.ErrChanged) {
		c.change = err
	}
	c.now = nil
	c.names.add(c.index, c.facts.Names)
	c.facts.Names = nil
	return err
}

// pump reads ahead in a goroutine of its own, so that a run can be interrupted
// while it waits for a pipe that nobody writes to. The goroutine then stays
// behind in its Read until the process ends.
type pump struct {
	ctx  context.Context
	full chan []byte
	free chan []byte
	err  error // set before full is closed
	rest []byte
	buf  []byte // that rest is part of
}

const pumpBytes = 256 << 10

func newPump(ctx context.Context, r io.Reader) *pump {
	p := &pump{ctx: ctx, full: make(chan []byte), free: make(chan []byte, 2)}
	p.free <- make([]byte, pumpBytes)
	p.free <- make([]byte, pumpBytes)
	go p.run(r)
	return p
}

func (p *pump) run(r io.Reader) {
	defer close(p.full)
	for {
		var buf []byte
		select {
		case buf = <-p.free:
		case <-p.ctx.Done():
			return
		}
		n, err := r.Read(buf[:pumpBytes])
		select {
		case p.full <- buf[:n]:
		case <-p.ctx.Done():
			return
		}
		if err != nil {
			p.err = err
			return
		}
	}
}

// Read implements io.Reader.
func (p *pump) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.buf != nil {
			p.free <- p.buf
			p.buf = nil
		}
		select {
		case buf, ok := <-p.full:
			if !ok && p.err == nil {
				return 0, p.ctx.Err()
			} else if !ok {
				return 0, p.err
			}
			p.rest, p.buf = buf, buf
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
