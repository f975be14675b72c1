package fingerprint

import (
	"fmt"
	"net/netip"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Stored takes fingerprints out of a fingerprints table, as Append put them there. It belongs
// to one goroutine.
type Stored struct {
	limits Limits
	only   map[netip.Addr]bool // nil: all
	all    []*Fingerprint
	before netip.Addr // host of the row before
	seen   int64      // rows
}

// NewStored returns one for these hosts, or for all where none is named.
func NewStored(limits Limits, hosts ...netip.Addr) *Stored {
	return &Stored{limits: limits, only: setOf(hosts)}
}

// IsTable reports whether a schema is that of a fingerprints table, of whatever version.
func IsTable(s *column.Schema) bool { return s.Table == tableName }

// StoredColumns returns the columns that Stored needs of a fingerprints table: all. The error
// is ErrVersion where it has others, as of other features.
func StoredColumns(s *column.Schema) ([]string, error) {
	var names []string
	for _, c := range Schema().Columns {
		if i := s.Index(c.Name); i < 0 || s.Columns[i].Type != c.Type || s.Columns[i].Optional() != c.Optional() {
			return nil, fmt.Errorf("%w: of a table of fingerprints, whose %s is another or not there", ErrVersion, c.Name)
		}
		names = append(names, c.Name)
	}
	return names, nil
}

// Add takes rows: batches of the columns that StoredColumns returns, in that order. It keeps
// nothing of the batch. Errors are ErrFormat, ErrVersion, ErrMixed and ErrLimit.
func (s *Stored) Add(b *batch.Batch) error {
	for i := range b.Rows {
		if err := s.take(b, i); err != nil {
			return fmt.Errorf("row %d: %w", s.seen, err)
		}
		s.seen++
	}
	return nil
}

func (s *Stored) take(b *batch.Batch, i int) error {
	f, err := fingerprintAt(b, i)
	if err != nil {
		return err
	}
	if s.before.IsValid() && s.before.Compare(f.Host) >= 0 {
		return fmt.Errorf("%w: host %s follows %s", ErrFormat, f.Host, s.before)
	}
	s.before = f.Host
	switch {
	case s.only != nil && !s.only[f.Host]:
		return nil
	case len(s.all) > 0 && s.all[0].WindowNanos != f.WindowNanos:
		return fmt.Errorf("%w: %d and %d ns", ErrMixed, s.all[0].WindowNanos, f.WindowNanos)
	case len(s.all) >= s.limits.Hosts:
		return fmt.Errorf("%w: more than %d hosts", ErrLimit, s.limits.Hosts)
	}
	s.all = append(s.all, f)
	return nil
}

// fingerprintAt is the inverse of Append.
func fingerprintAt(b *batch.Batch, i int) (*Fingerprint, error) {
	f := &Fingerprint{Vector: make(Vector, len(features))}
	for c := range attributes {
		v := &b.Vectors[c]
		if to := attributes[c].to; to != nil {
			if err := to(f, v.Int64[i]); err != nil {
				return nil, err
			}
		}
	}
	host := b.Vectors[hostAttribute].String(i)
	if len(host) > maxHost {
		return nil, fmt.Errorf("%w: a host of %d bytes", ErrFormat, len(host))
	}
	var err error
	if f.Host, err = netip.ParseAddr(host); err != nil || f.Host.String() != host {
		return nil, fmt.Errorf("%w: host %s is no address", ErrFormat, text.Escape(host))
	}
	for c := range f.Vector {
		if v := &b.Vectors[len(attributes)+c]; !v.Null(i) {
			f.Vector[c] = known(v.Float64[i])
		}
	}
	return f, f.Validate()
}

// Fingerprints returns those that were taken, in the order of addresses, IPv4 first.
func (s *Stored) Fingerprints() []*Fingerprint { return s.all }
