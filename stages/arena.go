package stages

import "pcapmill/features/flow"

// arenaRows is the number of Rows allocated together. Rows hold no pointers, so
// the garbage collector does not look into them.
const arenaRows = 8192

// arena holds the Rows of a shard's open and ended-but-unsent flows under small
// numbers, which stay valid until free.
type arena struct {
	rows   [][]flow.Row
	extras [][]flow.Extra // parallel to rows; empty where not needed
	meta   [][]rowMeta    // parallel to rows
	unused []uint32
	first  int // packets per Extra; 0: no Extras
}

// rowMeta is what the flow table knows of a Row besides its content.
type rowMeta struct {
	hash      uint32 // bucket hash
	life      uint32 // counts the flows that the Row has held
	due       int64  // wheel tick under which it is filed
	open      bool   // in the hash table
	partition uint8
}

// alloc returns the number of an unused Row with undefined content.
func (a *arena) alloc() uint32 {
	if len(a.unused) == 0 {
		a.grow()
	}
	id := a.unused[len(a.unused)-1]
	a.unused = a.unused[:len(a.unused)-1]
	if n := len(a.unused); n > 0 {
		expect(a.row(a.unused[n-1]))
	}
	return id
}

func (a *arena) grow() {
	base := uint32(len(a.rows) * arenaRows)
	rows := make([]flow.Row, arenaRows)
	hugePages(rows)
	a.rows = append(a.rows, rows)
	a.meta = append(a.meta, make([]rowMeta, arenaRows))
	if a.first > 0 {
		a.extras = append(a.extras, flow.NewExtras(arenaRows, a.first))
	}
	for i := range uint32(arenaRows) {
		a.unused = append(a.unused, base+arenaRows-1-i)
	}
}

func (a *arena) row(id uint32) *flow.Row     { return &a.rows[id/arenaRows][id%arenaRows] }
func (a *arena) extra(id uint32) *flow.Extra { return &a.extras[id/arenaRows][id%arenaRows] }
func (a *arena) metaOf(id uint32) *rowMeta   { return &a.meta[id/arenaRows][id%arenaRows] }
