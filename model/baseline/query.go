package baseline

import (
	"context"
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

// reading answers questions about the blocks of a Baseline or a File.
type reading struct {
	contents
	from source
}

func (r *reading) newProfile(key Key) *Profile {
	return &Profile{Key: key, table: &r.table, histograms: r.newBlock().histograms, categories: r.newCategories()}
}

func (l *layout) newCategories() []Category {
	c := []Category{}
	for _, name := range l.config.Categories {
		c = append(c, Category{Name: name, Top: sketch.NewTopK(profileKeys)})
	}
	return c
}

// Profiles returns those of several segments in one pass over the baseline, in which each
// block is unpacked once. A segment without windows has a Profile without.
func (r *reading) Profiles(keys ...Key) ([]*Profile, error) {
	return r.ProfilesWithin(math.MinInt32, math.MaxInt32, keys...)
}

// ProfilesWithin is Profiles of the days from first to last alone, such as for how much
// days differ from each other.
func (r *reading) ProfilesWithin(first, last Day, keys ...Key) ([]*Profile, error) {
	return r.ProfilesContext(context.Background(), first, last, keys...)
}

// ProfilesContext is ProfilesWithin that ends with a context.
func (r *reading) ProfilesContext(ctx context.Context, first, last Day, keys ...Key) ([]*Profile, error) {
	g := &gathering{reading: r, first: first, last: last, index: map[Key][]int{}, split: map[metBy]bool{}}
	lone := true
	for _, k := range keys {
		if err := k.Validate(); err != nil {
			return nil, err
		}
		g.take(k)
		lone = lone && k.Kind() == Host
	}
	if !lone {
		runs, err := r.from.all()
		if err != nil {
			return nil, err
		}
		return g.profiles, g.pass(ctx, runs)
	}
	for _, k := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		g.lone = k.host() // runs of a File have other hosts' blocks too
		runs, err := r.from.of(g.lone)
		if err != nil {
			return nil, err
		}
		if err := g.pass(ctx, runs); err != nil {
			return nil, err
		}
	}
	return g.profiles, nil
}

// Profile returns one.
func (r *reading) Profile(key Key) (*Profile, error) {
	profiles, err := r.Profiles(key)
	if err != nil {
		return nil, err
	}
	return profiles[0], nil
}

func (p *Profile) add(day Day, b *block) error {
	p.Windows += b.rows()
	if at, found := slices.BinarySearch(p.Days, day); !found {
		p.Days = slices.Insert(p.Days, at, day)
	}
	for i := range b.hours {
		hour := int(b.hours[i].hour)
		slot := &p.slots[day.weekday()*hoursPerDay+hour]
		if *slot == nil {
			*slot = make([]cell, len(b.histograms))
		}
		for f := range *slot {
			(*slot)[f].merge(&b.of(f)[hour])
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
	return c.answer(slot, p.table.Features[feature].Scale)
}

func (c *cell) answer(slot Slot, scale Scale) (Answer, bool) {
	if c.n == 0 {
		return Answer{}, false
	}
	return Answer{slot, c.n, float64(c.sum) / float64(c.n), c.std(), scale}, true
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
func (r *reading) Query(key Key, feature, hour int) (Answer, bool, error) {
	p, err := r.Profile(key)
	if err != nil {
		return Answer{}, false, err
	}
	a, ok := p.Query(feature, hour)
	return a, ok, nil
}

// Segments returns the keys of all segments of a kind that have windows, ascending.
// Subnets are those of SubnetOf.
func (r *reading) Segments(kind Kind) ([]Key, error) {
	found := map[Key]bool{}
	err := r.visit(func(s *stop) error {
		s.keys(kind, found)
		return nil
	})
	return slices.Sorted(maps.Keys(found)), err
}

// visit calls yield with each block, which it does not unpack.
func (r *reading) visit(yield func(*stop) error) error {
	runs, err := r.from.all()
	if err != nil {
		return err
	}
	return readAll(runs, yield)
}

// lone calls yield with the blocks of a host, or of the rest.
func (r *reading) lone(host netip.Addr, yield func(*stop) error) error {
	runs, err := r.from.of(host)
	if err != nil {
		return err
	}
	return readAll(runs, func(s *stop) error {
		if s.host != host {
			return nil
		}
		return yield(s)
	})
}

func readAll(runs []run, yield func(*stop) error) (err error) {
	var buf []byte
	for _, run := range runs {
		if buf, err = run.read(buf, yield); err != nil {
			return err
		}
	}
	return nil
}

func (s *stop) keys(kind Kind, found map[Key]bool) {
	switch {
	case kind == Global:
		found[GlobalKey()] = true
	case kind == Host && s.host.IsValid():
		found[HostKey(s.host)] = true
	case kind == Subnet && s.host.IsValid():
		found[SubnetOf(s.host)] = true
	case kind == Protocol || kind == Label:
		keys, _ := s.tags.keys()
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
func (r *reading) Rest() (Rest, error) {
	var rest Rest
	err := r.lone(netip.Addr{}, func(s *stop) error {
		open, err := r.unpack(s.packed)
		if err == nil {
			rest.Windows += open.rows()
		}
		return err
	})
	if err != nil {
		return Rest{}, err
	}
	for _, day := range slices.Sorted(maps.Keys(r.restOf)) {
		d := r.restOf[day]
		rest.Days = append(rest.Days, RestDay{day, d.Count(), d.Exact()})
	}
	return rest, nil
}
