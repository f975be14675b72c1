package decompress

// lzmaDict is the history that LZMA refers to: a ring that grows with what is
// written into it, up to the size claimed or allowed, and is used again for the
// next block.
type lzmaDict struct {
	limit   int // most bytes ever
	size    int // bytes wanted by the block at hand, within limit
	short   bool
	buf     []byte
	pos     int    // where the next byte goes
	full    int    // bytes before pos that may be referred to
	written uint64 // bytes since the last reset: what positions are counted from
}

// firstDict is what a dictionary begins with.
const firstDict = 64 << 10

// claim begins a block that wants so many bytes of history.
func (d *lzmaDict) claim(size uint64) {
	d.short = size > uint64(d.limit)
	d.size = max(int(min(size, uint64(d.limit))), 4<<10)
	if len(d.buf) > d.size {
		d.buf = d.buf[:d.size]
	}
	d.reset()
}

// reset forgets what was written, so that the ring begins anew.
func (d *lzmaDict) reset() { d.pos, d.full, d.written = 0, 0, 0 }

// room makes place for up to n bytes, and at least one, in one piece behind pos
// and returns its end.
func (d *lzmaDict) room(n int) int {
	if d.pos == len(d.buf) {
		d.grow()
	}
	return min(d.pos+n, len(d.buf))
}

// grow makes the ring longer, or goes on at its start where it is as long as it
// may be. Both need pos at its end, where the ring holds bytes in their order.
func (d *lzmaDict) grow() {
	if len(d.buf) >= d.size {
		d.pos = 0
		return
	}
	longer := min(max(2*len(d.buf), firstDict), d.size)
	if longer <= cap(d.buf) {
		d.buf = d.buf[:longer]
		return
	}
	buf := make([]byte, longer)
	copy(buf, d.buf)
	d.buf = buf
}

// advance takes n bytes at pos as written.
func (d *lzmaDict) advance(n int) {
	d.pos += n
	d.written += uint64(n)
	d.full = min(d.full+n, len(d.buf))
}

// back returns the byte that was written dist bytes before the next one.
func (d *lzmaDict) back(dist int) byte {
	i := d.pos - dist
	if i < 0 {
		i += len(d.buf)
	}
	return d.buf[i]
}
