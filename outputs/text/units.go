package text

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// byteUnits are what an amount may end with: IEC's, then SI's, each from small to large.
var byteUnits = []struct {
	suffix string
	factor int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

const iecUnits = 4

// ParseBytes reads an amount above 0 with its unit, as 512MiB, 1.5 GB or 96B; false where it is none,
// or more than 63 bits hold.
func ParseBytes(s string) (int64, bool) {
	for _, u := range byteUnits {
		digits, is := strings.CutSuffix(s, u.suffix)
		if !is {
			continue
		}
		digits = strings.TrimSuffix(digits, " ")
		if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return n * u.factor, n > 0 && n <= math.MaxInt64/u.factor
		}
		if strings.Trim(digits, "0123456789") != "." { // neither inf nor exponents
			return 0, false
		}
		x, err := strconv.ParseFloat(digits, 64)
		x *= float64(u.factor)
		return int64(x), err == nil && x >= 1 && x < math.MaxInt64
	}
	return 0, false
}

// FormatBytes writes an amount in the largest binary unit that it is a whole number of. ParseBytes
// reads it.
func FormatBytes(n int64) string {
	for i := iecUnits - 1; i >= 0; i-- {
		if u := byteUnits[i]; n > 0 && n%u.factor == 0 {
			return strconv.FormatInt(n/u.factor, 10) + u.suffix
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

const (
	day      = 24 * time.Hour
	mostDays = 36_500 // a Duration holds no three hundred years
)

// ParseDuration reads a length of time as Go writes them, or in days, as 10m, 4h30m or 30d: from 0
// to a hundred years; false where it is none.
func ParseDuration(s string) (time.Duration, bool) {
	if days, is := strings.CutSuffix(s, "d"); is {
		n, err := strconv.ParseUint(days, 10, 32)
		return time.Duration(n) * day, err == nil && n <= mostDays
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0 && d <= mostDays*day
}
