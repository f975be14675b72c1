package source

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/label"
)

// when reads the time of a row.
func (t *table) when(e *label.Event) error {
	begin, precision, err := t.instantOf(t.get(fieldTime))
	if err != nil {
		return err
	}
	e.Time, e.Last, e.Precision = begin, begin, precision
	if s := t.get(fieldEnd); s != "" {
		if e.Last, precision, err = t.instantOf(s); err != nil {
			return err
		}
		e.Precision = max(e.Precision, precision)
		return nil
	}
	s := t.get(fieldDuration)
	if s == "" || s == "-" {
		return nil
	}
	x, err := strconv.ParseFloat(s, 64)
	switch ns := x * float64(cmp.Or(t.shape.unit, time.Second)); {
	case err != nil || !(ns < math.MaxInt64/2) || begin > math.MaxInt64/2:
		return fmt.Errorf("duration %s is none", quoted(s))
	case ns < 0:
		t.odd.negative++
	default:
		e.Last = begin + int64(math.Round(ns))
	}
	return nil
}

// instantOf reads a time in the first format that fits.
func (t *table) instantOf(s string) (ns, precision int64, err error) {
	if len(t.layouts) == 0 {
		if ns, precision, err = epoch(s); err == nil {
			return ns, precision, nil
		}
		return t.instant(s)
	}
	for i := range t.layouts {
		ns, precision, err = t.inLayout(&t.layouts[i], s)
		if !errors.Is(err, errLayout) {
			return ns, precision, err
		}
	}
	return 0, 0, err
}

// inLayout reads a time in one format.
func (t *table) inLayout(l *layout, s string) (ns, precision int64, err error) {
	unit, number := epochs[l.text]
	switch {
	case number:
		ns, precision, err = epochIn(s, unit)
	case l.text == "iso8601":
		ns, precision, err = t.instant(s)
	default:
		return t.inWords(l, s)
	}
	if err != nil && !final(err) {
		err = layoutError{s, l.text}
	}
	return ns, precision, err
}

// inWords reads a time with a date and a clock.
func (t *table) inWords(l *layout, s string) (ns, precision int64, err error) {
	m, err := l.parse(s)
	if err != nil {
		return 0, 0, err
	}
	if m.zoned {
		ns, err = nanos(m.wall.Add(-m.ahead))
		return ns, int64(m.unit), err
	}
	if noon := t.shape.noon; noon > 0 && !strings.Contains(strings.ToUpper(l.text), "PM") {
		if m.wall.Hour() > 12 {
			return 0, 0, fmt.Errorf("%s is of a clock of 24 hours, and those before are of one of 12", quoted(s))
		}
		if m.wall.Hour() < noon {
			m.wall = m.wall.Add(12 * time.Hour)
		}
	}
	ns, err = t.inZone(m.wall)
	return ns, int64(m.unit), err
}

// epochIn reads a number since 1970 of a unit.
func epochIn(s string, unit time.Duration) (ns, precision int64, err error) {
	if unit == time.Second {
		return epoch(s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
		return 0, 0, fmt.Errorf("%s is no whole number of %v since 1970", quoted(s), unit)
	}
	if unit > 1 {
		precision = int64(unit)
	}
	return n * int64(unit), precision, nil
}
