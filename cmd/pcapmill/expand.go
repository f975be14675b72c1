package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"pcapmill/ingest/decompress"
	"pcapmill/outputs/text"
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
func (l *expandLimit) UnmarshalText(value []byte) error {
	*l = expandLimit{ratio: decompress.DefaultMaxExpand}
	if string(value) == expandOff {
		l.ratio = math.MaxInt64
		return nil
	}
	ratios, sizes := 0, 0
	for part := range strings.SplitSeq(string(value), ",") {
		ok := true
		if ratio, is := strings.CutSuffix(part, ":1"); is {
			ratios++
			n, err := strconv.ParseInt(ratio, 10, 64)
			l.ratio, ok = n, err == nil
		} else {
			sizes++
			l.output, ok = text.ParseBytes(part)
		}
		if !ok || l.ratio < 1 || ratios > 1 || sizes > 1 {
			return fmt.Errorf("expansion limit %q: want a ratio as 1100:1, an amount as 50GiB, both with a comma between, or off", value)
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
