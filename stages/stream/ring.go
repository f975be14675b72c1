package stream

import (
	"math"
	"math/bits"
)

// none is the place of no byte.
const none = math.MaxInt64

// ring finds the page of a place. All places in it lie within Config.Buffer bytes,
// so that no two pages share a slot.
type ring struct {
	pages []*page
	used  []uint64 // bit per slot with a page
	count int32    // of pages
	next  *ring    // in the list of free ones
}

func (r *ring) slot(place int64) int { return int(place / pageBytes % int64(len(r.pages))) }

// missing counts the pages that n bytes from a place on still need.
func (r *ring) missing(at, n int64) (pages int64) {
	for page := at / pageBytes; page <= (at+n-1)/pageBytes; page++ {
		if r == nil || r.pages[r.slot(page*pageBytes)] == nil {
			pages++
		}
	}
	return pages
}

// page returns the page of a place, taken from the pool if there was none.
func (r *ring) page(p *Pool, at int64) *page {
	s := r.slot(at)
	if r.pages[s] == nil {
		r.pages[s] = p.getPage()
		r.used[s/64] |= 1 << (s % 64)
		r.count++
	}
	return r.pages[s]
}

// free gives a slot's page back.
func (r *ring) free(p *Pool, s int) {
	p.putPage(r.pages[s])
	r.pages[s] = nil
	r.used[s/64] &^= 1 << (s % 64)
	r.count--
}

// from returns the lowest place held at or behind one, none if there is none. None
// may be held before.
func (r *ring) from(p *Pool, at int64) int64 {
	s := r.slot(at)
	p.steps++
	if pg := r.pages[s]; pg != nil {
		if i := pg.from(int(at % pageBytes)); i < pageBytes {
			return at - at%pageBytes + int64(i)
		}
	}
	n := r.ahead(p, s)
	if n == 0 {
		return none
	}
	base := (at/pageBytes + int64(n)) * pageBytes
	return base + int64(r.pages[r.slot(base)].from(0))
}

// ahead returns how many slots behind s the next one with a page is, 0 if there is none.
func (r *ring) ahead(p *Pool, s int) int {
	if next := r.nextUsed(p, s+1, len(r.pages)); next >= 0 {
		return next - s
	}
	if next := r.nextUsed(p, 0, s); next >= 0 {
		return next + len(r.pages) - s
	}
	return 0
}

// nextUsed returns the first slot in [s, end) with a page, -1 if there is none.
func (r *ring) nextUsed(p *Pool, s, end int) int {
	for s < end {
		p.steps++
		if word := r.used[s/64] >> (s % 64); word != 0 {
			if s += bits.TrailingZeros64(word); s < end {
				return s
			}
			return -1
		}
		s += 64 - s%64
	}
	return -1
}
