package source

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseWall reads the numbers of a date and a clock as HH:MM:SS with or without a fraction; the
// result is in UTC, whatever zone they are of. precision is what the fraction was cut to, ns: 0
// where it has nine digits or more.
func parseWall(year, month, day, clock string) (wall time.Time, precision int64, err error) {
	whole, fraction, _ := strings.Cut(clock, ".")
	h, rest, _ := strings.Cut(whole, ":")
	m, s, _ := strings.Cut(rest, ":")
	var n [6]int
	for i, digits := range []string{year, month, day, h, m, s} {
		if n[i], err = small(digits); err != nil {
			return wall, 0, fmt.Errorf("%s-%s-%s %s is no time", quoted(year), quoted(month), quoted(day), quoted(clock))
		}
	}
	nanos, precision, err := parseFraction(fraction)
	if err != nil {
		return wall, 0, err
	}
	wall = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], nanos, time.UTC)
	if wall.Day() != n[2] || int(wall.Month()) != n[1] || wall.Hour() != n[3] || wall.Minute() != n[4] || wall.Second() != n[5] {
		return wall, 0, fmt.Errorf("%s-%s-%s %s is not on the calendar or the clock", year, month, day, clock)
	}
	return wall, precision, nil
}

// small reads up to four digits.
func small(digits string) (int, error) {
	if len(digits) == 0 || len(digits) > 4 || !isDigits(digits) {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(digits)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// nanoDigits is how many digits a fraction of a second has in nanoseconds.
const nanoDigits = 9

// parseFraction reads the digits behind a second's decimal point; more than nine are cut.
func parseFraction(digits string) (nanos int, precision int64, err error) {
	if !isDigits(digits) || len(digits) > 4*nanoDigits {
		return 0, 0, fmt.Errorf("%s is no fraction of a second", quoted(digits))
	}
	precision = 1
	for i := range nanoDigits {
		nanos *= 10
		if i < len(digits) {
			nanos += int(digits[i] - '0')
		} else {
			precision *= 10
		}
	}
	if precision == 1 {
		precision = 0
	}
	return nanos, precision, nil
}

// instant reads a time as of ISO 8601, with a zone (Z, +hh:mm, +hhmm, +hh) or in that of Options.
func (r *reading) instant(s string) (ns, precision int64, err error) {
	const date = len("2006-01-02")
	if len(s) <= date || s[4] != '-' || s[7] != '-' || s[date] != 'T' && s[date] != ' ' {
		return 0, 0, fmt.Errorf("%s is no time as 2006-01-02T15:04:05.000000+0000", quoted(s))
	}
	clock, zone := s[date+1:], ""
	if i := strings.IndexAny(clock, "Zz+-"); i >= 0 {
		clock, zone = clock[:i], clock[i:]
	}
	wall, precision, err := parseWall(s[:4], s[5:7], s[8:date], clock)
	if err != nil {
		return 0, 0, err
	}
	if zone == "" {
		ns, err = r.inZone(wall)
		return ns, precision, err
	}
	offset, err := parseOffset(zone)
	if err != nil {
		return 0, 0, err
	}
	ns, err = nanos(wall.Add(-offset))
	return ns, precision, err
}

// parseOffset reads how far ahead of UTC a zone is.
func parseOffset(zone string) (time.Duration, error) {
	if zone == "Z" || zone == "z" {
		return 0, nil
	}
	digits := strings.Replace(zone[1:], ":", "", 1)
	if len(digits) == 2 {
		digits += "00"
	}
	n, err := small(digits)
	if err != nil || len(digits) != 4 || n/100 > 23 || n%100 > 59 {
		return 0, fmt.Errorf("%s is no offset of a zone", quoted(zone))
	}
	offset := time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if zone[0] == '-' {
		offset = -offset
	}
	return offset, nil
}

// epoch reads decimal seconds since 1970 to the nanosecond, digit by digit, since a double has
// only microseconds. precision is as of parseWall.
func epoch(s string) (ns, precision int64, err error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || !isDigits(whole) {
		return 0, 0, fmt.Errorf("%s is no number of seconds", quoted(s))
	}
	part, precision, err := parseFraction(fraction)
	if err != nil {
		return 0, 0, err
	}
	t := time.Unix(seconds, int64(part))
	if negative {
		t = time.Unix(-seconds, -int64(part))
	}
	ns, err = nanos(t)
	return ns, precision, err
}
