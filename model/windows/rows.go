package windows

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"net/netip"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/outputs/tables"
)

const hostColumn = "host"

// rows reads the rows of a table.
type rows struct {
	set   *Set
	in    *input
	take  func(*baseline.Row) error
	names []string // of columns: the frame's, the host, the features
	path  string   // of the file that is read

	frame frame
	any   bool       // whether there was a row
	use   bool       // whether rows of the window are wanted
	last  netip.Addr // host of the row before in the window; none: it is the first
	pairs *pairs     // nil: not wanted, or there are none
	row   baseline.Row
}

func newRows(s *Set, in *input, take func(*baseline.Row) error) *rows {
	features := s.table.Features
	r := &rows{set: s, in: in, take: take, names: append(frameNames[:frameColumns:frameColumns], hostColumn)}
	for _, f := range features {
		r.names = append(r.names, f.Name)
	}
	r.row.Values, r.row.Known = make([]float64, len(features)), make([]bool, len(features))
	in.quality.NoKeys, in.quality.Lost = 0, 0
	return r
}

func (r *rows) read(ctx context.Context) error {
	if o := &r.set.options; r.in.quality.Keys && (len(o.Categories) > 0 || o.Protocols) {
		r.pairs = openPairs(ctx, r.in, o)
	}
	plan := func(s *column.Schema) error { return inFile(r.in.hosts, r.set.accept(s)) }
	return tables.EachFile(r.in.files, plan, func(p *tables.Part) error {
		r.path = p.Path()
		return p.Read(ctx, r.names, r.batch)
	})
}

func (r *rows) close() {
	if r.pairs != nil {
		r.pairs.close()
	}
}

// batch hands over the rows of one batch.
func (r *rows) batch(b *batch.Batch) error {
	for i := range b.Rows {
		f, err := frameAt(b, i)
		if err != nil {
			return inFile(r.path, err)
		}
		if !r.any || f != r.frame {
			if err := r.begin(f); err != nil {
				return err
			}
		}
		if !r.use {
			continue
		}
		if err := r.fill(b, i); err != nil {
			return inFile(r.path, err)
		}
		if err := r.take(&r.row); err != nil {
			return err
		}
	}
	return nil
}

// begin begins a window.
func (r *rows) begin(f frame) error {
	r.frame, r.any, r.last = f, true, netip.Addr{}
	r.use = r.set.options.within(f.start) && r.set.excluded(r.in, &f) == ""
	if !r.use || r.pairs == nil {
		return nil
	}
	full, err := r.pairs.load(f.place)
	if full {
		r.in.quality.NoKeys++
	}
	return err
}

// fill makes the Row of row i.
func (r *rows) fill(b *batch.Batch, i int) error {
	host, err := addressAt(&b.Vectors[frameColumns], i, hostColumn)
	if err != nil {
		return err
	}
	if r.last.IsValid() && compare(r.last, host) >= 0 {
		return fmt.Errorf("%w: hosts of a window are not in order, at %s", ErrTable, host)
	}
	r.last = host
	r.row.Start, r.row.Host = r.frame.start, host
	for f := range r.row.Values {
		at := frameColumns + 1 + f
		r.row.Values[f], r.row.Known[f], err = valueAt(&b.Vectors[at], b.Schema.Columns[at].Type, i)
		if err != nil {
			return fmt.Errorf("%w of %s in %s", err, host, b.Schema.Columns[at].Name)
		}
	}
	r.row.Counts, r.row.Tags = r.row.Counts[:0], r.row.Tags[:0]
	if r.pairs != nil {
		r.in.quality.Lost += r.pairs.describe(host, &r.row)
	}
	if l := r.set.options.Labels; l != nil {
		if label, ok := l.Of(host); ok {
			r.row.Tags = append(r.row.Tags, baseline.LabelKey(label))
		}
	}
	return nil
}

// What values can be: a window has no more packets, bytes or nanoseconds.
const (
	mostCount = 1 << 53
	mostReal  = 1e18
)

// valueAt reads a value; false where it is null.
func valueAt(v *batch.Vector, t column.Type, i int) (x float64, known bool, err error) {
	if v.Null(i) {
		return 0, false, nil
	}
	n := int64(0)
	switch t {
	case column.Double:
		if x = v.Float64[i]; !(math.Abs(x) <= mostReal) { // NaN neither
			return 0, false, fmt.Errorf("%w: %v", ErrTable, x)
		}
		return x, true, nil
	case column.Int64:
		n = v.Int64[i]
	case column.Int32:
		n = int64(v.Int32[i])
	default:
		return 0, false, fmt.Errorf("%w: a %v", ErrTable, t)
	}
	if n < 0 || n > mostCount {
		return 0, false, fmt.Errorf("%w: %d", ErrTable, n)
	}
	return float64(n), true, nil
}

// compare orders addresses as tables do: by their 16 bytes, where IPv4 is mapped into IPv6,
// and an IPv4 address before the IPv6 address with its bytes.
func compare(a, b netip.Addr) int {
	x, y := a.As16(), b.As16()
	return cmp.Or(bytes.Compare(x[:], y[:]), cmp.Compare(a.BitLen(), b.BitLen()))
}
