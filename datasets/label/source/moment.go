package source

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // zones have their names where the system has no list of them, too

	"pcapmill/outputs/text"
)

// ParseZone reads a zone: a name of the IANA list, UTC, or how far ahead of UTC it is, as +02:00.
func ParseZone(s string) (*time.Location, error) {
	switch {
	case s == "" || s == "Local":
		return nil, errors.New("want a zone such as UTC, America/Halifax or +02:00")
	case s == "Z":
		return time.UTC, nil
	case s[0] == '+' || s[0] == '-':
		offset, err := parseOffset(s)
		if err != nil {
			return nil, err
		}
		return time.FixedZone(s, int(offset.Seconds())), nil
	}
	zone, err := time.LoadLocation(s)
	if err != nil {
		return nil, fmt.Errorf("%s is no zone such as UTC, America/Halifax or +02:00", quoted(s))
	}
	return zone, nil
}

// moment is a time as a person writes one in a rule.
type moment struct {
	wall  time.Time     // date and clock, in UTC whatever its zone is
	ahead time.Duration // of UTC, where it says its zone
	zoned bool
	unit  time.Duration // of its last digit; a day is no number of hours, see end
}

const day = 24 * time.Hour

// parseMoment reads a date, with or without a clock to the minute, second or less, and that with
// or without a zone.
func parseMoment(s string) (m moment, err error) {
	const date = len("2006-01-02")
	wrong := fmt.Errorf("%s is no time such as 2026-03-02T09:00:00Z, \"2026-03-02 09:00\" or 2026-03-02", quoted(s))
	if len(s) < date || s[4] != '-' || s[7] != '-' {
		return m, wrong
	}
	if len(s) == date {
		m.unit = day
		m.wall, _, err = parseWall(s[:4], s[5:7], s[8:date], "00:00:00")
		return m, err
	}
	if s[date] != 'T' && s[date] != ' ' {
		return m, wrong
	}
	clock := s[date+1:]
	if i := strings.IndexAny(clock, "Zz+-"); i >= 0 {
		if m.ahead, err = parseOffset(clock[i:]); err != nil {
			return m, err
		}
		m.zoned, clock = true, strings.TrimSpace(clock[:i])
	}
	m.unit = time.Minute
	if strings.Count(clock, ":") > 1 {
		m.unit = time.Second
	} else {
		clock += ":00"
	}
	wall, precision, err := parseWall(s[:4], s[5:7], s[8:date], clock)
	if m.wall = wall; strings.Contains(clock, ".") {
		m.unit = time.Duration(max(precision, 1))
	}
	return m, err
}

// times turns moments into instants.
type times struct {
	zone  *time.Location // of moments without one; nil: these are ErrZone
	naive bool           // one was without
	twice bool           // one was of an hour that clocks showed twice
}

// begin is the first instant of a moment.
func (t *times) begin(m moment) (int64, error) {
	first, _, err := t.instants(m)
	if err != nil {
		return 0, err
	}
	return nanos(first)
}

// end is the first instant behind a moment: to the minute, all of that minute is before it, to
// the second all of the second, and of a date the day.
func (t *times) end(m moment) (int64, error) {
	step := m.unit
	if m.unit == day {
		m.wall, step = m.wall.AddDate(0, 0, 1), 0
	}
	_, last, err := t.instants(m)
	if err != nil {
		return 0, err
	}
	return nanos(last.Add(step))
}

// instants are the first and the last at which clocks showed a moment.
func (t *times) instants(m moment) (first, last time.Time, err error) {
	if m.zoned {
		first = m.wall.Add(-m.ahead)
		return first, first, nil
	}
	if t.zone == nil {
		return first, last, ErrZone
	}
	t.naive = true
	first, last = earliest(m.wall, t.zone), latest(m.wall, t.zone)
	if skipped(m.wall, first) && m.unit == day { // it begins when clocks were put forward
		first = afterSkip(m.wall, first)
		return first, first, nil
	}
	if skipped(m.wall, first) {
		return first, last, fmt.Errorf("clocks in %s never showed %s: they were put forward", text.Escape(t.zone.String()), m.wall.Format("2006-01-02 15:04:05"))
	}
	t.twice = t.twice || !first.Equal(last)
	return first, last, nil
}

// latest is the last instant at which clocks in a zone showed what wall shows.
func latest(wall time.Time, zone *time.Location) time.Time {
	t := earliest(wall, zone)
	if after, ok := otherOffset(t, 1); ok {
		if other := t.Add(after); sameClock(other, t) && other.After(t) {
			return other
		}
	}
	return t
}

// skipped reports that no clock showed wall, which t stands for.
func skipped(wall, t time.Time) bool { return !sameClock(wall, t) }

// afterSkip is the instant at which clocks jumped over wall, near which t is.
func afterSkip(wall, t time.Time) time.Time {
	from, to := t.ZoneBounds()
	if asUTC(t).Before(wall) {
		return to
	}
	return from
}
