package drift

import (
	"cmp"
	"slices"
)

// hourly has a T for each hour since the epoch, made when it is first asked for. Hours of
// one day lie together, so that going through them in order looks little up.
type hourly[T any] struct {
	days map[int64]int
	last int64
	at   int // of the last day
	sums [][24]T
	has  [][24]bool
}

func (h *hourly[T]) of(hour int64) *T {
	day, in := dayOf(hour), ofDay(hour)
	if len(h.sums) == 0 || day != h.last {
		h.open(day)
	}
	h.has[h.at][in] = true
	return &h.sums[h.at][in]
}

// open finds a day.
func (h *hourly[T]) open(day int64) {
	if h.days == nil {
		h.days = map[int64]int{}
	}
	at, found := h.days[day]
	if !found {
		at = len(h.sums)
		h.days[day], h.sums, h.has = at, append(h.sums, [24]T{}), append(h.has, [24]bool{})
	}
	h.last, h.at = day, at
}

// each goes through the hours in order.
func (h *hourly[T]) each(yield func(hour int64, x *T) bool) {
	days := make([]int64, 0, len(h.days))
	for d := range h.days {
		days = append(days, d)
	}
	slices.SortFunc(days, cmp.Compare[int64])
	for _, d := range days {
		at := h.days[d]
		for in := range h.sums[at] {
			if h.has[at][in] && !yield(24*d+int64(in), &h.sums[at][in]) {
				return
			}
		}
	}
}

func dayOf(hour int64) int64 { return (hour - ofDay(hour)) / 24 }
