package traffic

import "pcapmill/ingest/packet"

// entry is one open conversation in the heap.
type entry struct {
	at    packet.Nanos
	order int64 // of arrival: breaks ties, so that equal times have one order
	c     *conversation
}

func (a entry) before(b entry) bool {
	return a.at < b.at || a.at == b.at && a.order < b.order
}

// heap is a binary heap of conversations, the earliest packet first. The keys
// lie in the slice itself so that sifting does not touch the conversations.
type heap []entry

func (h *heap) push(e entry) {
	*h = append(*h, e)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(s[up]) {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
}

// moved gives the first entry a later time.
func (h heap) moved(at packet.Nanos) {
	e := h[0]
	e.at = at
	h.sift(e)
}

// pop removes the first entry.
func (h *heap) pop() {
	s := *h
	last := s[len(s)-1]
	s[len(s)-1] = entry{}
	*h = s[:len(s)-1]
	if len(*h) > 0 {
		h.sift(last)
	}
}

// sift places e, starting at the root, whose own entry is overwritten.
func (h heap) sift(e entry) {
	i := 0
	for {
		down := 2*i + 1
		if down >= len(h) {
			break
		}
		if down+1 < len(h) && h[down+1].before(h[down]) {
			down++
		}
		if !h[down].before(e) {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = e
}
