package record

import (
	"encoding/binary"
	"math/bits"
)

// What puts values into the slots of the open row: see layout. at is the slot's place in
// the bytes. Each returns what the value comes to.

func (r *Rows) putSmall(at int, v int32) int {
	binary.LittleEndian.PutUint32(r.bytes[at:], uint32(v))
	return numberCost(int64(v))
}

func (r *Rows) putLong(at int, v int64) int {
	binary.LittleEndian.PutUint64(r.bytes[at:], uint64(v))
	return numberCost(v)
}

// putText ends a text, given what the bytes have grown to with it.
func (r *Rows) putText(at int, grown []byte) int {
	n := len(grown) - len(r.bytes)
	r.bytes = grown
	r.putEnd(at)
	return textCost(n)
}

// putNothing is for a text that is not there.
func (r *Rows) putNothing(at int) int {
	r.putEnd(at)
	return nothingCost
}

func (r *Rows) putEnd(at int) {
	binary.LittleEndian.PutUint32(r.bytes[at:], uint32(len(r.bytes)-r.row))
}

// putList ends a list, to which elements may have been added.
func (r *Rows) putList(at int) int {
	cost := nothingCost + r.cost
	r.cost = 0
	r.putEnd(at)
	return cost
}

func (r *Rows) addSmall(v int32) {
	r.bytes = binary.LittleEndian.AppendUint32(r.bytes, uint32(v))
	r.cost += numberCost(int64(v))
}

func (r *Rows) addLong(v int64) {
	r.bytes = binary.LittleEndian.AppendUint64(r.bytes, uint64(v))
	r.cost += numberCost(v)
}

func (r *Rows) addText(t []byte) {
	at := len(r.bytes)
	r.bytes = append(r.bytes, 0, 0, 0, 0)
	if r.print != nil {
		r.bytes = r.print(r.bytes, t)
	} else {
		r.bytes = append(r.bytes, t...)
	}
	n := len(r.bytes) - at - 4
	binary.LittleEndian.PutUint32(r.bytes[at:], uint32(n))
	r.cost += textCost(n)
}

// putNone is put of columns without values.
func (r *Rows) putNone(slots []slot) int {
	for _, s := range slots {
		if s.ends {
			r.putEnd(r.row + s.at)
		}
	}
	return nothingCost * len(slots)
}

// adders add an element to the open list. They are made once: made for each list, they
// would be an allocation.
type adders struct {
	small func(int32)
	long  func(int64)
	text  func([]byte)
}

func (r *Rows) adders() *adders {
	if r.add.small == nil {
		r.add = adders{r.addSmall, r.addLong, r.addText}
	}
	return &r.add
}

// What values come to: a byte that says that there is one, a number as a varint, a text
// with its length. A list has a byte more, and nothing is one byte.
const nothingCost = 1

func numberCost(v int64) int {
	if -64 <= v && v < 64 {
		return 2
	}
	return 1 + varintBytes(uint64(v<<1)^uint64(v>>63))
}

func textCost(n int) int {
	if n < 0x80 {
		return 2 + n
	}
	return 1 + varintBytes(uint64(n)) + n
}

// varintBytes returns the length of a varint that is not 0.
func varintBytes(v uint64) int { return (bits.Len64(v) + 6) / 7 }
