package stages

import (
	"math/rand/v2"

	"pcapmill/ingest/packet"
)

// nameTable finds what was told last of a client and an address: the place of their
// latest name in the ring. It knows hashes and places alone: a flow of which nothing was
// told, as most are, is known by its hash, without a look into the ring.
type nameTable struct {
	key [2]uint64 // against chosen addresses: see keyHasher
	hashTable
}

func newNameTable() nameTable {
	return nameTable{key: [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1}, hashTable: newHashTable(1 << 8)}
}

// hash returns the hash of what a name is looked up by.
func (t *nameTable) hash(epoch int32, client, addr *packet.Addr) uint32 {
	c0, c1, a0, a1 := words(client, addr)
	h := fold(c1^t.key[0], a1^uint64(uint32(epoch))<<1)
	h = fold(h^c0, t.key[1]^a0)
	return uint32(h) ^ uint32(h>>32)
}
