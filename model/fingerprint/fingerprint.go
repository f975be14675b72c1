package fingerprint

import (
	"fmt"
	"math"
	"net/netip"
)

// Fingerprint is how one host behaves.
type Fingerprint struct {
	Host        netip.Addr
	WindowNanos int64 // length of a window
	First       int64 // begin of the first window, ns since 1970
	Last        int64 // begin of the last window
	Windows     int64 // in which the host has a packet; others are no part of it
	Parts       int64 // rows beyond one a window: distinct counts may count things twice
	Inexact     int64 // rows in which a distinct count is an estimate
	Packets     int64
	WireBytes   int64
	Flows       int64
	Vector      Vector
}

// Vector has a value for each of Features, in that order.
type Vector []Value

// Of returns the value of the named feature; unknown where there is none of that name.
func (v Vector) Of(name string) Value {
	if i := position(name); i >= 0 && i < len(v) {
		return v[i]
	}
	return Value{}
}

// fingerprint makes it of the rows of one host, whose windows have a length.
func (s *sums) fingerprint(host netip.Addr, length int64) *Fingerprint {
	j := s.join(length)
	f := &Fingerprint{
		Host: host, WindowNanos: length, First: j.first, Last: j.last,
		Windows: int64(j.number.all), Parts: s.rows - int64(j.number.all), Inexact: s.inexact,
		Packets: int64(j.packets()), WireBytes: int64(j.bytes()), Flows: int64(j.flows()),
		Vector: make(Vector, len(features)),
	}
	for i := range features {
		f.Vector[i] = features[i].of(j)
	}
	return f
}

// Validate reports what no Builder makes.
func (f *Fingerprint) Validate() error {
	switch {
	case !f.Host.IsValid() || f.Host.Zone() != "":
		return fmt.Errorf("%w: no address", ErrFormat)
	case f.WindowNanos <= 0 || f.WindowNanos > maxWindow:
		return fmt.Errorf("%w: a window of %d ns", ErrFormat, f.WindowNanos)
	case f.Windows <= 0 || f.First > f.Last:
		return fmt.Errorf("%w: %d windows from %d to %d", ErrFormat, f.Windows, f.First, f.Last)
	case min(f.Parts, f.Inexact, f.Packets, f.WireBytes, f.Flows) < 0:
		return fmt.Errorf("%w: a count below 0", ErrFormat)
	case len(f.Vector) != len(features):
		return fmt.Errorf("%w: %d features, want %d", ErrFormat, len(f.Vector), len(features))
	}
	for i, v := range f.Vector {
		if x := v.X; !(x >= 0 && x <= features[i].most()) || !v.Known && (x != 0 || features[i].Null == "") {
			return fmt.Errorf("%w: %s is %v", ErrFormat, features[i].Name, x)
		}
	}
	return nil
}

func (f *Feature) most() float64 {
	if f.Most > 0 {
		return f.Most
	}
	return math.MaxFloat64
}
