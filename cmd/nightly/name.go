package nightly

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Names of nights: a day, or an hour of one. A dot and a number from 2 on are of files that
// came late.
const (
	dayName  = time.DateOnly
	hourName = "2006-01-02T15"
)

// nameOf is the name of the night that an instant falls into.
func (n *Nights) nameOf(t time.Time) string {
	if n.By == ByHour {
		return t.UTC().Format(hourName)
	}
	return t.UTC().Format(dayName)
}

// split returns a name without its number, which is 1 where it has none.
func split(name string) (base string, part int) {
	base, number, has := strings.Cut(name, ".")
	if !has {
		return name, 1
	}
	part, err := strconv.Atoi(number)
	if err != nil || part < 2 {
		return name, 1
	}
	return base, part
}

// numbered is the name of a night's part.
func numbered(base string, part int) string {
	if part < 2 {
		return base
	}
	return fmt.Sprintf("%s.%d", base, part)
}

// spanOf returns when a night begins and ends; ok says whether it is the name of one.
func spanOf(name string) (start, end time.Time, ok bool) {
	base, part := split(name)
	if numbered(base, part) != name {
		return start, end, false
	}
	if t, err := time.Parse(dayName, base); err == nil {
		return t, t.Add(day), true
	}
	if t, err := time.Parse(hourName, base); err == nil {
		return t, t.Add(time.Hour), true
	}
	return start, end, false
}

// nextName is the name of the night behind one.
func nextName(name string) (string, bool) {
	start, end, ok := spanOf(name)
	if !ok {
		return "", false
	}
	n := Nights{By: ByDay}
	if end.Sub(start) == time.Hour {
		n.By = ByHour
	}
	return n.nameOf(end), true
}
