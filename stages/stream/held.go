package stream

import "bytes"

// put holds data from a place on. Where bytes are held already, it compares, and
// last says whose stay. It returns how many were alike and how many not.
func (r *ring) put(p *Pool, at int64, data []byte, last bool) (same, differ int64) {
	for len(data) > 0 {
		pg, i := r.page(p, at), int(at%pageBytes)
		end, held := pg.run(i, min(pageBytes, i+len(data)))
		n := end - i
		p.steps += int64(n)
		if held {
			d := differing(pg.data[i:end], data[:n])
			same, differ = same+int64(n)-d, differ+d
		}
		if !held || last {
			copy(pg.data[i:end], data)
			p.steps += pg.mark(i, end, true)
		}
		at, data = at+int64(n), data[n:]
	}
	return same, differ
}

// compare is put without holding anything.
func (r *ring) compare(p *Pool, at int64, data []byte) (same, differ int64) {
	for len(data) > 0 {
		i := int(at % pageBytes)
		end, pg := min(pageBytes, i+len(data)), r.pages[r.slot(at)]
		held := false
		if pg != nil {
			end, held = pg.run(i, end)
		}
		n := end - i
		p.steps += int64(n)
		if held {
			d := differing(pg.data[i:end], data[:n])
			same, differ = same+int64(n)-d, differ+d
		}
		at, data = at+int64(n), data[n:]
	}
	return same, differ
}

// drop forgets what is held in [at, end) and gives pages without bytes back.
func (r *ring) drop(p *Pool, at, end int64) {
	for at < end {
		s, i := r.slot(at), int(at%pageBytes)
		n := min(pageBytes-i, int(end-at))
		p.steps++
		if pg := r.pages[s]; pg != nil {
			p.steps += pg.mark(i, i+n, false)
			if pg.some == 0 {
				r.free(p, s)
			}
		}
		at += int64(n)
	}
}

// dropAll forgets everything.
func (r *ring) dropAll(p *Pool) {
	for s := r.nextUsed(p, 0, len(r.pages)); s >= 0; s = r.nextUsed(p, s+1, len(r.pages)) {
		pg := r.pages[s]
		pg.have, pg.some = [pageWords]uint64{}, 0
		r.free(p, s)
	}
}

func differing(a, b []byte) (n int64) {
	if bytes.Equal(a, b) {
		return 0
	}
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}
