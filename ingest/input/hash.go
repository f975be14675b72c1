package input

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
)

// hashReader hashes what is read through it in a goroutine of its own, while the
// reader parses the same bytes. Nothing is copied: Read waits for the hash of
// the bytes before, and the caller changes a buffer only through Read.
type hashReader struct {
	src   io.Reader
	sum   hash.Hash
	todo  chan []byte
	done  chan struct{}
	busy  bool
	bytes int64
}

func newHashReader(src io.Reader) *hashReader {
	h := &hashReader{src: src, sum: sha256.New(), todo: make(chan []byte), done: make(chan struct{})}
	go func() {
		for b := range h.todo {
			h.sum.Write(b) //nolint:errcheck // a hash never fails
			h.done <- struct{}{}
		}
	}()
	return h
}

func (h *hashReader) wait() {
	if h.busy {
		<-h.done
		h.busy = false
	}
}

// Read implements io.Reader.
func (h *hashReader) Read(p []byte) (int, error) {
	h.wait()
	n, err := h.src.Read(p)
	if n > 0 {
		h.bytes += int64(n)
		h.todo <- p[:n]
		h.busy = true
	}
	return n, err
}

// finish ends the goroutine and returns the hex digest of all bytes read.
func (h *hashReader) finish() string {
	h.wait()
	close(h.todo)
	return hex.EncodeToString(h.sum.Sum(nil))
}

// countReader counts bytes where none are hashed.
type countReader struct {
	src   io.Reader
	bytes int64
}

// Read implements io.Reader.
func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.bytes += int64(n)
	return n, err
}
