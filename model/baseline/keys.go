package baseline

import (
	"bytes"
	"math"
	"slices"

	"pcapmill/features/sketch"
)

// Keys are those of a category that a host's blocks have, and how often they came.
type Keys struct {
	All     []KeyCount // ascending
	LeftOut uint64     // how often keys came that a day had no room for
}

// KeyCount is a key and how often it came.
type KeyCount struct {
	Key   []byte
	Count uint64
}

// Keys returns those of a category, by its place in Config.Categories. It costs less than
// Categories, which a Profile has.
func (v *HostView) Keys(category int) Keys {
	k := &v.keys[category]
	k.settle()
	return Keys{k.all, k.leftOut}
}

// Categories returns what is known of each, in the order of Config.Categories, as a
// Profile has it.
func (v *HostView) Categories() []Category {
	if v.categories != nil {
		return v.categories
	}
	v.categories = v.layout.newCategories()
	for i := range v.categories {
		c, k := &v.categories[i], &v.keys[i]
		k.settle()
		c.LeftOut = k.leftOut
		for _, e := range k.all {
			c.Top.Add(e.Key, e.Count)
		}
		v.Distinct(i, &c.Distinct)
	}
	return v.categories
}

// Distinct adds to a set all keys of a category that came, with those that were left out.
func (v *HostView) Distinct(category int, to *sketch.Distinct) {
	k := &v.keys[category]
	for _, e := range k.all {
		to.Add(sketch.Hash(e.Key))
	}
	for i := range k.counted {
		to.Merge(&k.counted[i])
	}
}

// viewKeys are a category's on the way.
type viewKeys struct {
	all     []KeyCount
	sorted  int // how many of them are in order and each there once
	leftOut uint64
	counted []sketch.Distinct // of blocks with others than these keys
}

func (k *viewKeys) reset() { k.all, k.sorted, k.leftOut, k.counted = k.all[:0], 0, 0, k.counted[:0] }

// settle puts keys in order, of which several blocks may have the same.
func (k *viewKeys) settle() {
	if k.sorted == len(k.all) {
		return
	}
	slices.SortFunc(k.all, func(a, b KeyCount) int { return bytes.Compare(a.Key, b.Key) })
	n := 0
	for _, e := range k.all {
		if n > 0 && bytes.Equal(k.all[n-1].Key, e.Key) {
			k.all[n-1].Count += min(e.Count, math.MaxUint64-k.all[n-1].Count)
			continue
		}
		k.all[n] = e
		n++
	}
	k.all, k.sorted = k.all[:n], n
}

// join adds another's, whose memory is used again.
func (k *viewKeys) join(o *viewKeys) {
	size := 0
	for _, e := range o.all {
		size += len(e.Key)
	}
	room := make([]byte, 0, size)
	for _, e := range o.all {
		from := len(room)
		room = append(room, e.Key...)
		k.all = append(k.all, KeyCount{room[from:len(room):len(room)], e.Count})
	}
	k.leftOut += o.leftOut
	k.counted = append(k.counted, o.counted...)
	if len(o.all) > 0 {
		k.sorted = -1
	}
}

// addKeys reads the categories of a block. Keys stay in a copy: what was read of a file is
// written over.
func (v *HostView) addKeys(categories []byte) error {
	from := len(v.raw)
	v.raw = append(v.raw, categories...) // where it grows, keys of before keep the old memory
	rest := v.raw[from:]
	var err error
	for i := range v.keys {
		if rest, err = v.keys[i].read(rest, v.layout.config.Keys); err != nil {
			return err
		}
	}
	if len(rest) != 0 {
		return ErrCorrupt
	}
	return nil
}

// read is category.decode of what a view keeps.
func (k *viewKeys) read(b []byte, most int) (rest []byte, err error) {
	if len(b) == 0 || b[0] > categoryCounted {
		return nil, ErrCorrupt
	}
	form, rest := b[0], b[1:]
	if form == categoryNone {
		return rest, nil
	}
	before := len(k.all)
	head, rest, err := sketch.ReadTopK(rest, func(key []byte, n uint64) { k.all = append(k.all, KeyCount{key, n}) })
	implied := head.Exact && head.TooLong == 0
	if err != nil || head.Cap != most || len(k.all) == before && implied || implied != (form == categoryKeys) {
		return nil, ErrCorrupt
	}
	if k.leftOut += head.Others + head.TooLong; before == 0 {
		k.sorted = len(k.all)
	}
	if form == categoryKeys {
		return rest, nil
	}
	var d sketch.Distinct
	if rest, err = d.Decode(rest); err != nil || d.Count() == 0 {
		return nil, ErrCorrupt
	}
	k.counted = append(k.counted, d)
	return rest, nil
}
