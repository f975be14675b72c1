package parquetfile

// segments are the bytes of a column's pages in the open row group. Values that
// are stored as they are stay in the memory they were encoded in; what lies around
// them, and pages that were compressed, are copied.
type segments struct {
	parts  [][]byte
	size   int
	copied []byte   // memory of what is copied
	from   int      // in copied, what is no part yet
	lent   [][]byte // memory of the values that stay
	free   [][]byte // the same of row groups before
}

// minKept is the length below which values are copied all the same: handing their
// memory over saves less than another part costs.
const minKept = 4 << 10

// copy adds bytes that the caller goes on using.
func (g *segments) copy(p []byte) {
	g.copied = append(g.copied, p...)
	g.size += len(p)
}

// keep adds bytes that nobody changes before reset.
func (g *segments) keep(p []byte) {
	g.close()
	g.parts = append(g.parts, p)
	g.size += len(p)
}

// close makes what was copied a part.
func (g *segments) close() {
	if n := len(g.copied); n > g.from {
		g.parts = append(g.parts, g.copied[g.from:n:n])
		g.from = n
	}
}

// presize makes room for n copied bytes: growing by doubling copies each twice.
func (g *segments) presize(n int) {
	if n-n/8 > cap(g.copied) {
		g.copied = make([]byte, 0, n) // slices.Grow would touch all of it
	}
}

// lend takes over memory that has kept bytes in it.
func (g *segments) lend(buffer []byte) { g.lent = append(g.lent, buffer) }

// take returns memory for a page to come, with room for n bytes at least where it is
// new: that of a row group before, if there is some.
func (g *segments) take(n int) []byte {
	last := len(g.free) - 1
	if last < 0 {
		return make([]byte, 0, n)
	}
	next := g.free[last]
	g.free = g.free[:last]
	return next[:0]
}

// alike is room for a page like one of n bytes. What it does not use lies between
// what others do, so that it is touched with them.
func alike(n int) int { return n + n/16 }

// foresee makes room for the rest of a page, given what the first of its rows came to,
// where it is short of room for the next eighth: memory that grows by and by is touched
// five times over.
func foresee[T any](v []T, rows, of int) []T {
	step := of / 8
	if rows < max(step, 1) { // too few to tell
		return v
	}
	if next := len(v) * min(step, of-rows) / rows; cap(v)-len(v) >= next {
		return v
	}
	return append(make([]T, 0, alike(len(v)*of/rows)), v...)
}

// reset starts the next row group.
func (g *segments) reset() {
	g.free = append(g.free, g.lent...)
	clear(g.parts)
	clear(g.lent)
	g.parts, g.lent, g.copied = g.parts[:0], g.lent[:0], g.copied[:0]
	g.size, g.from = 0, 0
}

// part is a stretch of a stored page. If it lasts, it lies in the memory of the
// values that were encoded, else in the compressor's.
type part struct {
	data  []byte
	lasts bool
}

func total(parts []part) int {
	n := 0
	for _, p := range parts {
		n += len(p.data)
	}
	return n
}

// stays reports whether a part is not copied.
func stays(p part) bool { return p.lasts && len(p.data) >= minKept }
