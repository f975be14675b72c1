package show

import (
	"cmp"
	"slices"
)

// tally counts how often each value occurs, exactly up to a limit of different
// ones. Beyond it the rarer half is forgotten whenever it is full (the frequent
// items algorithm of Misra and Gries, in the form of Demaine, López-Ortiz and
// Munro): a count that is left is then too low by at most forgotten, and so often
// at most has any value occurred that is not left.
type tally[T cmp.Ordered] struct {
	limit     int
	counts    map[T]int64
	bytes     int // of text in counts
	most      int // bytes of text that may be kept
	distinct  int64
	full      bool // there were more than distinct
	forgotten int64
}

// weigh returns the bytes behind a value.
func weigh[T cmp.Ordered](value T) int {
	s, _ := any(value).(string)
	return len(s)
}

// overflows reports whether counting a value makes others be forgotten.
func (t *tally[T]) overflows(value T) bool {
	if len(t.counts) < t.limit && t.bytes+weigh(value) <= t.most || len(t.counts) == 0 {
		return false
	}
	_, known := t.counts[value]
	return !known
}

func (t *tally[T]) add(value T) {
	if t.overflows(value) {
		if !t.full {
			t.full, t.distinct = true, int64(len(t.counts))
		}
		t.forget()
	}
	if t.counts == nil {
		t.counts = map[T]int64{}
	}
	n := t.counts[value]
	if t.counts[value] = n + 1; n == 0 {
		t.bytes += weigh(value)
	}
}

// forget takes the median off all counts and drops those that are gone.
func (t *tally[T]) forget() {
	counts := make([]int64, 0, len(t.counts))
	for _, n := range t.counts {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	median := counts[len(counts)/2]
	t.forgotten += median
	for value, n := range t.counts {
		if n > median {
			t.counts[value] = n - median
			continue
		}
		delete(t.counts, value)
		t.bytes -= weigh(value)
	}
}

// different returns how many values there are; exact is false where there are more.
func (t *tally[T]) different() (n int64, exact bool) {
	if t.full {
		return t.distinct, false
	}
	return int64(len(t.counts)), true
}

// counted is a value and how often it occurs.
type counted[T any] struct {
	value T
	times int64
}

// top returns up to n values that occur most often, with at least how often. A
// value that one which has been forgotten may have outnumbered is left out.
func (t *tally[T]) top(n int) []counted[T] {
	var all []counted[T]
	for value, times := range t.counts {
		if times > t.forgotten {
			all = append(all, counted[T]{value, times})
		}
	}
	slices.SortFunc(all, func(a, b counted[T]) int {
		return cmp.Or(cmp.Compare(b.times, a.times), cmp.Compare(a.value, b.value))
	})
	return all[:min(n, len(all))]
}

// inOrder returns all values with their counts, the least first.
func (t *tally[T]) inOrder() []counted[T] {
	all := make([]counted[T], 0, len(t.counts))
	for value, times := range t.counts {
		all = append(all, counted[T]{value, times})
	}
	slices.SortFunc(all, func(a, b counted[T]) int { return cmp.Compare(a.value, b.value) })
	return all
}
