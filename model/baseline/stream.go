package baseline

import (
	"hash/maphash"
	"io"
)

// stream gives a decoder a file piece by piece, and sums up what the decoder took.
type stream struct {
	from   io.Reader
	left   uint64 // bytes that from has yet
	window []byte // of which the decoder's rest is the end
	err    error  // of from

	sum    maphash.Hash // of what was taken since cut
	summed int          // how much of window is in sum
}

// streamBytes is how much is read at once at least, where there is as much.
const streamBytes = 64 << 10

// refill returns a window with rest and what follows it, of n bytes at least, where so
// many follow.
func (s *stream) refill(rest []byte, n uint64) []byte {
	s.note(rest)
	more := min(max(n, streamBytes)-uint64(len(rest)), s.left)
	s.window = append(append(s.window[:0], rest...), make([]byte, more)...)
	got, err := io.ReadFull(s.from, s.window[len(rest):])
	if s.left -= more; err != nil {
		s.err, s.left = err, 0
	}
	s.window, s.summed = s.window[:len(rest)+got], 0
	return s.window
}

// note sums up what was taken.
func (s *stream) note(rest []byte) {
	taken := len(s.window) - len(rest)
	s.sum.Write(s.window[s.summed:taken])
	s.summed = taken
}

// cut returns the sum since the last cut.
func (s *stream) cut(rest []byte) uint64 {
	s.note(rest)
	sum := s.sum.Sum64()
	s.sum.Reset()
	return sum
}
