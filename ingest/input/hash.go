package input

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// hashBytes is how much is handed to the hashing goroutine at once, and
// hashBuffers how many such pieces may wait.
const (
	hashBytes   = 256 << 10
	hashBuffers = 3
)

// hashReader hashes what is read through it in a goroutine of its own, while the
// reader parses the same bytes. The bytes are copied, as whoever called Read may
// change them at once: that costs a tenth of what hashing them does.
type hashReader struct {
	src io.Reader

	piece []byte // not handed over yet
	free  chan []byte
	full  chan []byte
	sum   hash.Hash // the goroutine's until done is closed
	done  chan struct{}
}

func newHashReader(src io.Reader) *hashReader {
	h := &hashReader{
		src: src, sum: sha256.New(), done: make(chan struct{}),
		free: make(chan []byte, hashBuffers), full: make(chan []byte, hashBuffers),
	}
	for range hashBuffers {
		h.free <- nil
	}
	go h.run()
	return h
}

func (h *hashReader) run() {
	defer close(h.done)
	for b := range h.full {
		h.sum.Write(b) //nolint:errcheck // a hash never fails
		h.free <- b[:0]
	}
}

// Read implements io.Reader.
func (h *hashReader) Read(p []byte) (int, error) {
	n, err := h.src.Read(p)
	for p = p[:n]; len(p) > 0; {
		if cap(h.piece) == 0 {
			if h.piece = <-h.free; h.piece == nil {
				h.piece = make([]byte, 0, hashBytes)
			}
		}
		k := min(len(p), hashBytes-len(h.piece))
		h.piece = append(h.piece, p[:k]...)
		p = p[k:]
		if len(h.piece) == hashBytes {
			h.full <- h.piece
			h.piece = nil
		}
	}
	return n, err
}

// finish ends the goroutine and returns the hex digest of all bytes read. It is
// called once.
func (h *hashReader) finish() string {
	if len(h.piece) > 0 {
		h.full <- h.piece
	}
	close(h.full)
	<-h.done
	return hex.EncodeToString(h.sum.Sum(nil))
}

// errBadRead is a source that breaks the contract of io.Reader.
var errBadRead = errors.New("source returned an impossible byte count")

// countReader counts the bytes read through it.
type countReader struct {
	src   io.Reader
	bytes int64
}

// Read implements io.Reader.
func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	if n < 0 || n > len(p) {
		return 0, errBadRead
	}
	c.bytes += int64(n)
	return n, err
}
