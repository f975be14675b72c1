package capfile

import (
	"fmt"
	"io"
)

// writeBuffer is the capacity of a writer's buffer.
const writeBuffer = 256 << 10

// output collects bytes and writes them in large pieces. Its first error is
// kept: what follows is not written.
type output struct {
	w    io.Writer
	buf  []byte
	err  error
	size int64 // bytes given to w
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

// close flushes and refuses everything after.
func (o *output) close() error {
	o.flush()
	if o.err != nil {
		return o.err
	}
	o.err = errClosed
	return nil
}
