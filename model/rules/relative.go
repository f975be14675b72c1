package rules

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/model/baseline"
	"pcapmill/model/windows"
)

// Kinds of Relative.
const (
	Spike       = "spike"        // a value far above what is normal of the host at that hour
	NewKey      = "new"          // a key that the host's baseline does not have
	UnusualHour = "unusual_hour" // the host has next to no windows at that hour of the day
)

// Kinds lists them.
func Kinds() []string { return []string{Spike, NewKey, UnusualHour} }

// Relative is what a rule asks of a row against a baseline.
type Relative struct {
	Kind string
	Host string // column with the host's address

	Feature string  // Spike: column, and feature of the baseline, of the same name
	Times   float64 // Spike: more than so many times the usual value
	Sigma   float64 // Spike: and so many standard deviations of levels above the usual one

	Category string   // NewKey: of the baseline
	Key      []string // NewKey: columns that make the key, see keyColumns
	Known    uint64   // NewKey: hosts whose baseline has fewer keys are not judged,
	Novelty  float64  // NewKey: nor those that meet new keys more often than this share of the time

	Windows uint64 // hosts whose baseline has fewer windows are not judged
	Days    int    // nor those with windows on fewer days
}

// The defaults. NetScope's factor is 5; three standard deviations keep hosts out whose
// traffic always varies as much.
const (
	defaultTimes   = 5
	defaultSigma   = 3
	defaultWindows = 12
	defaultNovelty = 0.01
)

func defaultRelative(kind string) Relative {
	r := Relative{Kind: kind, Host: "host", Windows: defaultWindows}
	switch kind {
	case Spike:
		r.Times, r.Sigma = defaultTimes, defaultSigma
	case NewKey:
		r.Known, r.Novelty = 1, defaultNovelty
	case UnusualHour:
		r.Days = 3
	}
	return r
}

func (r *Relative) validate() error {
	switch {
	case !slices.Contains(Kinds(), r.Kind):
		return fmt.Errorf("baseline: kind: want one of %s", strings.Join(Kinds(), ", "))
	case r.Kind == Spike && r.Feature == "":
		return errors.New("baseline: a spike takes a feature")
	case r.Kind == NewKey && (r.Category == "" || len(r.Key) != keyColumns(r.Category)):
		return errors.New("baseline: new takes a category, and as its key: for service and served the columns of protocol and port, " +
			"for endpoint those of address, protocol and port, for others one column")
	case r.Kind == Spike && (!(r.Times >= 1) || !(r.Sigma >= 0) || math.IsInf(r.Times, 0) || math.IsInf(r.Sigma, 0)):
		return errors.New("baseline: times is at least 1 and sigma at least 0")
	case r.Kind == NewKey && !(r.Novelty >= 0 && r.Novelty <= 1):
		return errors.New("baseline: novelty is a share, from 0 to 1")
	}
	return nil
}

// keyColumns is of how many columns the keys of a category are made: of the responder's
// address, the protocol and the port, or the last two, or one column's value.
func keyColumns(category string) int {
	switch category {
	case windows.Endpoint:
		return 3
	case windows.Service, windows.Served:
		return 2
	}
	return 1
}

// columns returns the columns that are asked.
func (r *Relative) columns() []string {
	names := []string{r.Host}
	switch r.Kind {
	case Spike:
		names = append(names, r.Feature)
	case NewKey:
		names = append(names, r.Key...)
	}
	return names
}

// Baseline is what rules ask of one.
type Baseline interface {
	Table() baseline.Table
	Config() baseline.Config
	Profile(baseline.Key) (*baseline.Profile, error)
}

// past answers from a baseline. What it has learned of hosts stays up to a limit.
type past struct {
	base   Baseline
	hosts  map[netip.Addr]*host
	bytes  int
	global *baseline.Profile // made when it is first asked for
}

// maxPast bounds the memory of hosts that a past remembers. Beyond it, it forgets all and
// begins anew: rows come in the order of windows, so that each host's turn comes once a round
// whichever were kept.
const maxPast = 64 << 20

// host is what the baseline has of one.
type host struct {
	windows uint64
	days    int
	profile *baseline.Profile
	keys    map[int]*keySet // of categories that were asked for
}

// keySet is what a host's baseline has of a category.
type keySet struct {
	has     map[string]bool
	novelty float64 // share of counts that are of keys that came once
}

// of returns the keys of a category.
func (h *host) of(category int) *keySet {
	set := h.keys[category]
	if set == nil {
		set = &keySet{has: map[string]bool{}}
		once, total := 0., 0.
		for _, e := range h.profile.Categories()[category].Top.Top(-1) {
			set.has[e.Key] = true
			total += float64(e.Count)
			if e.Count == 1 {
				once++
			}
		}
		if total > 0 {
			set.novelty = once / total
		}
		if h.keys == nil {
			h.keys = map[int]*keySet{}
		}
		h.keys[category] = set
	}
	return set
}

func newPast(b Baseline) *past {
	return &past{base: b, hosts: map[netip.Addr]*host{}}
}

// of returns what is known of a host; its windows are 0 where there is nothing.
func (p *past) of(address netip.Addr) (*host, error) {
	if h := p.hosts[address]; h != nil {
		return h, nil
	}
	profile, err := p.base.Profile(baseline.HostKey(address))
	if err != nil {
		return nil, err
	}
	h := &host{windows: profile.Windows, days: len(profile.Days), profile: profile}
	size := 256
	if h.windows == 0 {
		h.profile = nil
	} else {
		size += p.profileBytes(profile)
	}
	if p.bytes += size; p.bytes > maxPast {
		clear(p.hosts)
		p.bytes = size
	}
	p.hosts[address] = h
	return h, nil
}

// profileBytes is about what a Profile takes: cells of features in up to 24 hours of its
// days' weekdays, histograms, keys.
func (p *past) profileBytes(profile *baseline.Profile) int {
	features := len(p.base.Table().Features)
	size := features * (24*min(len(profile.Days), 7)*40 + 1024)
	for i := range profile.Categories() {
		size += int(min(profile.Categories()[i].Distinct.Count(), 4096))*200 + 8192
	}
	return size
}

// everyone returns the profile of all hosts.
func (p *past) everyone() (*baseline.Profile, error) {
	if p.global == nil {
		profile, err := p.base.Profile(baseline.GlobalKey())
		if err != nil {
			return nil, err
		}
		p.global = profile
	}
	return p.global, nil
}

// ask is a Relative with the places of its feature and category in the baseline.
type ask struct {
	*Relative
	feature, category int
}

// find looks up what the rule names. The error says why it cannot be asked.
func (r *Relative) find(b Baseline) (ask, error) {
	a := ask{Relative: r}
	table := b.Table()
	switch r.Kind {
	case Spike:
		a.feature = slices.IndexFunc(table.Features, func(f baseline.Feature) bool { return f.Name == r.Feature })
		if a.feature < 0 {
			return a, fmt.Errorf("the baseline has no feature %s", r.Feature)
		}
	case NewKey:
		categories := b.Config().Categories
		if a.category = slices.Index(categories, r.Category); a.category < 0 {
			return a, fmt.Errorf("the baseline has no category %s", r.Category)
		}
	case UnusualHour:
		// Of all features those counts are known in every window that have no null.
		a.feature = slices.IndexFunc(table.Features, func(f baseline.Feature) bool { return f.Name == hourFeature })
		if a.feature < 0 {
			return a, fmt.Errorf("the baseline has no feature %s, which every window knows", hourFeature)
		}
	}
	return a, nil
}

// hourFeature is known in every window of hosts: it counts them.
const hourFeature = "out_packets"

// verdict on a row.
type verdict uint8

const (
	usual    verdict = iota
	unjudged         // too little is known of the host
	unusual
)

// question is what a row says.
type question struct {
	time  int64 // ns
	value float64
	key   []byte
}

// judge answers, and with what is usual where that is a number.
func (a *ask) judge(p *past, address netip.Addr, q question) (verdict, float64, error) {
	h, err := p.of(address)
	if err != nil || h.windows == 0 || h.windows < a.Windows || h.days < a.Days {
		return unjudged, 0, err
	}
	switch a.Kind {
	case Spike:
		v, center := a.spike(h, q)
		return v, center, nil
	case NewKey:
		return a.newKey(h, q), 0, nil
	}
	v, err := a.unusualHour(p, h, q)
	return v, 0, err
}

func (a *ask) spike(h *host, q question) (verdict, float64) {
	answer, ok := h.profile.Query(a.feature, baseline.HourOfWeekOf(q.time))
	if !ok || answer.Observations < baseline.EnoughObservations {
		return unjudged, 0
	}
	// Levels are rounded to whole ones, so a deviation of less than one says nothing.
	center, std := answer.Center(), max(answer.Std, 1)
	deviation := (float64(answer.Scale.Level(q.value)) - answer.Mean) / std
	if q.value > a.Times*center && deviation >= a.Sigma {
		return unusual, center
	}
	return usual, center
}

// newKey asks whether the host's baseline lacks a key. Where a host meets new ones as a
// matter of course, one more says nothing: the chance that the next one is new is estimated
// by the share that keys which came once have in all counts (Good 1953, after Turing).
func (a *ask) newKey(h *host, q question) verdict {
	c, set := &h.profile.Categories()[a.category], h.of(a.category)
	switch {
	case c.Distinct.Count() < a.Known, set.novelty > a.Novelty:
		return unjudged
	case set.has[string(q.key)]:
		return usual
	case c.LeftOut > 0 || !c.Top.Exact():
		return unjudged // it may be among the keys that were left out
	}
	return unusual
}

// unusualHour asks whether the host has too few windows at that hour of the day for its
// baseline to say anything, where the baseline has that hour of others.
func (a *ask) unusualHour(p *past, h *host, q question) (verdict, error) {
	hour := baseline.HourOfWeekOf(q.time)
	everyone, err := p.everyone()
	if err != nil {
		return unjudged, err
	}
	if all, ok := everyone.Query(a.feature, hour); !ok || all.Slot == baseline.AllHours {
		return unjudged, nil
	}
	if own, ok := h.profile.Query(a.feature, hour); ok && own.Slot == baseline.AllHours {
		return unusual, nil
	}
	return usual, nil
}
