package packet

import (
	"cmp"
	"slices"
)

// Origin says which packet of which input a Record is, where its place in the
// Block does not.
type Origin struct {
	Ordinal int64 // run-wide number in reading order, from 0
	Index   int64 // number within its input, from 1
	Input   int32 // number of the input, from 0
	Outlier bool  // the packet clock does not follow its time

	Face *Interface // of a guest: where it was captured; nil where the capture does not say
}

// OriginOf returns what is known of the origin of Records[i].
func (b *Block) OriginOf(i int) Origin {
	if b.Origins != nil {
		return b.Origins[i]
	}
	return Origin{Ordinal: b.FirstOrdinal + int64(i), Index: b.FirstIndex + int64(i), Input: int32(b.Input)}
}

// OriginOfView returns the origin of the packet that a View of the Block is of.
func (b *Block) OriginOfView(v *View) Origin {
	if o, ok := b.guest(v); ok {
		return o
	}
	if b.Origins == nil {
		return Origin{Ordinal: v.Ordinal, Index: b.FirstIndex + v.Ordinal - b.FirstOrdinal, Input: int32(b.Input)}
	}
	return b.Origins[b.find(v)]
}

// guest returns the origin of a View whose packet lies in an earlier Block.
func (b *Block) guest(v *View) (Origin, bool) {
	if len(b.Guests) == 0 {
		return Origin{}, false
	}
	i, ok := slices.BinarySearchFunc(b.Guests, v.Ordinal, func(o Origin, n int64) int { return cmp.Compare(o.Ordinal, n) })
	if !ok {
		return Origin{}, false
	}
	return b.Guests[i], true
}

// Invite returns the origin of a View that will be a guest of a later Block.
func (b *Block) Invite(v *View) Origin {
	o := b.OriginOfView(v)
	o.Face = b.FaceOf(v)
	return o
}

// RecordOf returns the number of the Record that v, or the layer around it, was decoded
// from; -1 where its packet lies in an earlier Block.
func (b *Block) RecordOf(v *View) int {
	if _, ok := b.guest(v); ok {
		return -1
	}
	i := int(v.Ordinal - b.FirstOrdinal)
	if b.Origins != nil {
		i = b.find(v)
	}
	if i < 0 || i >= len(b.Records) {
		return -1
	}
	return i
}

// FaceOf returns the interface that the packet of v was captured on; nil where the
// capture does not say.
func (b *Block) FaceOf(v *View) *Interface {
	if o, ok := b.guest(v); ok {
		return o.Face
	}
	i := b.RecordOf(v)
	if i < 0 {
		return nil
	}
	return b.Face(i)
}

// Face returns the interface of Records[i]; nil where the capture does not say.
func (b *Block) Face(i int) *Interface {
	if at := b.Records[i].Interface; int(at) < len(b.Interfaces) {
		return &b.Interfaces[at]
	}
	return nil
}

// find returns the number of the Record that v was decoded from. Records lie in
// the order of their bytes but for those that changed places, so the search goes
// on from where the bytes are to both sides.
func (b *Block) find(v *View) int {
	low, high := 0, len(b.Records)
	for low < high {
		if mid := (low + high) / 2; b.Records[mid].Offset < v.Offset {
			low = mid + 1
		} else {
			high = mid
		}
	}
	for d := 0; low-d >= 0 || low+d < len(b.Origins); d++ {
		if i := low + d; i < len(b.Origins) && b.Origins[i].Ordinal == v.Ordinal {
			return i
		}
		if i := low - d; i >= 0 && i < len(b.Origins) && b.Origins[i].Ordinal == v.Ordinal {
			return i
		}
	}
	return 0
}

// SetOrigins gives every Record an Origin of its own, so that Records can change
// places, come from several inputs or be outliers.
func (b *Block) SetOrigins() {
	if b.Origins != nil {
		return
	}
	own := b.origins[:0]
	for i := range b.Records {
		own = append(own, b.OriginOf(i))
	}
	if own == nil {
		own = []Origin{}
	}
	b.Origins, b.origins = own, own
}
