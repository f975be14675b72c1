package host

import "math/bits"

// room returns n values, whatever they are, in memory that is used again. Where there is
// too little, it takes more than it needs, as the next window is likely to be larger; what
// is not used costs nothing.
func room[T any](memory *[]T, n int) []T {
	if n > cap(*memory) {
		*memory = make([]T, n+n/4)
	}
	*memory = (*memory)[:n]
	return *memory
}

// zeros is room for zero values.
func zeros[T any](memory *[]T, n int) []T {
	values := room(memory, n)
	clear(values)
	return values
}

// slabs is a list that grows without being copied: its elements stay where they are. Each
// run of elements is twice as long as the one before, up to slabSize, so that a short list
// takes little.
//
// The runs are slices and not pointers to arrays, as at would otherwise look whether the
// pointer is nil, and so wait for the first element of a run to ask for another one.
type slabs[T any] struct {
	lists [][]T
	used  int
}

// Elements of the first run, and of those that are not shorter than the one before them.
const (
	firstSlab = 1 << 6
	slabSize  = 1 << 12
)

func (s *slabs[T]) len() int { return s.used }

// at returns an element that there is.
func (s *slabs[T]) at(i uint32) *T {
	i += firstSlab // each short run begins at its length
	if i >= slabSize {
		return &s.lists[shortSlabs-1+i/slabSize][i%slabSize]
	}
	top := bits.Len32(i) - 1
	return &s.lists[top-firstTop][i-1<<top]
}

const (
	firstTop   = 6             // binary logarithm of firstSlab
	shortSlabs = 12 - firstTop // runs shorter than slabSize
)

// add appends an element, and returns its number and where it is.
func (s *slabs[T]) add() (uint32, *T) {
	number := uint32(s.used)
	if at := number + firstSlab; at%slabSize == 0 || at < slabSize && at&(at-1) == 0 {
		s.lists = append(s.lists, make([]T, min(at, slabSize)))
	}
	s.used++
	return number, s.at(number)
}

// slab returns elements that lie together, of which there are len(s.lists) runs.
func (s *slabs[T]) slab(i int) []T {
	before := firstSlab<<i - firstSlab
	if i >= shortSlabs {
		before = (i-shortSlabs+1)*slabSize - firstSlab
	}
	return s.lists[i][:min(len(s.lists[i]), s.used-before)]
}
