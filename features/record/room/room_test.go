package room_test

import (
	"bytes"
	"testing"

	"pcapmill/features/record/room"
)

// TestGrow: what is in a room stays there; its capacity is at most twice that, and the
// same whether it was used before or not.
func TestGrow(t *testing.T) {
	var used room.Pool
	for range 3 {
		var fresh room.Pool
		var got, want, plain []byte
		for n := 1; len(plain) < 300<<10; n += 97 {
			piece := bytes.Repeat([]byte{byte(n)}, n)
			plain = append(plain, piece...)
			got, want = append(used.Grow(got, n), piece...), append(fresh.Grow(want, n), piece...)
			if !bytes.Equal(got, plain) || !bytes.Equal(want, plain) {
				t.Fatalf("other bytes behind %d", len(plain))
			}
			if cap(got) > max(room.Least, 2*len(got)) {
				t.Fatalf("a room of %d bytes for %d", cap(got), len(got))
			}
			if cap(got) != cap(want) {
				t.Fatalf("a room of %d bytes for %d, else %d", cap(got), len(plain), cap(want))
			}
		}
		used.Give(got)
	}
}

// TestKept: a pool keeps little of what comes back at once.
func TestKept(t *testing.T) {
	var p room.Pool
	for size := room.Least; size <= 64<<10; size *= 2 {
		given := map[*byte]bool{}
		for range 20 {
			b := make([]byte, 0, size)
			given[&b[:1][0]] = true
			p.Give(b)
		}
		kept := 0
		for b := p.Grow(nil, size); given[&b[:1][0]]; b = p.Grow(nil, size) {
			kept++
		}
		if want := min(8, 64<<10/size); kept != want {
			t.Errorf("%d rooms of %d bytes are kept, want %d", kept, size, want)
		}
	}
}

// TestGive: a room comes again, and what is none does not.
func TestGive(t *testing.T) {
	var p room.Pool
	p.Give(nil)
	p.Give(make([]byte, 0, 3000))
	first := append(p.Grow(nil, 7), "message"...)
	p.Give(first)
	if string(first) != "message" {
		t.Errorf("%q", first)
	}
	if n := testing.AllocsPerRun(10, func() { p.Give(p.Grow(nil, room.Least)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if b := p.Grow(nil, 1); len(b) != 0 || cap(b) != room.Least || &b[:1][0] != &first[0] {
		t.Errorf("%d of %d bytes", len(b), cap(b))
	}
}
