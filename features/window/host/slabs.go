package host

import "slices"

// zeros returns n zero values in memory that is used again.
func zeros[T any](memory *[]T, n int) []T {
	*memory = slices.Grow((*memory)[:0], n)[:n]
	clear(*memory)
	return *memory
}

// slabs is a list that grows without being copied. Its elements stay where they are once
// it has more than slabSize.
type slabs[T any] struct{ lists [][]T }

const slabSize = 1 << 10

func (s *slabs[T]) len() int {
	n := len(s.lists)
	if n == 0 {
		return 0
	}
	return (n-1)*slabSize + len(s.lists[n-1])
}

func (s *slabs[T]) at(i uint32) *T { return &s.lists[i/slabSize][i%slabSize] }

// add appends an element and returns its number.
func (s *slabs[T]) add(value T) uint32 {
	n := len(s.lists)
	switch {
	case n == 0:
		s.lists = append(s.lists, nil)
	case len(s.lists[n-1]) == slabSize:
		s.lists = append(s.lists, make([]T, 0, slabSize))
	}
	last := &s.lists[len(s.lists)-1]
	*last = append(*last, value)
	return uint32(s.len() - 1)
}
