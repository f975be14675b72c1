package live

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"pcapmill/bench/traffic"
)

// Where a numbered frame has what: behind Ethernet, IPv4 and UDP a mark, then the number.
const (
	markAt    = 14 + 20 + 8
	numberAt  = markAt + 8
	checkAt   = 14 + 20 + 6 // of UDP: 0 means none, as the payload changes
	numberEnd = numberAt + 8
)

var mark = [8]byte{'p', 'c', 'a', 'p', 'm', 'i', 'l', 'l'}

// Sequence makes frames that carry the numbers 0, 1, 2, … over several flows and sizes.
type Sequence struct {
	next   uint64
	frames [][]byte
}

// NewSequence makes frames of so many flows; their sizes are spread from 60 bytes up to size.
func NewSequence(flows, size int) *Sequence {
	s := new(Sequence)
	for i := range max(1, flows) {
		length := 60 + i*(max(size, 60)-60)/max(1, flows-1)
		body := make([]byte, max(length, numberEnd)-markAt)
		copy(body, mark[:])
		client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 40000)
		frame := traffic.UDP(client, netip.MustParseAddrPort("10.2.0.1:4000"), body)
		binary.BigEndian.PutUint16(frame[checkAt:], 0)
		s.frames = append(s.frames, frame)
	}
	return s
}

// Next returns the next frame, valid until as many more were asked for as there are flows.
func (s *Sequence) Next() []byte {
	frame := s.frames[s.next%uint64(len(s.frames))]
	binary.BigEndian.PutUint64(frame[numberAt:], s.next)
	s.next++
	return frame
}

// Sent returns how many frames were made.
func (s *Sequence) Sent() uint64 { return s.next }

// NumberOf returns the number of a frame, false where it is none of ours.
func NumberOf(frame []byte) (uint64, bool) {
	if len(frame) < numberEnd || [8]byte(frame[markAt:]) != mark {
		return 0, false
	}
	return binary.BigEndian.Uint64(frame[numberAt:]), true
}

// Tally counts how often each number was seen.
type Tally struct {
	seen    []uint64 // a bit for each number
	Count   uint64   // different numbers
	Doubled uint64   // sightings beyond the first
	Unruly  uint64   // those that came behind a higher one
	highest uint64
}

// mostNumbers bounds the memory of a Tally: 128 MiB.
const mostNumbers = 1 << 30

// See counts a sighting. Numbers that no test sends count as nothing but doubled.
func (t *Tally) See(n uint64) {
	word, bit := n/64, uint64(1)<<(n%64)
	if n >= mostNumbers {
		t.Doubled++
		return
	}
	for uint64(len(t.seen)) <= word {
		t.seen = append(t.seen, 0)
	}
	if n < t.highest {
		t.Unruly++
	}
	t.highest = max(t.highest, n)
	if t.seen[word]&bit != 0 {
		t.Doubled++
		return
	}
	t.seen[word] |= bit
	t.Count++
}

// Missing returns how many of the first n numbers were not seen, and the first of them.
func (t *Tally) Missing(n uint64) (missing, first uint64) {
	for i := range n {
		if i/64 >= uint64(len(t.seen)) || t.seen[i/64]&(1<<(i%64)) == 0 {
			if missing == 0 {
				first = i
			}
			missing++
		}
	}
	return missing, first
}

// Complete reports, as an error, what is wrong where each of n numbers should have been
// seen once.
func (t *Tally) Complete(n uint64) error {
	if missing, first := t.Missing(n); missing > 0 || t.Doubled > 0 || t.Count != n {
		return fmt.Errorf("of %d numbered frames %d are missing (the first is %d), %d came twice, %d are known", n, missing, first, t.Doubled, t.Count)
	}
	return nil
}
