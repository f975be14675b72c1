package drift

import (
	"math"

	"pcapmill/model/baseline"
)

// moments are sums over the levels of windows.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(o moments) {
	m.n += o.n
	m.sum += o.sum
	m.squares += o.squares
}

func (m moments) without(o moments) moments {
	return moments{m.n - o.n, m.sum - o.sum, m.squares - o.squares}
}

func (m moments) mean() float64 { return m.sum / m.n }

// around is the sum of squares around the mean.
func (m moments) around() float64 {
	if m.n < 2 {
		return 0
	}
	return max(0, m.squares-m.sum*m.sum/m.n)
}

// std is the standard deviation with n-1.
func (m moments) std() float64 {
	if m.n < 2 {
		return 0
	}
	return math.Sqrt(m.around() / (m.n - 1))
}

func momentsOf(c *baseline.Cell) moments {
	return moments{float64(c.N), float64(c.Sum), float64(c.Squares)}
}

// slots are the moments of one feature of one host by the hours that a baseline's query
// tells apart. It is made anew for each, without allocation.
type slots struct {
	all  moments
	days int // different ones
	last baseline.Day
	day  [24]moments
	week [168]moments // of one day the same as day, and not filled
}

func (s *slots) reset() {
	if s.days > 1 {
		clear(s.week[:])
	}
	s.all, s.days = moments{}, 0
	clear(s.day[:])
}

func weekHour(c *baseline.Cell) int {
	h := baseline.Hour{Day: c.Day, Hour: c.Hour}
	return h.OfWeek()
}

func (s *slots) add(c *baseline.Cell) {
	m := momentsOf(c)
	if s.days == 0 || c.Day != s.last {
		if s.days == 1 {
			copy(s.week[weekHour(&baseline.Cell{Day: s.last}):], s.day[:])
		}
		s.days, s.last = s.days+1, c.Day
	}
	s.all.add(m)
	s.day[c.Hour].add(m)
	if s.days > 1 {
		s.week[weekHour(c)].add(m)
	}
}

// enough observations make a slot the answer, as in baseline.Profile.Query.
const enough = baseline.EnoughObservations

// at returns the moments that say what is usual at an hour of the week, without those of
// some of its windows.
func (s *slots) at(hour int, without moments) moments {
	if s.days > 1 {
		if m := s.week[hour].without(without); m.n >= enough {
			return m
		}
	}
	if m := s.day[hour%24].without(without); m.n >= enough {
		return m
	}
	return s.all.without(without)
}
