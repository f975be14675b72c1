package fingerprint

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"pcapmill/features/batch"
)

// Timeline makes a fingerprint of each window of one host. It belongs to one goroutine.
type Timeline struct {
	limits  Limits
	host    netip.Addr
	windows map[int64]*sums // by their begin
	seen    int64
	length  int64
}

// NewTimeline returns an empty one.
func NewTimeline(limits Limits, host netip.Addr) *Timeline {
	return &Timeline{limits: limits, host: host, windows: map[int64]*sums{}}
}

// Begin says that rows of another table follow; see Builder.Begin.
func (t *Timeline) Begin() { t.seen = 0 }

// Add takes rows of a hosts table; see Builder.Add. Rows of other hosts count nothing.
func (t *Timeline) Add(rows *batch.Batch) error { return each(rows, &t.seen, t.take) }

func (t *Timeline) take(r *row) error {
	if r.host != t.host {
		return nil
	}
	if t.length != 0 && t.length != r.length {
		return fmt.Errorf("%w: %d and %d ns", ErrMixed, t.length, r.length)
	}
	w := t.windows[r.start]
	if w == nil {
		if int64(len(t.windows)) >= t.limits.Windows {
			return fmt.Errorf("%w: more than %d windows", ErrLimit, t.limits.Windows)
		}
		w = new(sums)
		t.windows[r.start] = w
	}
	t.length = r.length
	return w.add(r)
}

// Fingerprints returns those of the windows in which the host has a packet, the oldest first.
func (t *Timeline) Fingerprints() []*Fingerprint {
	all := make([]*Fingerprint, 0, len(t.windows))
	for _, w := range t.windows {
		all = append(all, w.fingerprint(t.host, t.length))
	}
	slices.SortFunc(all, func(x, y *Fingerprint) int { return cmp.Compare(x.First, y.First) })
	return all
}
