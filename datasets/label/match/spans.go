package match

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// timed is something that has a stretch of time: from and not to, ns. To the last instant
// there is, it has no end.
type timed struct {
	from, to int64
	most     int64 // largest to of the subtree that it is the root of
	what     int32
}

// spans finds those that meet a stretch of time, in logarithmic time and what is found: a
// binary tree in an array, in which the middle of a part is its root.
type spans []timed

// newSpans sorts them.
func newSpans(all []timed) spans {
	slices.SortFunc(all, func(a, b timed) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.what, b.what))
	})
	s := spans(all)
	s.root(0, len(s))
	return s
}

// root fills most of a part and returns its largest.
func (s spans) root(lo, hi int) int64 {
	if lo >= hi {
		return math.MinInt64
	}
	mid := (lo + hi) / 2
	s[mid].most = max(s[mid].to, s.root(lo, mid), s.root(mid+1, hi))
	return s[mid].most
}

// find appends those that have an instant from start to end, both included.
func (s spans) find(found []timed, start, end int64) []timed {
	return s.part(found, 0, len(s), start, end)
}

func (s spans) part(found []timed, lo, hi int, start, end int64) []timed {
	for lo < hi {
		mid := (lo + hi) / 2
		t := &s[mid]
		if t.most <= start && t.most != math.MaxInt64 {
			return found
		}
		found = s.part(found, lo, mid, start, end)
		if t.from > end {
			return found
		}
		if t.to > start || t.to == math.MaxInt64 {
			found = append(found, *t)
		}
		lo = mid + 1
	}
	return found
}

// each calls visit with those that have an instant from start to end, both included, until it
// returns false.
func (s spans) each(lo, hi int, start, end int64, visit func(*timed) bool) bool {
	for lo < hi {
		mid := (lo + hi) / 2
		t := &s[mid]
		if t.most <= start && t.most != math.MaxInt64 {
			return true
		}
		if !s.each(lo, mid, start, end, visit) {
			return false
		}
		if t.from > end {
			return true
		}
		if (t.to > start || t.to == math.MaxInt64) && !visit(t) {
			return false
		}
		lo = mid + 1
	}
	return true
}

// meets reports whether any has an instant from start to end, both included.
func (s spans) meets(start, end int64) bool {
	for lo, hi := 0, len(s); lo < hi; {
		mid := (lo + hi) / 2
		t := &s[mid]
		switch {
		case t.most <= start && t.most != math.MaxInt64:
			return false
		case t.from <= end && (t.to > start || t.to == math.MaxInt64):
			return true
		case t.from > end:
			hi = mid
		}
		// Those before t begin no later, so that they meet it if they end behind the start.
		if left := (lo + mid) / 2; t.from <= end && lo < mid && (s[left].most > start || s[left].most == math.MaxInt64) {
			return true
		} else if t.from <= end {
			lo = mid + 1
		}
	}
	return false
}

// around appends the n that begin last before an instant, and the n that begin next.
func (s spans) around(found []timed, at int64, n int) []timed {
	i := sort.Search(len(s), func(i int) bool { return s[i].from > at })
	return append(found, s[max(0, i-n):min(len(s), i+n)]...)
}
