package stream

// Pool owns the memory in which Streams hold data behind holes, and their
// Config. It never has more than Config.Total bytes. One goroutine uses it at a
// time; for results that do not depend on the number of workers, each partition
// of flows has its own.
type Pool struct {
	cfg       Config
	left      int64 // pages that may still be taken
	flowPages int32 // of one Stream
	pages     *page `snapshot:"-"` // free
	rings     *ring `snapshot:"-"` // free
	steps     int64 // words, pages and bytes looked at, for tests of linear work
}

// The memory of a page and of a ring without its slots.
const (
	pageSize = pageBytes + pageBytes/8 + 16
	ringSize = 64
)

// NewPool returns a Pool that allocates as needed. The Config must be valid.
func NewPool(cfg Config) *Pool {
	p := &Pool{cfg: cfg, flowPages: int32(min((cfg.Buffer+pageBytes-1)/pageBytes, 1<<30))}
	p.left = cfg.Total / p.each()
	return p
}

// each is the memory of a page with a ring, since no ring is without a page.
func (p *Pool) each() int64 {
	n := p.ringLen()
	return pageSize + ringSize + 8*(n+(n+63)/64)
}

// ringLen is how many pages Buffer bytes touch wherever they begin.
func (p *Pool) ringLen() int64 { return p.cfg.Buffer/pageBytes + 2 }

func (p *Pool) getPage() *page {
	p.left--
	pg := p.pages
	if pg == nil {
		return new(page)
	}
	p.pages, pg.next = pg.next, nil
	return pg
}

// putPage takes back a page that has no byte marked.
func (p *Pool) putPage(pg *page) {
	p.left++
	pg.next, p.pages = p.pages, pg
}

func (p *Pool) getRing() *ring {
	r := p.rings
	if r == nil {
		n := p.ringLen()
		return &ring{pages: make([]*page, n), used: make([]uint64, (n+63)/64)}
	}
	p.rings, r.next = r.next, nil
	return r
}

// Trim gives up the memory that no Stream uses.
func (p *Pool) Trim() { p.pages, p.rings = nil, nil }

// putRing takes back a ring without pages.
func (p *Pool) putRing(r *ring) { r.next, p.rings = p.rings, r }
