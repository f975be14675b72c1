package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"pcapmill/ingest/decompress"
)

// expandLimit says on the command line how far compressed inputs may expand: a
// ratio, an amount, both with a comma between, or off.
type expandLimit struct {
	ratio  int64 // output bytes per stored byte
	output int64 // bytes; 0: any number
}

// expandOff is the limit that no input meets.
const expandOff = "off"

// UnmarshalText reads "1100:1", "50GiB", "5000:1,50GiB" or "off".
func (l *expandLimit) UnmarshalText(text []byte) error {
	*l = expandLimit{ratio: decompress.DefaultMaxExpand}
	if string(text) == expandOff {
		l.ratio = math.MaxInt64
		return nil
	}
	ratios, sizes := 0, 0
	for part := range strings.SplitSeq(string(text), ",") {
		var err error
		if ratio, is := strings.CutSuffix(part, ":1"); is {
			ratios++
			l.ratio, err = strconv.ParseInt(ratio, 10, 64)
		} else {
			sizes++
			l.output, err = byteCount(part)
		}
		if err != nil || l.ratio < 1 || ratios > 1 || sizes > 1 {
			return fmt.Errorf("expansion limit %q: want a ratio as 1100:1, an amount as 50GiB, both with a comma between, or off", text)
		}
	}
	if ratios == 0 { // an amount alone replaces the ratio
		l.ratio = math.MaxInt64
	}
	return nil
}

// MarshalText is the inverse.
func (l expandLimit) MarshalText() ([]byte, error) {
	var parts []string
	if l.ratio != math.MaxInt64 {
		parts = append(parts, fmt.Sprintf("%d:1", l.ratio))
	}
	if l.output > 0 {
		parts = append(parts, fmt.Sprintf("%dB", l.output))
	}
	if len(parts) == 0 {
		return []byte(expandOff), nil
	}
	return []byte(strings.Join(parts, ",")), nil
}

// set puts the limit into a configuration.
func (l expandLimit) set(c *decompress.Config) { c.MaxExpand, c.MaxOutput = l.ratio, l.output }

// byteUnits are the factors that an amount may end with.
var byteUnits = []struct {
	suffix string
	factor int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// byteCount reads an amount above 0 with its unit.
func byteCount(s string) (int64, error) {
	for _, u := range byteUnits {
		digits, is := strings.CutSuffix(s, u.suffix)
		if !is {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < 1 || n > math.MaxInt64/u.factor {
			break
		}
		return n * u.factor, nil
	}
	return 0, fmt.Errorf("%q is no number of bytes", s)
}
