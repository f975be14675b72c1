package host

import "slices"

// zeros returns n zero values in memory that is used again.
func zeros[T any](memory *[]T, n int) []T {
	*memory = slices.Grow((*memory)[:0], n)[:n]
	clear(*memory)
	return *memory
}

// slabs is a list that grows without being copied: its elements stay where they are.
type slabs[T any] struct {
	lists []*[slabSize]T
	used  int
}

const slabSize = 1 << 8

func (s *slabs[T]) len() int { return s.used }

func (s *slabs[T]) at(i uint32) *T { return &s.lists[i/slabSize][i%slabSize] }

// add appends an element, and returns its number and where it is.
func (s *slabs[T]) add() (uint32, *T) {
	number := uint32(s.used)
	if number%slabSize == 0 {
		s.lists = append(s.lists, new([slabSize]T))
	}
	s.used++
	return number, s.at(number)
}

// slab returns elements that lie together, of which there are len(s.lists) runs.
func (s *slabs[T]) slab(i int) []T { return s.lists[i][:min(slabSize, s.used-i*slabSize)] }
