package packet

import (
	"cmp"
	"slices"
)

// Origin is where a packet was read.
type Origin struct {
	Ordinal int64 // run-wide number
	Input   int   // number of the input, from 0
	Index   int64 // number within the input, from 1
	Outlier bool  // the packet clock does not follow its time
}

// Origin returns where the packet of one of the Block's Views was read.
func (b *Block) Origin(ordinal int64) Origin {
	if len(b.Origins) > 0 && (b.Places != nil || ordinal < b.FirstOrdinal) {
		i, ok := slices.BinarySearchFunc(b.Origins, ordinal, func(o Origin, n int64) int { return cmp.Compare(o.Ordinal, n) })
		if ok {
			return b.Origins[i]
		}
	}
	if i, ok := b.index(ordinal); ok && b.Places != nil {
		return b.Places[i]
	}
	return Origin{Ordinal: ordinal, Input: b.Input, Index: b.FirstIndex + ordinal - b.FirstOrdinal}
}

// PlaceOf returns where Records[i] was read.
func (b *Block) PlaceOf(i int) Origin {
	if b.Places != nil {
		return b.Places[i]
	}
	return Origin{Ordinal: b.FirstOrdinal + int64(i), Input: b.Input, Index: b.FirstIndex + int64(i)}
}

// SetPlaces gives every Record a place of its own, so that Records can be moved,
// come from several inputs or be outliers.
func (b *Block) SetPlaces() {
	if b.Places != nil {
		return
	}
	places := b.places[:0]
	for i := range b.Records {
		places = append(places, b.PlaceOf(i))
	}
	if places == nil {
		places = []Origin{}
	}
	b.Places, b.places = places, nil
}

// index returns the number of the Record of a packet. Records that have been moved
// are not far from where they were, so the search goes to both sides from there.
func (b *Block) index(ordinal int64) (int, bool) {
	if b.Places == nil {
		i := ordinal - b.FirstOrdinal
		return int(i), i >= 0 && i < int64(len(b.Records))
	}
	if len(b.Places) == 0 {
		return 0, false
	}
	at := int(min(max(ordinal-b.Places[0].Ordinal, 0), int64(len(b.Places)-1)))
	for d := 0; at-d >= 0 || at+d < len(b.Places); d++ {
		if i := at + d; i < len(b.Places) && b.Places[i].Ordinal == ordinal {
			return i, true
		}
		if i := at - d; i >= 0 && b.Places[i].Ordinal == ordinal {
			return i, true
		}
	}
	return 0, false
}
