package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// instant is a point in time on the command line.
type instant struct {
	ns  int64 // since 1970-01-01 UTC
	set bool
}

// secondDigits is the longest number that means seconds. All instants that fit
// int64 nanoseconds have at most ten digits of seconds; numbers of 17 digits and
// more mean nanoseconds, and those between are nothing.
const (
	secondDigits = 10
	nanoDigits   = 17
)

// UnmarshalText reads RFC 3339 with a zone, seconds with up to nine decimals, or
// nanoseconds.
func (t *instant) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" {
		*t = instant{}
		return nil
	}
	ns, err := parseInstant(s)
	if err != nil {
		return err
	}
	*t = instant{ns, true}
	return nil
}

// MarshalText is the inverse: RFC 3339 in UTC, empty where not set.
func (t instant) MarshalText() ([]byte, error) {
	if !t.set {
		return nil, nil
	}
	return []byte(time.Unix(0, t.ns).UTC().Format(time.RFC3339Nano)), nil
}

func parseInstant(s string) (int64, error) {
	if strings.ContainsAny(s, ":Tt") {
		return parseDate(s)
	}
	digits, fraction, hasFraction := strings.Cut(s, ".")
	unsigned := strings.TrimPrefix(digits, "-")
	if !numeric(unsigned) || hasFraction && (!numeric(fraction) || len(fraction) > 9) {
		return 0, fmt.Errorf("instant %q: want 2026-03-02T09:00:00Z, seconds since 1970 with up to nine decimals, or nanoseconds", s)
	}
	if len(unsigned) >= nanoDigits && !hasFraction {
		ns, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("instant %q: out of range", s)
		}
		return ns, nil
	}
	if len(unsigned) > secondDigits {
		return 0, fmt.Errorf("instant %q: neither seconds (up to %d digits) nor nanoseconds (%d and more)", s, secondDigits, nanoDigits)
	}
	// As one number of nanoseconds, so that a range check is one comparison.
	ns, err := strconv.ParseInt(digits+(fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("instant %q: out of range", s)
	}
	return ns, nil
}

func numeric(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func parseDate(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		if _, naive := time.Parse("2006-01-02T15:04:05.999999999", s); naive == nil {
			return 0, fmt.Errorf("instant %q has no zone: add Z for UTC, or an offset such as +02:00", s)
		}
		return 0, fmt.Errorf("instant %q: want RFC 3339 with a zone, such as 2026-03-02T09:00:00Z", s)
	}
	if sec := t.Unix(); sec < math.MinInt64/1_000_000_000 || sec >= math.MaxInt64/1_000_000_000 {
		return 0, fmt.Errorf("instant %q: not within the years 1678 to 2262", s)
	}
	return t.UnixNano(), nil
}
