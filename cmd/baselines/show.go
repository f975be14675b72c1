package baselines

import (
	"context"
	"math"

	"pcapmill/features/sketch"
	"pcapmill/model/baseline"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Request says what of a baseline to show.
type Request struct {
	Segment string // see baseline.ParseKey
	Hour    *int   // of the week, 0 to 167 from Monday 00 UTC on; nil: all hours
	Feature string // empty: all
	Top     int    // keys of a category
}

// View is what is normal of a segment. In its texts, what does not print is escaped.
type View struct {
	Segment    string         `json:"segment"`
	Table      string         `json:"table"`
	Version    int            `json:"table_version"`
	WindowNs   int64          `json:"window_ns"` // 0: of any length
	Hosts      uint64         `json:"hosts"`
	Windows    uint64         `json:"windows"`
	Days       int            `json:"days"`
	First      string         `json:"first_day"`
	Last       string         `json:"last_day"`
	Hour       *int           `json:"hour_of_week"` // null: all hours
	Features   []FeatureView  `json:"features"`
	Categories []CategoryView `json:"categories"`
}

// FeatureView is what is normal of a feature. Numbers are null where no value is known.
type FeatureView struct {
	Name         string   `json:"name"`
	Values       uint64   `json:"values"`       // known, at all hours
	Slot         string   `json:"slot"`         // whose windows the moments are of
	Observations uint64   `json:"observations"` // known values in the slot
	Mean         float64  `json:"mean_level"`
	Std          float64  `json:"std_level"`
	Center       *float64 `json:"center"` // the value that the mean level stands for
	Low          *float64 `json:"low"`    // the same of a standard deviation below
	High         *float64 `json:"high"`   // and above
	Quantiles
}

// Quantiles are from the histogram of all hours, and right within a bin of it.
type Quantiles struct {
	P05 *float64 `json:"p05"`
	P25 *float64 `json:"p25"`
	P50 *float64 `json:"p50"`
	P75 *float64 `json:"p75"`
	P95 *float64 `json:"p95"`
	P99 *float64 `json:"p99"`
}

// CategoryView are the keys that came most often.
type CategoryView struct {
	Name     string    `json:"name"`
	Distinct uint64    `json:"distinct"` // different keys
	Exact    bool      `json:"distinct_exact"`
	Times    uint64    `json:"times"`    // that keys came, all together
	LeftOut  uint64    `json:"left_out"` // of these, those of keys that nothing more is known of
	Keys     []KeyView `json:"keys"`
	More     int       `json:"more_keys"` // that are known but not listed
}

// KeyView is a key and how often it came.
type KeyView struct {
	Key   string `json:"key"`
	Times uint64 `json:"times"`
}

// Show returns what is normal of a segment.
func Show(ctx context.Context, name string, r *Request) (*View, error) {
	key, err := baseline.ParseKey(r.Segment)
	if err != nil {
		return nil, usage.Errorf("--segment %s: want global, 'host ADDRESS', 'subnet PREFIX', 'protocol NAME' or 'label NAME'", text.Escape(r.Segment))
	}
	if r.Hour != nil && (*r.Hour < 0 || *r.Hour > 167) {
		return nil, usage.Errorf("--hour is an hour of the week: 0 (Monday 00 UTC) to 167")
	}
	b, err := baseline.Open(name, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	defer b.Close() //nolint:errcheck // only read
	all, err := b.ProfilesContext(ctx, math.MinInt32, math.MaxInt32, key)
	if err != nil {
		return nil, in(name, err)
	}
	p := all[0]
	if p.Windows == 0 {
		return nil, usage.Errorf("%s has no windows of %s; baseline list shows what there is", text.Escape(name), text.Escape(key.String()))
	}
	table := b.Table()
	v := &View{Segment: key.String(), Table: table.Name, Version: table.Version, WindowNs: table.Window, Hosts: p.Hosts, Windows: p.Windows, Days: len(p.Days), Hour: r.Hour}
	v.First, v.Last = ends(p.Days)
	if v.Features, err = featureViews(p, &table, r); err != nil {
		return nil, err
	}
	if r.Feature == "" {
		v.Categories = categoryViews(p, r.Top)
	}
	return v, nil
}

func featureViews(p *baseline.Profile, t *baseline.Table, r *Request) ([]FeatureView, error) {
	if r.Feature != "" && t.Index(r.Feature) < 0 {
		names := make([]string, len(t.Features))
		for i := range t.Features {
			names[i] = t.Features[i].Name
		}
		return nil, usage.Errorf("no feature %s%s", text.Escape(r.Feature), text.Suggest(r.Feature, names))
	}
	var all []FeatureView
	for i := range t.Features {
		if name := t.Features[i].Name; r.Feature == "" || name == r.Feature {
			all = append(all, featureView(p, i, name, r.Hour))
		}
	}
	return all, nil
}

func featureView(p *baseline.Profile, i int, name string, hour *int) FeatureView {
	h := p.Histogram(i)
	v := FeatureView{Name: name, Values: h.Count(), Quantiles: quantiles(h)}
	a, known := baseline.Answer{}, false
	if hour == nil {
		a, known = p.AllHours(i)
	} else {
		a, known = p.Query(i, *hour)
	}
	if !known {
		return v
	}
	v.Slot, v.Observations, v.Mean, v.Std = a.Slot.String(), a.Observations, a.Mean, a.Std
	v.Center, v.Low, v.High = new(a.Center()), new(a.Scale.Value(a.Mean-a.Std)), new(a.Scale.Value(a.Mean+a.Std))
	return v
}

func quantiles(h *sketch.Histogram) (q Quantiles) {
	for _, at := range []struct {
		to *(*float64)
		q  float64
	}{{&q.P05, 0.05}, {&q.P25, 0.25}, {&q.P50, 0.5}, {&q.P75, 0.75}, {&q.P95, 0.95}, {&q.P99, 0.99}} {
		if x, ok := h.Quantile(at.q); ok {
			*at.to = new(x.Value)
		}
	}
	return q
}

func categoryViews(p *baseline.Profile, top int) []CategoryView {
	all := []CategoryView{}
	categories := p.Categories()
	for i := range categories {
		c := &categories[i]
		v := CategoryView{Name: c.Name, Distinct: c.Distinct.Count(), Exact: c.Distinct.Exact(), LeftOut: c.LeftOut + c.Top.Others(), Keys: []KeyView{}}
		v.Times = c.Top.Total() + c.LeftOut
		entries := c.Top.Top(-1)
		for _, e := range entries[:min(top, len(entries))] {
			v.Keys = append(v.Keys, KeyView{e.Key, e.Count})
		}
		v.More = len(entries) - len(v.Keys)
		all = append(all, v)
	}
	return all
}

// Listed is what List found.
type Listed struct {
	Segments []SegmentView `json:"segments"`
	More     []More        `json:"more"` // what the limit leaves out
}

// SegmentView is a segment and how much there is of it.
type SegmentView struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"` // empty: all there is
	Hosts   uint64 `json:"hosts"`
	Windows uint64 `json:"windows"`
	Days    int    `json:"days"`
	First   string `json:"first_day"`
	Last    string `json:"last_day"`
}

// More says how many segments of a kind are not listed.
type More struct {
	Kind     string `json:"kind"`
	Segments int    `json:"segments"`
}

// together is how many profiles are made at once: each takes some 100 KB.
const together = 256

// List returns segments of these kinds, of each at most so many, by what names them.
func List(ctx context.Context, name string, kinds []baseline.Kind, limit int) (*Listed, error) {
	if limit < 1 {
		return nil, usage.Errorf("--limit below 1")
	}
	b, err := baseline.Open(name, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	defer b.Close() //nolint:errcheck // only read
	l := &Listed{Segments: []SegmentView{}, More: []More{}}
	for _, kind := range kinds {
		if err := l.add(ctx, b, kind, limit); err != nil {
			return nil, in(name, err)
		}
	}
	return l, nil
}

func (l *Listed) add(ctx context.Context, b *baseline.File, kind baseline.Kind, limit int) error {
	keys, err := b.Segments(kind)
	if err != nil {
		return err
	}
	if n := len(keys); n > limit {
		keys = keys[:limit]
		l.More = append(l.More, More{kind.String(), n - limit})
	}
	for len(keys) > 0 {
		some := keys[:min(together, len(keys))]
		keys = keys[len(some):]
		profiles, err := b.ProfilesContext(ctx, math.MinInt32, math.MaxInt32, some...)
		if err != nil {
			return err
		}
		for _, p := range profiles {
			l.Segments = append(l.Segments, segmentView(p))
		}
	}
	return nil
}

func segmentView(p *baseline.Profile) SegmentView {
	v := SegmentView{Kind: p.Key.Kind().String(), Name: p.Key.Name(), Hosts: p.Hosts, Windows: p.Windows, Days: len(p.Days)}
	v.First, v.Last = ends(p.Days)
	return v
}

// Kinds returns the kind of that name, or those of "all" in the order in which they are
// listed.
func Kinds(name string) ([]baseline.Kind, error) {
	all := []baseline.Kind{baseline.Global, baseline.Protocol, baseline.Label, baseline.Subnet, baseline.Host}
	if name == "all" {
		return all, nil
	}
	for _, k := range all {
		if k.String() == name {
			return []baseline.Kind{k}, nil
		}
	}
	return nil, usage.Errorf("--kind: there is no kind %s", text.Escape(name))
}
