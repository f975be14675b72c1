package capture

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rotate says when a segment ends: at the first of what is not zero.
type Rotate struct {
	Every   time.Duration // at its multiples since 1970, UTC
	Bytes   int64         // before compression; a segment has at least one packet
	Packets int64
}

// minEvery keeps the folder usable.
const minEvery = 100 * time.Millisecond

// ParseRotate reads "5m", "512MiB", "1Mp" (packets; also k and G), or several with commas
// between.
func ParseRotate(s string) (Rotate, error) {
	var r Rotate
	for _, word := range strings.Split(s, ",") {
		if err := r.take(strings.TrimSpace(word)); err != nil {
			return Rotate{}, fmt.Errorf("rotation %q: %w", s, err)
		}
	}
	return r, nil
}

var errTwice = errors.New("one of its kind is there twice")

func (r *Rotate) take(word string) error {
	if n, ok := packets(word); ok {
		return once(&r.Packets, n)
	}
	if n, ok := bytes(word); ok {
		return once(&r.Bytes, n)
	}
	d, ok := duration(word)
	switch {
	case !ok:
		return fmt.Errorf("%q is no time as 5m, no size as 512MiB and no number of packets as 1Mp", word)
	case d < minEvery:
		return fmt.Errorf("%v is shorter than %v", d, minEvery)
	}
	return once((*int64)(&r.Every), int64(d))
}

// once sets what must not be set yet.
func once(to *int64, n int64) error {
	if *to != 0 {
		return errTwice
	}
	*to = n
	return nil
}

// String is what ParseRotate reads, "" for never.
func (r Rotate) String() string {
	var words []string
	if r.Every != 0 {
		words = append(words, shortTime(r.Every))
	}
	if r.Bytes != 0 {
		words = append(words, strconv.FormatInt(r.Bytes, 10)+"B")
	}
	if r.Packets != 0 {
		words = append(words, strconv.FormatInt(r.Packets, 10)+"p")
	}
	return strings.Join(words, ",")
}

// shortTime writes a duration without units that are zero: 5m, not 5m0s.
func shortTime(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// packets reads a number of packets above 0, as 1000p or 1Mp.
func packets(word string) (int64, bool) {
	digits, ok := strings.CutSuffix(word, "p")
	if !ok {
		return 0, false
	}
	return scaled(digits, []unit{{"k", 1e3}, {"M", 1e6}, {"G", 1e9}})
}

// bytes reads a size above 0, as 512MiB.
func bytes(word string) (int64, bool) {
	digits, ok := strings.CutSuffix(word, "B")
	if !ok {
		return 0, false
	}
	return scaled(digits, []unit{
		{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12},
	})
}

type unit struct {
	suffix string
	factor int64
}

// maxScaled is far above what disks hold.
const maxScaled = 1 << 60

func scaled(word string, units []unit) (int64, bool) {
	factor := int64(1)
	for _, u := range units {
		if digits, ok := strings.CutSuffix(word, u.suffix); ok {
			word, factor = digits, u.factor
			break
		}
	}
	n, err := strconv.ParseUint(word, 10, 63)
	if err != nil || n == 0 || int64(n) > maxScaled/factor {
		return 0, false
	}
	return int64(n) * factor, true
}

// duration reads a time above 0, of Go's units and d for days.
func duration(word string) (time.Duration, bool) {
	const day = 24 * time.Hour
	if digits, ok := strings.CutSuffix(word, "d"); ok {
		n, err := strconv.ParseUint(digits, 10, 16)
		return time.Duration(n) * day, err == nil && n > 0 && n <= 100*365
	}
	d, err := time.ParseDuration(word)
	return d, err == nil && d > 0
}
