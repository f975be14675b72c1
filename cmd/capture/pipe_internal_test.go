package capture

import "testing"

// TestPoolForgets: buffers have memory once they are needed, those that a slow disk needed lose it
// when they have waited, and those that go round keep theirs.
func TestPoolForgets(t *testing.T) {
	const buffers, size = 6, 100
	p := newPool(buffers, size)
	memory := func() (n int) {
		for _, buf := range p.stack {
			if buf != nil {
				n++
			}
		}
		return n
	}
	use := func(n int) {
		var taken [][]byte
		for range n {
			<-p.there
			buf := p.take()
			if len(buf) != 0 || cap(buf) < size {
				t.Fatalf("a buffer of %d bytes with room for %d", len(buf), cap(buf))
			}
			taken = append(taken, append(buf, "used"...))
		}
		for _, buf := range taken {
			p.put(buf)
		}
	}
	for step, c := range []struct{ used, before, after int }{{0, 0, 0}, {2, 2, 2}, {5, 5, 5}, {2, 5, 2}, {0, 2, 0}, {6, 6, 6}, {1, 6, 1}} {
		use(c.used)
		if got := memory(); got != c.before {
			t.Errorf("step %d: %d buffers have memory, want %d", step, got, c.before)
		}
		p.forget()
		if got := memory(); got != c.after {
			t.Errorf("step %d: %d buffers have memory afterwards, want %d", step, got, c.after)
		}
	}
}
