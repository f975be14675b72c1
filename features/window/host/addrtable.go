package host

import (
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// HashKey keys the tables' hashes against flooding with chosen addresses. No result
// depends on it.
type HashKey [2]uint64

// places is a hash table of small numbers with linear probing, whose keys lie elsewhere.
// 0 is no number.
type places struct {
	slots []place // a power of two, at most half of them in use
	used  int
}

type place struct{ hash, number uint32 }

const fewPlaces = 1 << 5

// at returns the first slot to look at for a hash.
func (t *places) at(hash uint32) uint32 {
	if len(t.slots) == 0 {
		t.grow()
	}
	return hash & uint32(len(t.slots)-1)
}

// place returns that slot.
func (t *places) place(hash uint32) *place { return &t.slots[t.at(hash)] }

// next returns the slot behind.
func (t *places) next(slot uint32) uint32 { return (slot + 1) & uint32(len(t.slots)-1) }

// insert adds a number that is not there.
func (t *places) insert(hash, number uint32) {
	if 2*(t.used+1) > len(t.slots) {
		t.grow()
	}
	t.put(place{hash, number})
	t.used++
}

func (t *places) put(p place) {
	slot := t.at(p.hash)
	for t.slots[slot].number != 0 {
		slot = t.next(slot)
	}
	t.slots[slot] = p
}

func (t *places) grow() {
	old := t.slots
	t.slots = make([]place, max(fewPlaces, 2*len(old)))
	for _, p := range old {
		if p.number != 0 {
			t.put(p)
		}
	}
}

// clear empties the table, and gives up memory that was not needed.
func (t *places) clear() {
	if n := len(t.slots); n > 16*max(t.used, fewPlaces) {
		t.slots = make([]place, n/4)
	} else {
		clear(t.slots)
	}
	t.used = 0
}

// hashAddr hashes an address.
func (k *HashKey) hashAddr(a *packet.Addr, version uint8) uint64 {
	high, low := binary.LittleEndian.Uint64(a[:]), binary.LittleEndian.Uint64(a[8:])
	return packet.Fold(packet.Fold(high^k[0], low^k[1])^uint64(version), k[0])
}
