package stages

import (
	"slices"

	"pcapmill/features/flow"
	"pcapmill/features/prefetch"
	"pcapmill/stages/stream"
)

// arenaRows is the largest number of Rows allocated together. A slab has firstRows, or
// a quarter of what there is, but none more than a slabShare-th of what a shard may
// hold. Rows hold no pointers, so the garbage collector does not look into them.
const (
	arenaRows = 8192
	firstRows = 1024
	leastRows = 512
	slabShare = 16
)

// arena holds the Rows of a shard's open and ended-but-unsent flows under small
// numbers, which stay valid until free.
type arena struct {
	rows   [][]flow.Row   // slabs; only the numbers of the Rows that there are, are in use
	extras [][]flow.Extra // parallel to rows; nil where not needed
	heard  [][]heard      // parallel to rows; nil where there are no records
	apps   [][]*flow.App  // parallel to rows, of flows that have ended; nil where there are no records
	meta   [][]rowMeta    // parallel to rows
	unused []uint32
	used   []int      // per slab, Rows that are not unused
	vacant []int      // slabs without Rows: given up by shrink
	slab   int        // Rows of the next slab
	most   int        // Rows of the largest
	total  int        // Rows of all slabs that are there
	first  int        // packets per Extra; 0: no Extras
	hears  bool       // there are records
	said   *flow.Apps // takes back what flows have said; nil where there are no records
}

// rowMeta is what the flow table knows of a Row besides its content.
type rowMeta struct {
	hash      uint32 // bucket hash
	life      uint32 // counts the flows that the Row has held
	due       int64  // where it is filed: tick of the wheel, or instant once memory is short
	open      bool   // in the hash table
	partition uint8
}

// heard is what the recorder knows of a Row's flow without a conversation.
type heard struct {
	talk    uint32         // number of its conversation, from 1; 0: none
	opening stream.Opening // of a TCP connection without data so far
	app     uint8          // protocol of the flow's payloads: appUntried, …
	mute    bool           // both streams are over
	ended   bool           // by FIN or RST: another connection may begin
}

// filedAt reports whether the Row holds a flow that is filed under a tick.
func (m *rowMeta) filedAt(tick uint32) bool { return m.open && uint32(m.due) == tick }

// newArena returns an arena for one of so many shards, which together have at most
// maxFlows open; 0: any number.
func newArena(maxFlows int64, shards, first int) arena {
	a := arena{most: arenaRows, first: first}
	for maxFlows > 0 && a.most > leastRows && int64(a.most*slabShare*shards) > maxFlows {
		a.most /= 2
	}
	a.slab = min(firstRows, a.most)
	return a
}

// alloc returns the number of an unused Row with undefined content.
func (a *arena) alloc() uint32 {
	if len(a.unused) == 0 {
		a.grow()
	}
	id := a.unused[len(a.unused)-1]
	a.unused = a.unused[:len(a.unused)-1]
	a.used[id/arenaRows]++
	if n := len(a.unused); n > 0 {
		prefetch.Write(a.row(a.unused[n-1]))
		prefetch.Write(a.metaOf(a.unused[n-1]))
	}
	return id
}

// free takes back Rows that alloc returned.
func (a *arena) free(ids []uint32) {
	for _, id := range ids {
		a.used[id/arenaRows]--
	}
	a.unused = append(a.unused, ids...)
}

func (a *arena) grow() {
	at := len(a.rows)
	if last := len(a.vacant) - 1; last >= 0 {
		at, a.vacant = a.vacant[last], a.vacant[:last]
	} else {
		a.rows, a.used = append(a.rows, nil), append(a.used, 0)
		a.meta = append(a.meta, make([]rowMeta, a.slab))
		a.extras = append(a.extras, nil)
		a.heard, a.apps = append(a.heard, nil), append(a.apps, nil)
	}
	n := len(a.meta[at])
	a.rows[at] = make([]flow.Row, n)
	if a.first > 0 {
		a.extras[at] = flow.NewExtras(n, a.first)
	}
	if a.hears {
		a.heard[at], a.apps[at] = make([]heard, n), make([]*flow.App, n)
	}
	for i := range n {
		a.unused = append(a.unused, uint32(at*arenaRows+n-1-i))
	}
	a.total += n
	a.slab = min(max(a.slab, a.total/4), a.most)
}

// shrink gives up slabs that hold nothing where many Rows are unused: the flows may
// have gone to another shard's partitions. What is known of their Rows stays, as lists
// of flows that have ended go on naming them.
func (a *arena) shrink() {
	if len(a.unused) <= a.total/4 || len(a.unused) <= 2*a.slab {
		return
	}
	before := len(a.vacant)
	for at := range a.rows {
		if a.rows[at] != nil && a.used[at] == 0 {
			a.total -= len(a.rows[at])
			a.rows[at], a.extras[at], a.heard[at], a.apps[at] = nil, nil, nil, nil
			a.vacant = append(a.vacant, at)
		}
	}
	if len(a.vacant) == before {
		return
	}
	a.unused = slices.DeleteFunc(a.unused, func(id uint32) bool { return a.rows[id/arenaRows] == nil })
}

func (a *arena) row(id uint32) *flow.Row     { return &a.rows[id/arenaRows][id%arenaRows] }
func (a *arena) extra(id uint32) *flow.Extra { return &a.extras[id/arenaRows][id%arenaRows] }
func (a *arena) heardOf(id uint32) *heard    { return &a.heard[id/arenaRows][id%arenaRows] }
func (a *arena) app(id uint32) **flow.App    { return &a.apps[id/arenaRows][id%arenaRows] }
func (a *arena) metaOf(id uint32) *rowMeta   { return &a.meta[id/arenaRows][id%arenaRows] }
