package capture

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pcapmill/outputs/text"
)

// Retain says how many segments are kept; zero fields are no limit. The oldest go first, and
// only such as analysis has released, but for FreeBytes and FreePercent, which take others
// too where there is no other way.
type Retain struct {
	Age         time.Duration // since a segment ended
	Bytes       int64         // of all segments together
	Count       int64
	FreeBytes   int64   // that must stay free on the file system
	FreePercent float64 // the same, of its size
	Released    bool    // keep none that is released
}

// Any reports whether anything may be deleted.
func (r *Retain) Any() bool { return *r != Retain{} }

// ParseRetain reads "7d", "100GiB", "1000", "free=5%" or "free=20GiB", "released", or several
// with commas between. Empty: everything is kept.
func ParseRetain(s string) (Retain, error) {
	var r Retain
	if s == "" {
		return r, nil
	}
	for _, word := range strings.Split(s, ",") {
		if err := r.take(strings.TrimSpace(word)); err != nil {
			return Retain{}, fmt.Errorf("retention %q: %w", s, err)
		}
	}
	return r, nil
}

func (r *Retain) take(word string) error {
	if word == "released" {
		r.Released = true
		return nil
	}
	if reserve, ok := strings.CutPrefix(word, "free="); ok {
		return r.takeFree(reserve)
	}
	if n, err := strconv.ParseUint(word, 10, 40); err == nil && n > 0 {
		return once(&r.Count, int64(n))
	}
	if n, ok := text.ParseBytes(word); ok {
		return once(&r.Bytes, n)
	}
	if d, ok := text.ParseDuration(word); ok && d > 0 {
		return once((*int64)(&r.Age), int64(d))
	}
	return fmt.Errorf("%q is no age as 7d, no size as 100GiB, no count as 1000, no reserve as free=5%%, and not released", word)
}

func (r *Retain) takeFree(word string) error {
	if digits, ok := strings.CutSuffix(word, "%"); ok {
		p, err := strconv.ParseFloat(digits, 64)
		if err != nil || !(p > 0 && p < 100) {
			return fmt.Errorf("free=%s is no part of a disk between 0%% and 100%%", word)
		}
		if r.FreePercent != 0 {
			return errTwice
		}
		r.FreePercent = p
		return nil
	}
	n, ok := text.ParseBytes(word)
	if !ok {
		return fmt.Errorf("free=%s is no size as 20GiB and no part as 5%%", word)
	}
	return once(&r.FreeBytes, n)
}

// String is what ParseRetain reads.
func (r *Retain) String() string {
	var words []string
	add := func(set bool, word string) {
		if set {
			words = append(words, word)
		}
	}
	add(r.Age != 0, shortTime(r.Age))
	add(r.Bytes != 0, strconv.FormatInt(r.Bytes, 10)+"B")
	add(r.Count != 0, strconv.FormatInt(r.Count, 10))
	add(r.FreeBytes != 0, "free="+strconv.FormatInt(r.FreeBytes, 10)+"B")
	add(r.FreePercent != 0, "free="+strconv.FormatFloat(r.FreePercent, 'g', -1, 64)+"%")
	add(r.Released, "released")
	return strings.Join(words, ",")
}

// reserve returns how many bytes must stay free on a file system of that size.
func (r *Retain) reserve(size int64) int64 {
	return max(r.FreeBytes, int64(r.FreePercent/100*float64(size)))
}
