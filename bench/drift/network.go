package drift

import (
	"fmt"

	"pcapmill/bench/traffic"
)

// Network is a generated network and those of its hours that are judged.
type Network struct {
	Name   string
	Group  string // networks of one group differ in seed and size
	Config traffic.NetworkConfig
	Seed   uint64 // of the hours
	Hours  []Hour // the references first
}

// Hour is one hour of a network.
type Hour struct {
	Index     int // as of traffic.Hour
	Change    traffic.Change
	Reference bool // the baseline has it
}

// Name is unique within a network.
func (h Hour) Name() string {
	what := h.Change.Kind.String()
	if h.Reference {
		what = "reference"
	}
	return fmt.Sprintf("%s-%06d", what, h.Index)
}

// group describes networks that are alike.
type group struct {
	name        string
	clients     []int     // in turn
	unrest      []float64 // in turn
	swing       float64   // between day and night
	churn, tail float64
	reference   int // hours of the baseline, 0: as Size says
	step        int // hours from one hour to the next
	judged      int // the same of hours behind the references
}

// groups of networks:
//
//	steady  as the crafted captures: 25 clients, one hour after another, no day
//	varied  other sizes, other unrest
//	rough   hosts come and go, loads vary more, sizes have a heavy tail
//	daily   the load follows the day; all hours are the same hour of working days
//	week    the same, a baseline of all hours of a week, hours of the week after it
var groups = []group{
	{name: "steady", clients: []int{25, 16, 25, 20}, unrest: []float64{0.12}, step: 1, judged: 1},
	{name: "varied", clients: []int{8, 12, 40, 60, 100}, unrest: []float64{0.05, 0.2, 0.12}, step: 1, judged: 1},
	{name: "rough", clients: []int{25, 40, 16}, unrest: []float64{0.25, 0.2}, churn: 0.08, tail: 0.01, step: 1, judged: 1},
	{name: "daily", clients: []int{25, 40, 16}, unrest: []float64{0.12}, swing: 0.55, step: 24, judged: 24},
	{name: week, clients: []int{25, 16}, unrest: []float64{0.15}, swing: 0.55, churn: 0.05, tail: 0.01, reference: 168, step: 1, judged: 7},
}

// week is the group with the long baseline.
const week = "week"

// Size says how many there are of each.
type Size struct {
	Networks  int // of each group
	Weeks     int // networks of the group week, which take as long as ten others
	Reference int // hours of a baseline
	Unchanged int // hours of a network, besides one of each change
	Seed      uint64
}

// TuningSeed is that of the hours on which thresholds are tuned: what is measured on them
// says little of others.
const TuningSeed = 1

// DefaultSize has 480 unchanged hours and 40 of each change, none of those that thresholds
// are tuned on.
func DefaultSize() Size {
	return Size{Networks: 9, Weeks: 4, Reference: 3, Unchanged: 12, Seed: TuningSeed + 1}
}

// QuickSize is a sample for tests, of other networks again: 32 unchanged hours and 4 of
// each change.
func QuickSize() Size {
	return Size{Networks: 1, Reference: 3, Unchanged: 8, Seed: TuningSeed + 2}
}

// Networks lists all networks, each with its hours.
func Networks(s Size) []Network {
	var all []Network
	for k, g := range groups {
		n := s.Networks
		if g.name == week {
			n = s.Weeks
		}
		for i := range n {
			seed := s.Seed*10_000 + uint64(k*100+i)
			all = append(all, Network{
				Name: fmt.Sprintf("%s-%02d", g.name, i), Group: g.name, Config: g.config(seed, i), Seed: seed + 5_000,
				Hours: g.hours(s, i),
			})
		}
	}
	return all
}

func (g *group) config(seed uint64, i int) traffic.NetworkConfig {
	return traffic.NetworkConfig{
		Seed: seed, Clients: g.clients[i%len(g.clients)], DayNight: g.swing, Unrest: g.unrest[i%len(g.unrest)],
		Churn: g.churn, Tail: g.tail,
	}
}

// hours of the ith network are the references, the unchanged hours behind them, and one
// hour of each change in place of one of those.
func (g *group) hours(s Size, i int) (list []Hour) {
	at := clockOf(g, i)
	reference := g.reference
	if reference == 0 {
		reference = s.Reference
	}
	for range reference {
		list = append(list, Hour{Index: at.next(g.step), Reference: true})
	}
	kind := traffic.Unchanged + 1
	for k := range max(s.Unchanged, int(traffic.NumChanges)-1) {
		index := at.next(g.judged)
		if k < s.Unchanged {
			list = append(list, Hour{Index: index})
		}
		if kind < traffic.NumChanges {
			list = append(list, Hour{Index: index, Change: traffic.DefaultChange(kind)})
			kind++
		}
	}
	return list
}

// clock is the index of the next hour.
type clock int

// clockOf begins in the morning, later with each network. Of 15 hours that follow one
// another none is at two in the night, when all files are saved: a baseline that has not
// seen a night cannot know that.
func clockOf(g *group, i int) *clock {
	c := clock(24*i + 3 + i%9)
	if g.name == week {
		c = clock(7 * 24 * i)
	}
	return &c
}

// next returns the hour and moves on; days that are skipped to are working days.
func (c *clock) next(step int) int {
	for step == 24 && *c/24%7 >= 5 {
		*c += 24
	}
	now := *c
	*c += clock(step)
	return int(now)
}
