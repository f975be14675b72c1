package source

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/outputs/strictyaml"
)

// intoTimes takes one stretch of time, or a list of them.
func (f *rulesFile) intoTimes(to *[]label.Interval) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		*to = nil
		if _, one := strictyaml.Pairs(n); one {
			return f.stretch(n, to)
		}
		elements, err := strictyaml.List(n, maxElements)
		if err != nil {
			return err
		}
		if len(elements) == 0 {
			return strictyaml.Wrong(n, "an empty list: leave the key out where nothing is asked")
		}
		for _, e := range elements {
			if err := f.stretch(e, to); err != nil {
				return strictyaml.At(e, err)
			}
		}
		return nil
	}
}

// stretch reads from and to, and the hours that repeat daily between these.
func (f *rulesFile) stretch(n strictyaml.Node, to *[]label.Interval) error {
	var from, until, daily string
	err := strictyaml.Mapping(n, "time", strictyaml.Keys{"from": strictyaml.Text(&from), "to": strictyaml.Text(&until), "daily": strictyaml.Text(&daily)})
	if err != nil {
		return err
	}
	before := len(*to)
	if daily != "" {
		err = f.daily(from, until, daily, to)
	} else {
		err = f.once(from, until, to)
	}
	if f.intervals += len(*to) - before; f.intervals > maxIntervals {
		return fmt.Errorf("%w: more than %d intervals in all rules", ErrLimit, maxIntervals)
	}
	return err
}

// once appends the interval between two moments, of which one may be missing.
func (f *rulesFile) once(from, until string, to *[]label.Interval) error {
	if from == "" && until == "" {
		return errors.New("time: want from, to or both")
	}
	i := label.Always()
	if from != "" {
		m, err := parseMoment(from)
		if err == nil {
			i.From, err = f.begin(m)
		}
		if err != nil {
			return fmt.Errorf("from: %w", err)
		}
	}
	if until != "" {
		m, err := parseMoment(until)
		if err == nil {
			i.To, err = f.end(m)
		}
		if err != nil {
			return fmt.Errorf("to: %w", err)
		}
	}
	if i.From >= i.To {
		return errors.New("time: it ends before it begins")
	}
	*to = append(*to, i)
	return nil
}

// daily appends an interval for each day from one date to another: 22:00-06:00 ends on the day
// after. Times of day that clocks skipped are the instant at which they did.
func (f *rulesFile) daily(from, until, hours string, to *[]label.Interval) error {
	first, err := parseMoment(from)
	last, err2 := parseMoment(until)
	if err != nil || err2 != nil || first.unit != day || last.unit != day {
		return errors.New("daily: want from and to as dates such as 2026-03-02, the first and the last day on which it begins")
	}
	open, shut, ok := strings.Cut(hours, "-")
	begin, err := parseClock(open)
	end, err2 := parseClock(shut)
	if !ok || err != nil || err2 != nil {
		return fmt.Errorf("daily: %s is no span of a day such as 22:00-06:00", quoted(hours))
	}
	if last.wall.Before(first.wall) || begin.since == end.since {
		return errors.New("time: it ends before it begins, or as it does; a whole day is 00:00-23:59")
	}
	if f.zone == nil {
		return ErrZone
	}
	f.naive = true
	for d := first.wall; !d.After(last.wall); d = d.AddDate(0, 0, 1) {
		i, err := f.hours(d, begin, end)
		if err != nil {
			return err
		}
		if *to = append(*to, i); f.intervals+len(*to) > maxIntervals {
			return fmt.Errorf("%w: more than %d intervals in all rules", ErrLimit, maxIntervals)
		}
	}
	return nil
}

// clock is a time of day.
type clock struct{ since, unit time.Duration }

func parseClock(s string) (clock, error) {
	m, err := parseMoment("2000-01-01 " + strings.TrimSpace(s))
	if err != nil || m.zoned {
		return clock{}, fmt.Errorf("%s is no time of day", quoted(s))
	}
	return clock{m.wall.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)), m.unit}, nil
}

// hours is the interval that begins on a date. What clocks showed twice it has twice.
func (f *rulesFile) hours(date time.Time, begin, end clock) (i label.Interval, err error) {
	until := date
	if end.since < begin.since {
		until = date.AddDate(0, 0, 1)
	}
	if i.From, err = nanos(f.lenient(date.Add(begin.since), earliest)); err != nil {
		return i, err
	}
	i.To, err = nanos(f.lenient(until.Add(end.since), latest).Add(end.unit))
	return i, err
}

// lenient is the instant of a wall clock's time, or that at which clocks jumped over it.
func (f *rulesFile) lenient(wall time.Time, of func(time.Time, *time.Location) time.Time) time.Time {
	t := of(wall, f.zone)
	if skipped(wall, t) {
		return afterSkip(wall, t)
	}
	return t
}
