package host

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

// slabs is a list that grows without being copied: its elements stay where they are.
type slabs[T any] struct {
	lists []*[slabSize]T
	used  int
}

const slabSize = 1 << 6

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
