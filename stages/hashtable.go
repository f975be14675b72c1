package stages

// hashTable finds numbers by hashes, by open addressing with linear probing.
type hashTable struct {
	slots []bucket // length is a power of two
	used  int
}

// bucket holds one number, as id, plus one: 0 means empty.
type bucket struct{ hash, id uint32 }

func newHashTable(slots int) hashTable { return hashTable{slots: make([]bucket, slots)} }

// insert adds what is not in the table.
func (t *hashTable) insert(b bucket) {
	if t.used*4 >= len(t.slots)*3 {
		t.grow()
	}
	t.place(b)
	t.used++
}

func (t *hashTable) place(b bucket) {
	mask := uint32(len(t.slots) - 1)
	i := b.hash & mask
	for t.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = b
}

func (t *hashTable) grow() {
	old := t.slots
	t.slots = make([]bucket, 2*len(old))
	for _, b := range old {
		if b.id != 0 {
			t.place(b)
		}
	}
}

// remove takes out what is there exactly so, if it is, moving later ones of its probe
// sequence up.
func (t *hashTable) remove(b bucket) {
	mask := uint32(len(t.slots) - 1)
	i := b.hash & mask
	for t.slots[i] != b {
		if t.slots[i].id == 0 {
			return
		}
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; t.slots[j].id != 0; j = (j + 1) & mask {
		if (j-t.slots[j].hash)&mask >= (j-i)&mask { // its sequence passes the hole
			t.slots[i] = t.slots[j]
			i = j
		}
	}
	t.slots[i] = bucket{}
	t.used--
}
