package stream

// Steps returns the work done: words, pages and bytes looked at, and deliveries.
func (p *Pool) Steps() int64 { return p.steps }

// Left returns the pages that may still be taken.
func (p *Pool) Left() int64 { return p.left }

// PageMemory is the memory counted for a page.
func (p *Pool) PageMemory() int64 { return p.each() }

// PageBytes is the data in a page.
const PageBytes = pageBytes
