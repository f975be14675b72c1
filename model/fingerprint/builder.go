package fingerprint

import (
	"fmt"
	"net/netip"
	"slices"

	"pcapmill/features/batch"
)

// Limits bound what is kept in memory.
type Limits struct {
	Hosts   int   // of a Builder or Stored: about 700 bytes each
	Windows int64 // of all hosts together, about 32 bytes each; of a Timeline, about 700 bytes each
}

// DefaultLimits allow 1 M hosts with 32 M windows, in about 2 GB, far more than a network's.
func DefaultLimits() Limits { return Limits{Hosts: 1 << 20, Windows: 1 << 25} }

// Builder makes fingerprints of rows of hosts. It belongs to one goroutine.
type Builder struct {
	limits Limits
	only   map[netip.Addr]bool // nil: all
	hosts  map[netip.Addr]*sums
	rows   int64 // of the hosts
	seen   int64 // of all, of the table at hand
	length int64 // of a window
}

// NewBuilder returns a Builder for these hosts, or for all where none is named.
func NewBuilder(limits Limits, hosts ...netip.Addr) *Builder {
	return &Builder{limits: limits, hosts: map[netip.Addr]*sums{}, only: setOf(hosts)}
}

// setOf returns nil for no hosts.
func setOf(hosts []netip.Addr) map[netip.Addr]bool {
	if len(hosts) == 0 {
		return nil
	}
	set := make(map[netip.Addr]bool, len(hosts))
	for _, h := range hosts {
		set[h] = true
	}
	return set
}

// Begin says that what is added next are rows of another table: errors count them from its first.
func (b *Builder) Begin() { b.seen = 0 }

// Add takes rows of a hosts table: a batch of the columns that Columns returns, or of
// more. It keeps nothing of the batch. Errors are ErrTable, ErrMixed and ErrLimit.
func (b *Builder) Add(rows *batch.Batch) error {
	return each(rows, &b.seen, b.take)
}

// each reads the rows of a batch, of windows that begin at a multiple of their length: where
// windows overlap, the packets of the others are in these. seen counts rows, for errors.
func each(b *batch.Batch, seen *int64, take func(*row) error) error {
	bound, err := bind(b)
	if err != nil {
		return err
	}
	var r row
	for i := range b.Rows {
		err := bound.at(i, &r)
		if err == nil && r.start%r.length == 0 {
			err = take(&r)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", *seen, err)
		}
		*seen++
	}
	return nil
}

func (b *Builder) take(r *row) error {
	if b.only != nil && !b.only[r.host] {
		return nil
	}
	if b.length != 0 && b.length != r.length {
		return fmt.Errorf("%w: %d and %d ns", ErrMixed, b.length, r.length)
	}
	host := b.hosts[r.host]
	switch {
	case host == nil && len(b.hosts) >= b.limits.Hosts:
		return fmt.Errorf("%w: more than %d hosts", ErrLimit, b.limits.Hosts)
	case b.rows >= b.limits.Windows:
		return fmt.Errorf("%w: more than %d windows", ErrLimit, b.limits.Windows)
	case host == nil:
		host = new(sums)
		b.hosts[r.host] = host
	}
	b.length = r.length
	b.rows++
	return host.add(r)
}

// Fingerprints returns those of all hosts that had a row, in the order of addresses, IPv4
// first. Rows may be added afterwards.
func (b *Builder) Fingerprints() []*Fingerprint {
	all := make([]*Fingerprint, 0, len(b.hosts))
	for host, s := range b.hosts {
		all = append(all, s.fingerprint(host, b.length))
	}
	slices.SortFunc(all, func(x, y *Fingerprint) int { return x.Host.Compare(y.Host) })
	return all
}
