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
	if n > cap(g.copied) {
		g.copied = make([]byte, 0, n) // slices.Grow would touch all of it
	}
}

// swap takes over memory that has kept bytes in it, and returns other for the page
// to come, with room for n bytes at least where it is new.
func (g *segments) swap(buffer []byte, n int) []byte {
	g.lent = append(g.lent, buffer)
	last := len(g.free) - 1
	if last < 0 {
		return make([]byte, 0, n)
	}
	next := g.free[last]
	g.free = g.free[:last]
	return next[:0]
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
