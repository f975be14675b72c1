package where

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"pcapmill/features/column"
)

// wholeNumber reads an integer, and what else the column's unit allows: instants
// for columns of time, durations for those in ns.
func wholeNumber(s string, col *column.Column) (int64, error) {
	if n, err := parseInteger(s); err == nil {
		return n, nil
	}
	switch {
	case col.Type == column.Timestamp || col.Unit == column.EpochNano:
		return parseInstant(s, col.Type == column.Timestamp)
	case col.Unit == column.Nanos:
		if d, err := time.ParseDuration(s); err == nil {
			return int64(d), nil
		}
		return 0, fmt.Errorf("%q is neither a number of ns nor a duration such as 1.5s", s)
	}
	return 0, fmt.Errorf("%q is no whole number", s)
}

// parseInteger reads decimal digits, hexadecimal ones after 0x, and whole numbers
// written with an exponent.
func parseInteger(s string) (int64, error) {
	if digits, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		return strconv.ParseInt(digits, 16, 64)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	const exact = 1 << 53 // up to here a float64 holds every whole number
	if f, failed := strconv.ParseFloat(s, 64); err != nil && failed == nil && f == math.Trunc(f) && math.Abs(f) < exact {
		return int64(f), nil
	}
	return n, err
}

// parseInstant returns microseconds or nanoseconds since 1970.
func parseInstant(s string, micros bool) (int64, error) {
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no instant: want RFC 3339 with a zone, Z for UTC, such as 2026-03-02T09:00:00Z", s)
	case micros:
		return t.UnixMicro(), nil
	case t.Year() < 1678 || t.Year() > 2261:
		return 0, fmt.Errorf("%q is not within the years 1678 to 2261", s)
	}
	return t.UnixNano(), nil
}

// number reads a number, and a duration for columns in ns.
func number(s string, col *column.Column) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err == nil && !math.IsNaN(f) {
		return f, nil
	}
	if d, err := time.ParseDuration(s); err == nil && col.Unit == column.Nanos {
		return float64(d), nil
	}
	return 0, fmt.Errorf("%q is no number", s)
}
