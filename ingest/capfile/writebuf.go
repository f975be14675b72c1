package capfile

import (
	"fmt"
	"io"
	"slices"
)

// writeBuffer is the capacity of a writer's buffer.
const writeBuffer = 256 << 10

// Exchanger takes full buffers of whole blocks and gives empty ones, so that what is in them
// need not be copied again. It may wait. It is called from the writer's goroutine.
type Exchanger interface {
	// Exchange takes full, which the caller gives up, and returns another buffer of any
	// capacity, of which nothing is kept. After an error full is the caller's again.
	Exchange(full []byte) (empty []byte, err error)
}

// output collects bytes and writes them in large pieces. Its first error is
// kept: what follows is not written.
type output struct {
	w    io.Writer
	to   Exchanger // in place of w
	buf  []byte
	err  error
	size int64 // bytes given to w or to
}

func newOutput(w io.Writer) output {
	return output{w: w, buf: make([]byte, 0, writeBuffer)}
}

// reserve makes room for n bytes where the buffer can hold them at all.
func (o *output) reserve(n int) error {
	if o.err == nil && len(o.buf)+n > cap(o.buf) {
		o.flush()
	}
	return o.err
}

func (o *output) flush() {
	if o.err != nil || len(o.buf) == 0 {
		return
	}
	if o.to != nil {
		o.exchange()
		return
	}
	n, err := o.w.Write(o.buf)
	o.size += int64(n)
	if err == nil && n < len(o.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		o.err = fmt.Errorf("write: %w", err)
	}
	o.buf = o.buf[:0]
}

func (o *output) exchange() {
	size := len(o.buf)
	empty, err := o.to.Exchange(o.buf)
	if err != nil {
		o.err = fmt.Errorf("write: %w", err)
		o.buf = o.buf[:0]
		return
	}
	o.size += int64(size)
	o.buf = empty[:0]
}

// extend makes the buffer n bytes longer and returns them; what is in them is anything.
func (o *output) extend(n int) []byte {
	old := len(o.buf)
	o.buf = slices.Grow(o.buf, n)[:old+n]
	return o.buf[old:]
}

// close flushes and refuses everything after.
func (o *output) close() error {
	o.flush()
	if o.err != nil {
		return o.err
	}
	o.err = errClosed
	return nil
}
