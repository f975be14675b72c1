package capture

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pcapmill/outputs/text"
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
	if n, ok := text.ParseBytes(word); ok {
		return once(&r.Bytes, n)
	}
	d, ok := text.ParseDuration(word)
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

// packetUnits are what a number of packets may have before its p.
var packetUnits = []struct {
	suffix string
	factor int64
}{{"k", 1e3}, {"M", 1e6}, {"G", 1e9}}

// mostPackets is far above what disks hold.
const mostPackets = 1 << 60

// packets reads a number of packets above 0, as 1000p or 1Mp.
func packets(word string) (int64, bool) {
	digits, ok := strings.CutSuffix(word, "p")
	if !ok {
		return 0, false
	}
	factor := int64(1)
	for _, u := range packetUnits {
		if number, has := strings.CutSuffix(digits, u.suffix); has {
			digits, factor = number, u.factor
			break
		}
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n == 0 || int64(n) > mostPackets/factor {
		return 0, false
	}
	return int64(n) * factor, true
}
