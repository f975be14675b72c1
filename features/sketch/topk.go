package sketch

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// MaxKey is the greatest length of a TopK's key in bytes: that of a DNS name. Longer ones
// are counted apart (TooLong).
const MaxKey = 255

// TopK counts how often each of up to Cap keys came, exactly. Where there are more, it
// keeps the Cap keys with the smallest hashes (of Hash; of equal ones the smaller keys),
// a sample of the keys, each as likely as another (bottom-k: Cohen and Kaplan 2007).
//
// A key among the smallest of all is among the smallest of any part that has it, so it
// was never left out and its count is exact; and so any order and partition gives the
// same bytes. Exact are, always: each Entry's count, Total and Others. With more keys
// than Cap, it is unknown which keys outside the sample come more often, beyond that none
// comes more than Others times; and Keys is an estimate.
//
// It holds up to 2·Cap keys of MaxKey bytes. An Add of a key that it holds allocates
// nothing. Reading it puts it in order: no method may run beside another. NewTopK and
// Decode make it; the zero value is for Decode alone.
type TopK struct {
	most    int // Cap
	total   uint64
	tooLong uint64
	sampled bool // keys were left out; entries have hashes, and of others than entries only those before limit count
	limit   entry
	at      map[string]int // places of entries
	entries []entry
}

// Entry is a key and how often it came.
type Entry struct {
	Key   string
	Count uint64
}

type entry struct {
	Entry
	hash uint64
}

// MaxCap is the greatest Cap of a TopK.
const MaxCap = 1 << 16

// NewTopK returns an empty TopK. It panics for a Cap outside [1, MaxCap], which is the
// caller's mistake: of bytes that say so, Decode makes an error.
func NewTopK(most int) TopK {
	if most < 1 || most > MaxCap {
		panic(fmt.Sprintf("sketch: cap %d", most))
	}
	return TopK{most: most, at: map[string]int{}}
}

// Add counts a key n more times. It keeps nothing of key. What would make Total more than
// MaxCount is not taken.
func (t *TopK) Add(key []byte, n uint64) {
	switch {
	case n == 0 || n > MaxCount-t.total:
		return
	case len(key) > MaxKey:
		t.tooLong = plus(t.tooLong, n)
		return
	}
	t.total += n
	if at, found := t.at[string(key)]; found {
		t.entries[at].Count += n
		return
	}
	e := entry{Entry: Entry{Count: n}}
	if t.sampled {
		if e.hash = Hash(key); e.hash > t.limit.hash {
			return
		}
	}
	e.Key = string(key)
	t.insert(e)
}

// insert takes an entry whose key is new; its hash is known if t.sampled.
func (t *TopK) insert(e entry) {
	if t.sampled && e.compare(&t.limit) > 0 {
		return
	}
	if len(t.entries) >= 2*t.most {
		t.settle()
		if e = e.hashed(); e.compare(&t.limit) > 0 {
			return
		}
	}
	t.at[e.Key] = len(t.entries)
	t.entries = append(t.entries, e)
}

// hashed returns an entry with its hash.
func (e entry) hashed() entry {
	e.hash = Hash([]byte(e.Key))
	return e
}

// hash gives all entries their hashes.
func (t *TopK) hash() {
	for i := range t.entries {
		t.entries[i] = t.entries[i].hashed()
	}
}

func (e *entry) compare(o *entry) int {
	return cmp.Or(cmp.Compare(e.hash, o.hash), strings.Compare(e.Key, o.Key))
}

// settle leaves out the keys beyond Cap.
func (t *TopK) settle() {
	if len(t.entries) <= t.most {
		return
	}
	if !t.sampled {
		t.hash()
	}
	slices.SortFunc(t.entries, func(a, b entry) int { return a.compare(&b) })
	clear(t.entries[t.most:])
	t.entries = t.entries[:t.most]
	t.sampled, t.limit = true, t.entries[t.most-1]
	clear(t.at)
	for i := range t.entries {
		t.at[t.entries[i].Key] = i
	}
}

// Merge adds the counts of another, which it puts in order. On an error nothing is changed.
func (t *TopK) Merge(o *TopK) error {
	switch {
	case t.most != o.most:
		return ErrMismatch
	case o.total > MaxCount-t.total:
		return ErrFull
	}
	t.total += o.total
	t.tooLong = plus(t.tooLong, o.tooLong)
	o.settle()
	if o.sampled {
		t.sample(&o.limit)
	}
	for _, e := range o.entries {
		if at, found := t.at[e.Key]; found {
			t.entries[at].Count += e.Count
			continue
		}
		if t.sampled && !o.sampled {
			e = e.hashed()
		}
		t.insert(e)
	}
	return nil
}

// sample makes it one of keys, of which those behind another's limit cannot be among the
// Cap smallest of both.
func (t *TopK) sample(limit *entry) {
	if !t.sampled {
		t.hash()
		t.sampled, t.limit = true, *limit
		return
	}
	if limit.compare(&t.limit) < 0 {
		t.limit = *limit
	}
}

// Cap returns the number of keys that are counted exactly.
func (t *TopK) Cap() int { return t.most }

// Exact reports whether every key is an Entry.
func (t *TopK) Exact() bool {
	t.settle()
	return !t.sampled
}

// Total returns the sum of all counts, without TooLong.
func (t *TopK) Total() uint64 { return t.total }

// TooLong returns how often keys longer than MaxKey came.
func (t *TopK) TooLong() uint64 { return t.tooLong }

// Others returns how often keys came that are no Entry.
func (t *TopK) Others() uint64 {
	t.settle()
	n := t.total
	for i := range t.entries {
		n -= t.entries[i].Count
	}
	return n
}

// Keys returns the number of different keys: exactly, or by the estimate (Cap-1)/U of
// the greatest hash U of the sample as a fraction of all hashes, whose relative standard
// error is 1/√(Cap-2); of a Cap of less than 3 Cap+1, the fewest that there can be.
func (t *TopK) Keys() uint64 {
	t.settle()
	switch {
	case !t.sampled:
		return uint64(len(t.entries))
	case t.most < 3:
		return uint64(t.most) + 1
	}
	u := (float64(t.limit.hash) + 1) / 0x1p64
	return max(uint64(math.Round(min(float64(t.most-1)/u, math.MaxInt64))), uint64(t.most)+1)
}

// Top returns the n entries of the greatest counts, equal ones by key; all for n < 0.
func (t *TopK) Top(n int) []Entry {
	t.settle()
	top := make([]Entry, len(t.entries))
	for i := range t.entries {
		top[i] = t.entries[i].Entry
	}
	slices.SortFunc(top, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Key, b.Key))
	})
	if n >= 0 && n < len(top) {
		top = top[:n]
	}
	return top
}
