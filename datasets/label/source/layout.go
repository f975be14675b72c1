package source

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// layout is one of Go's time package, in which 02/01/2006 15:04:05 shows where day, month and so
// on stand.
type layout struct {
	text  string
	dated bool          // it has year, month and day
	zoned bool          // it has how far a zone is ahead of UTC
	unit  time.Duration // of its last digit, fractions aside: an hour, a minute, a second
}

// probe differs in each field from what a field is that a layout leaves out.
var probe = time.Date(1999, 12, 28, 11, 58, 57, 0, time.UTC)

func newLayout(text string) layout {
	l := layout{text: text, zoned: strings.Contains(text, "Z07") || strings.Contains(text, "-07"), unit: time.Hour}
	again, err := time.Parse(text, probe.Format(text))
	if err != nil {
		return l
	}
	l.dated = again.Year() == probe.Year() && again.YearDay() == probe.YearDay()
	if again.Minute() == probe.Minute() {
		l.unit = time.Minute
		if again.Second() == probe.Second() {
			l.unit = time.Second
		}
	}
	return l
}

// check reports a layout that does not show when something was.
func (l *layout) check() error {
	if !l.dated || l.unit == time.Hour {
		return fmt.Errorf("%s is no layout with date and clock such as 02/01/2006 15:04:05", quoted(l.text))
	}
	return nil
}

// errLayout says that a time is written otherwise: another layout may fit.
var errLayout = errors.New("layout")

// layoutError is an errLayout. Its text is made when it is asked for: most are of layouts before the
// one that fits.
type layoutError struct{ time, layout string }

// Error implements error.
func (e layoutError) Error() string {
	return fmt.Sprintf("%s is no time as %s", quoted(e.time), quoted(e.layout))
}

// Is reports whether target is errLayout.
func (layoutError) Is(target error) bool { return target == errLayout }

// parse reads a time; a fraction of the second may follow it whether the layout has one or not.
func (l *layout) parse(s string) (moment, error) {
	t, err := time.Parse(l.text, s)
	if err != nil {
		return moment{}, layoutError{s, l.text}
	}
	m := moment{wall: asUTC(t), zoned: l.zoned, unit: l.unit}
	if l.zoned {
		_, offset := t.Zone()
		m.ahead = time.Duration(offset) * time.Second
	}
	if digits := fractionOf(s); digits != "" && l.unit == time.Second {
		_, precision, err := parseFraction(digits)
		if err != nil {
			return m, err
		}
		m.unit = time.Duration(max(precision, 1))
	}
	return m, nil
}

// asUTC keeps date and clock and says they are of UTC.
func asUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// fractionOf returns the digits of a fraction: those behind a point or comma that follows a colon
// and digits.
func fractionOf(s string) string {
	colon := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ':':
			colon = true
		case colon && (c == '.' || c == ','):
			end := i + 1
			for end < len(s) && s[end] >= '0' && s[end] <= '9' {
				end++
			}
			return s[i+1 : end]
		case c < '0' || c > '9':
			colon = false
		}
	}
	return ""
}
