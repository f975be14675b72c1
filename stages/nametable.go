package stages

import (
	"math/rand/v2"

	"pcapmill/ingest/packet"
)

// nameTable finds what was told last of a client and an address, by open addressing with
// linear probing. It knows hashes and places in the ring of names alone: a flow of which
// nothing was told, as most are, is known by its hash, without a look into the ring.
type nameTable struct {
	key   [2]uint64  // against chosen addresses: see keyHasher
	slots []nameSlot // length is a power of two
	used  int
}

// nameSlot holds one client and address; at is the place of their latest name plus one, 0
// means empty.
type nameSlot struct{ hash, at uint32 }

func newNameTable() nameTable {
	return nameTable{key: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}, slots: make([]nameSlot, 1<<8)}
}

// hash returns the hash of what a name is looked up by.
func (t *nameTable) hash(epoch int32, client, addr *packet.Addr) uint32 {
	c0, c1, a0, a1 := words(client, addr)
	h := fold(c1^t.key[0], a1^uint64(uint32(epoch))<<1)
	h = fold(h^c0, t.key[1]^a0)
	return uint32(h) ^ uint32(h>>32)
}

// insert adds a client and address that are not there.
func (t *nameTable) insert(s nameSlot) {
	if t.used*4 >= len(t.slots)*3 {
		old := t.slots
		t.slots = make([]nameSlot, 2*len(old))
		for _, s := range old {
			if s.at > 0 {
				t.place(s)
			}
		}
	}
	t.place(s)
	t.used++
}

func (t *nameTable) place(s nameSlot) {
	mask := uint32(len(t.slots) - 1)
	i := s.hash & mask
	for t.slots[i].at > 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// remove takes out what is there exactly so, if it is, moving later ones of its probe
// sequence up.
func (t *nameTable) remove(s nameSlot) {
	mask := uint32(len(t.slots) - 1)
	hole := s.hash & mask
	for t.slots[hole] != s {
		if t.slots[hole].at == 0 {
			return
		}
		hole = (hole + 1) & mask
	}
	t.used--
	for i := hole; ; {
		i = (i + 1) & mask
		later := t.slots[i]
		if later.at == 0 {
			break
		}
		if (i-later.hash)&mask >= (i-hole)&mask { // its sequence passes the hole
			t.slots[hole], hole = later, i
		}
	}
	t.slots[hole] = nameSlot{}
}
