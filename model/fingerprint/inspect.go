package fingerprint

import (
	"errors"
	"fmt"
	"math"
)

// DefaultLimit is how many windows a timeline shows.
const DefaultLimit = 10

// ErrFeature: there is no feature of that name.
var ErrFeature = errors.New("no such feature")

// View is what there is to see of a host, as numbers.
type View struct {
	Fingerprint *Fingerprint
	Classes     []Class
	Undecided   []Undecided
	Bars        []Bar
	Timeline    *Line // nil: none was asked for
}

// Bar is a feature on its fixed scale.
type Bar struct {
	Feature *Feature
	Value   Value
	Fill    float64 // 0 at Feature.Low or below, or where the value is unknown; 1 at Feature.High or above
	Usual   Value   // where the baseline's mean lies on the same scale
	Z       Value   // how many standard deviations the value lies from that, within ±10
	Word    string  // name of the value's band, for features that have bands
}

// Line is one feature over time.
type Line struct {
	Feature *Feature
	Points  []Point // the newest, in the order of time
	Before  int     // older windows that the limit leaves out
}

// Point is one window.
type Point struct {
	Start int64 // of the window, ns since 1970
	Bar   Bar
}

// ViewOptions say what to look at.
type ViewOptions struct {
	Feature string // one; empty: all
	Scale   Scale  // what is usual; nil: nothing is known of that
	Limit   int    // windows of a timeline; 0: DefaultLimit
}

// Inspect looks at a fingerprint. windows are those of Timeline.Fingerprints, for one
// feature over time; nil: no timeline. The error is ErrFeature.
func Inspect(f *Fingerprint, windows []*Fingerprint, o ViewOptions) (*View, error) {
	v := &View{Fingerprint: f}
	v.Classes, v.Undecided = Classify(f.Vector)
	at := position(o.Feature)
	switch {
	case at < 0 && o.Feature != "":
		return nil, fmt.Errorf("%w: %.60q", ErrFeature, o.Feature)
	case at < 0 && windows != nil:
		return nil, fmt.Errorf("%w: a timeline is of one", ErrFeature)
	}
	for i := range features {
		if at < 0 || at == i {
			v.Bars = append(v.Bars, barOf(&features[i], f.Vector[i], o.Scale))
		}
	}
	if windows != nil {
		v.Timeline = lineOf(at, windows, o)
	}
	return v, nil
}

func barOf(f *Feature, v Value, s Scale) Bar {
	b := Bar{Feature: f, Value: v}
	if v.Known {
		b.Fill = f.place(f.Transform(v.X))
		b.Word = wordOf(f.Name, v.X)
	}
	if s == nil {
		return b
	}
	if spread, ok := s.Spread(f.Name); ok && !math.IsNaN(spread.Mean) {
		b.Usual = known(f.place(spread.Mean))
	}
	b.Z = f.scaled(v, s)
	return b
}

// place is where a transformed value lies from Low to High, 0 to 1.
func (f *Feature) place(x float64) float64 {
	low, high := f.Transform(f.Low), f.Transform(f.High)
	return max(0, min(1, (x-low)/(high-low)))
}

func wordOf(feature string, x float64) string {
	switch feature {
	case "burst_score":
		return BurstBand(x)
	case "dns_name_entropy_bits":
		return EntropyBand(x)
	}
	return ""
}

func lineOf(at int, windows []*Fingerprint, o ViewOptions) *Line {
	limit := o.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	l := &Line{Feature: &features[at], Before: max(0, len(windows)-limit)}
	for _, w := range windows[l.Before:] {
		l.Points = append(l.Points, Point{w.First, barOf(l.Feature, w.Vector[at], o.Scale)})
	}
	return l
}
