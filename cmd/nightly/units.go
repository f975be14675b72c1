package nightly

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// duration takes a length of time: as Go writes them, or in days, as 30d.
func duration(to *time.Duration) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		*to, err = parseDuration(strings.TrimSpace(s))
		return err
	}
}

const day = 24 * time.Hour

// mostDays keeps days from exceeding what a Duration can hold.
const mostDays = 36_500

func parseDuration(s string) (time.Duration, error) {
	if days, is := strings.CutSuffix(s, "d"); is {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= mostDays {
			return time.Duration(n) * day, nil
		}
	} else if d, err := time.ParseDuration(s); err == nil && d >= 0 && d <= mostDays*day {
		return d, nil
	}
	return 0, fmt.Errorf("\"%s\" is no length of time: want one as 10m, 4h or 30d", text.Escape(s))
}

// sizeUnits are the longest first.
var sizeUnits = []struct {
	suffix string
	bytes  float64
}{
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1},
}

// bytesOf takes an amount with its unit, or 0.
func bytesOf(to *int64) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		*to, err = parseBytes(strings.TrimSpace(s))
		return err
	}
}

func parseBytes(s string) (int64, error) {
	if s == "0" {
		return 0, nil
	}
	for _, u := range sizeUnits {
		number, is := strings.CutSuffix(s, u.suffix)
		if !is {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(x >= 0) || x*u.bytes >= math.MaxInt64 {
			break
		}
		return int64(x * u.bytes), nil
	}
	return 0, fmt.Errorf("\"%s\" is no amount: want one as 512MiB or 100GiB", text.Escape(s))
}

// count takes a whole number from 0 on.
func count(to *int) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		x, err := strconv.ParseInt(s, 10, 32)
		if err != nil || x < 0 {
			return fmt.Errorf("\"%s\" is no number from 0 on", text.Escape(s))
		}
		*to = int(x)
		return nil
	}
}
