package sketch

import (
	"slices"
	"strings"
)

// Align returns the counts of two TopK's keys beside each other, of the keys of either in
// their order, as lists of categories for PSICounts and JensenShannonCounts. The last
// category is all other keys, and is there where a key was left out of one of them.
//
// Where keys were left out, the two are of the same part of all keys: those whose hash is
// not above the lower of both limits. Every count is exact, that of all others too.
func Align(reference, current *TopK) (keys []string, r, c []uint64) {
	reference.settle()
	current.settle()
	limit, cut := common(reference, current)
	for _, t := range [...]*TopK{reference, current} {
		for i := range t.entries {
			if !cut || t.hashedAt(i).compare(&limit) <= 0 {
				keys = append(keys, t.entries[i].Key)
			}
		}
	}
	slices.SortFunc(keys, strings.Compare)
	keys = slices.Compact(keys)
	r, c = reference.countsOf(keys, cut), current.countsOf(keys, cut)
	return keys, r, c
}

// common returns the last key up to which both have all keys, and whether there is one.
func common(a, b *TopK) (limit entry, cut bool) {
	switch {
	case !a.sampled && !b.sampled:
		return entry{}, false
	case !a.sampled || b.sampled && b.limit.compare(&a.limit) < 0:
		return b.limit, true
	}
	return a.limit, true
}

// hashedAt returns an entry with its hash.
func (t *TopK) hashedAt(i int) *entry {
	e := t.entries[i]
	if !t.sampled {
		e = e.hashed()
	}
	return &e
}

// countsOf returns the counts of keys, and behind them that of all others if asked for.
func (t *TopK) countsOf(keys []string, others bool) []uint64 {
	counts, rest := make([]uint64, 0, len(keys)+1), t.total
	for _, key := range keys {
		n := uint64(0)
		if at, found := t.at[key]; found {
			n = t.entries[at].Count
		}
		counts, rest = append(counts, n), rest-n
	}
	if others {
		counts = append(counts, rest)
	}
	return counts
}
