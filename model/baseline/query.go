package baseline

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"net/netip"
	"slices"

	"pcapmill/features/sketch"
)

// Slot says which windows an Answer is of.
type Slot uint8

// The slots, of which a query takes the first with enough observations.
const (
	HourOfWeek Slot = iota
	HourOfDay
	AllHours
)

var slotNames = [...]string{"hour_of_week", "hour_of_day", "all_hours"}

// String returns the slot's name.
func (s Slot) String() string { return slotNames[s] }

// EnoughObservations is how many known values a slot must have to be the answer.
const EnoughObservations = 4

const hoursPerWeek = 7 * hoursPerDay

// HourOfWeekOf returns that of an instant in ns since the epoch, 0 for Monday 00 UTC.
func HourOfWeekOf(ns int64) int {
	day := DayOf(ns)
	return day.weekday()*hoursPerDay + int((ns-int64(day)*nanosPerDay)/nanosPerHour)
}

// Answer is what is normal of a feature at an hour of the week. Mean and Std are of
// levels: a value x deviates by (Scale.Level(x) - Mean) / Std.
type Answer struct {
	Slot         Slot
	Observations uint64 // known values in the slot, 1 at least
	Mean         float64
	Std          float64 // with n-1; 0 of one observation
	Scale        Scale
}

// Center returns the value that the mean level stands for.
func (a *Answer) Center() float64 { return a.Scale.Value(a.Mean) }

// Profile is a segment: all of its blocks together. It shares nothing with the baseline,
// and may be read by several goroutines but for Categories, which reading puts in order.
type Profile struct {
	Key     Key
	Hosts   uint64 // that are kept by themselves
	Windows uint64
	Days    []Day // with windows, ascending

	table      *Table
	slots      [hoursPerWeek][]cell // of features; nil without windows
	histograms []sketch.Histogram
	categories []Category
}

// Category is what a segment says of one.
type Category struct {
	Name     string
	Top      sketch.TopK // exact unless hosts had too many keys; see LeftOut
	Distinct sketch.Distinct
	LeftOut  uint64 // how often keys came that a host and day had no room for
}

// profileKeys is how many keys of a category a Profile has.
const profileKeys = 4096

// maxWindows bounds those of a Profile, so that no sum wraps.
const maxWindows = 1 << 33

func (b *Baseline) newProfile(key Key) *Profile {
	p := &Profile{Key: key, table: &b.table, histograms: b.newBlock().histograms}
	for _, name := range b.config.Categories {
		p.categories = append(p.categories, Category{Name: name, Top: sketch.NewTopK(profileKeys)})
	}
	return p
}

// Profiles returns those of several segments in one pass over the baseline, in which each
// block is unpacked once. A segment without windows has a Profile without.
func (b *Baseline) Profiles(keys ...Key) ([]*Profile, error) {
	return b.ProfilesWithin(math.MinInt32, math.MaxInt32, keys...)
}

// ProfilesWithin is Profiles of the days from first to last alone, such as for how much
// days differ from each other.
func (b *Baseline) ProfilesWithin(first, last Day, keys ...Key) ([]*Profile, error) {
	if err := b.settle(); err != nil {
		return nil, err
	}
	profiles := make([]*Profile, len(keys))
	lone := true
	for i, k := range keys {
		if err := k.Validate(); err != nil {
			return nil, err
		}
		profiles[i] = b.newProfile(k)
		lone = lone && k.Kind() == Host
	}
	if lone {
		return profiles, b.gatherHosts(profiles, first, last)
	}
	for h := range b.each() {
		if err := b.gather(h, profiles, first, last); err != nil {
			return nil, err
		}
	}
	return profiles, nil
}

// Profile returns one.
func (b *Baseline) Profile(key Key) (*Profile, error) {
	profiles, err := b.Profiles(key)
	if err != nil {
		return nil, err
	}
	return profiles[0], nil
}

func (b *Baseline) gatherHosts(profiles []*Profile, first, last Day) error {
	for _, p := range profiles {
		if h := b.hosts[p.Key.host()]; h != nil {
			if err := b.gather(h, []*Profile{p}, first, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// gather adds the blocks that a host has within days to those profiles that have it.
func (b *Baseline) gather(h *host, profiles []*Profile, first, last Day) error {
	met := make([]bool, len(profiles))
	from, _ := h.find(first, "")
	for _, s := range h.blocks[from:] {
		if s.day > last {
			break
		}
		var open *block
		for i, p := range profiles {
			if !p.Key.holds(h.host, s.tags) {
				continue
			}
			if open == nil {
				var err error
				if open, err = b.open(s); err != nil {
					return err
				}
			}
			if met[i] = true; p.Windows+open.rows() > maxWindows {
				return fmt.Errorf("%v: %w", p.Key, ErrFull)
			}
			if err := p.add(s.day, open); err != nil {
				return err
			}
		}
	}
	for i, p := range profiles {
		if met[i] && h.host.IsValid() {
			p.Hosts++
		}
	}
	return nil
}

// holds reports whether a host's windows with tags are in the segment. Of the rest, whose
// addresses are not known, none are in subnets.
func (k Key) holds(host netip.Addr, tags tagSet) bool {
	switch k.Kind() {
	case Global:
		return true
	case Host:
		return host.IsValid() && k.host() == host
	case Subnet:
		return host.IsValid() && k.prefix().Contains(host)
	}
	return tags.has(k)
}

func (p *Profile) add(day Day, b *block) error {
	p.Windows += b.rows()
	if at, found := slices.BinarySearch(p.Days, day); !found {
		p.Days = slices.Insert(p.Days, at, day)
	}
	for i := range b.hours {
		h := &b.hours[i]
		slot := day.weekday()*hoursPerDay + int(h.hour)
		if p.slots[slot] == nil {
			p.slots[slot] = make([]cell, len(h.cells))
		}
		for f := range h.cells {
			p.slots[slot][f].merge(&h.cells[f])
		}
	}
	for f := range b.histograms {
		if err := p.histograms[f].Merge(&b.histograms[f]); err != nil {
			return err
		}
	}
	for i := range b.categories {
		p.categories[i].add(&b.categories[i])
	}
	return nil
}

func (c *Category) add(k *category) {
	for _, e := range k.top.Top(-1) {
		c.Top.Add([]byte(e.Key), e.Count)
	}
	c.LeftOut += k.top.Others() + k.top.TooLong()
	c.Distinct.Merge(&k.distinct)
}

// Histogram returns that of all values of a feature.
func (p *Profile) Histogram(feature int) *sketch.Histogram { return &p.histograms[feature] }

// Categories returns what is known of each, in the order of Config.Categories.
func (p *Profile) Categories() []Category { return p.categories }

// Query returns what is normal of a feature at an hour of the week, 0 to 167: of the
// windows of that hour of the week where EnoughObservations of them know the feature, else
// of that hour of the day, else of all hours. It is false where there are none at all.
func (p *Profile) Query(feature, hour int) (Answer, bool) {
	if hour < 0 || hour >= hoursPerWeek || feature < 0 || feature >= len(p.table.Features) {
		return Answer{}, false
	}
	slot, c := HourOfWeek, p.sum(feature, hour, hoursPerWeek)
	if c.n < EnoughObservations {
		slot, c = HourOfDay, p.sum(feature, hour%hoursPerDay, hoursPerDay)
	}
	if c.n < EnoughObservations {
		slot, c = AllHours, p.sum(feature, 0, 1)
	}
	if c.n == 0 {
		return Answer{}, false
	}
	return Answer{slot, c.n, float64(c.sum) / float64(c.n), c.std(), p.table.Features[feature].Scale}, true
}

// sum adds up every step-th slot from one on.
func (p *Profile) sum(feature, from, step int) cell {
	var c cell
	for i := from; i < hoursPerWeek; i += step {
		if p.slots[i] != nil {
			c.merge(&p.slots[i][feature])
		}
	}
	return c
}

// std is formed without the cancellation of n·Σq² - (Σq)², which is n·r + b·(n-b) for
// r = Σq² - least and b = |Σq| mod n.
func (c *cell) std() float64 {
	if c.n < 2 {
		return 0
	}
	r, b := c.squares-c.least(), uint64(max(c.sum, -c.sum))%c.n
	hi, lo := bits.Mul64(b, c.n-b)
	spread := float64(r) + (float64(hi)*0x1p64+float64(lo))/float64(c.n)
	return math.Sqrt(spread / float64(c.n-1))
}

// Query is that of a segment's Profile, for a caller with one question.
func (b *Baseline) Query(key Key, feature, hour int) (Answer, bool, error) {
	p, err := b.Profile(key)
	if err != nil {
		return Answer{}, false, err
	}
	a, ok := p.Query(feature, hour)
	return a, ok, nil
}

// Days returns the days with windows, ascending.
func (b *Baseline) Days() []Day {
	found := map[Day]bool{}
	for h := range b.each() {
		for _, s := range h.blocks {
			found[s.day] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Segments returns the keys of all segments of a kind that have windows, ascending.
// Subnets are those of SubnetOf.
func (b *Baseline) Segments(kind Kind) ([]Key, error) {
	if err := b.settle(); err != nil {
		return nil, err
	}
	found := map[Key]bool{}
	for h := range b.each() {
		for _, s := range h.blocks {
			h.keys(kind, s.tags, found)
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func (h *host) keys(kind Kind, tags tagSet, found map[Key]bool) {
	switch {
	case kind == Global:
		found[GlobalKey()] = true
	case kind == Host && h.host.IsValid():
		found[HostKey(h.host)] = true
	case kind == Subnet && h.host.IsValid():
		found[SubnetOf(h.host)] = true
	case kind == Protocol || kind == Label:
		keys, _ := tags.keys()
		for _, k := range keys {
			if k.Kind() == kind {
				found[k] = true
			}
		}
	}
}

// Rest says how much is in the rest: its windows, and per day how many hosts.
type Rest struct {
	Windows uint64
	Days    []RestDay // ascending
}

// RestDay is how many different hosts of the rest had windows on a day, see
// sketch.Distinct.
type RestDay struct {
	Day   Day
	Hosts uint64
	Exact bool
}

// Rest returns what hosts beyond Config.Hosts left.
func (b *Baseline) Rest() (Rest, error) {
	if err := b.settle(); err != nil {
		return Rest{}, err
	}
	var r Rest
	for _, s := range b.rest.blocks {
		open, err := b.open(s)
		if err != nil {
			return Rest{}, err
		}
		r.Windows += open.rows()
	}
	for _, day := range slices.Sorted(maps.Keys(b.restOf)) {
		d := b.restOf[day]
		r.Days = append(r.Days, RestDay{day, d.Count(), d.Exact()})
	}
	return r, nil
}
