package host

import (
	"testing"
	"time"
)

// TestHourOfWeek compares every half hour of two weeks around 1970, and of one of 2026, with the calendar.
func TestHourOfWeek(t *testing.T) {
	for _, begin := range []time.Time{time.Date(1969, 12, 24, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)} {
		for at := begin; at.Before(begin.AddDate(0, 0, 14)); at = at.Add(30 * time.Minute) {
			want := int32((int(at.Weekday())+6)%7*24 + at.Hour())
			for _, ns := range []int64{at.UnixNano(), at.UnixNano() + int64(30*time.Minute) - 1} {
				if got := hourOfWeek(ns); got != want {
					t.Fatalf("%v is in hour %d, want %d", at, got, want)
				}
			}
		}
	}
}

// TestGridOf: an instant is in the one window that begins at it or before, and ends behind it.
func TestGridOf(t *testing.T) {
	grids, err := NewGrids(10*time.Minute, 2*time.Minute)
	if err != nil || len(grids) != 5 {
		t.Fatalf("%d grids, %v", len(grids), err)
	}
	for _, g := range grids {
		for n := int64(-3); n < 3; n++ {
			for _, at := range []int64{g.Start(n), g.Start(n) + 1, g.End(n) - 1} {
				if got := g.Of(at); got != n || g.Start(n+1) != g.End(n) {
					t.Errorf("%+v: %d is in window %d, want %d", g, at, got, n)
				}
			}
		}
	}
}
