package show

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
	"pcapmill/outputs/where"
)

// sortKey is a column that rows are put in order by.
type sortKey struct {
	at         int // among the columns that are kept
	descending bool
	compare    func(a *batch.Vector, i int, b *batch.Vector, j int) int // of values that are not null
}

// parseOrder reads columns, each with an optional :asc or :desc.
func parseOrder(list []string, schema *column.Schema, use func(int) int) ([]sortKey, error) {
	var keys []sortKey
	for _, s := range list {
		name, direction, _ := strings.Cut(strings.TrimSpace(s), ":")
		if before, after, spaced := strings.Cut(name, " "); spaced {
			name, direction = before, after
		}
		direction = strings.ToLower(strings.TrimSpace(direction))
		if direction != "" && direction != "asc" && direction != "desc" {
			return nil, usage.Errorf("--order: %s is neither asc nor desc", text.Escape(direction))
		}
		i, err := find(name, schema)
		if err != nil {
			return nil, err
		}
		keys = append(keys, sortKey{use(i), direction == "desc", comparator(&schema.Columns[i])})
	}
	return keys, nil
}

// of compares two rows. A null comes last in both directions.
func (k *sortKey) of(a *batch.Batch, i int, b *batch.Batch, j int) int {
	v, w := &a.Vectors[k.at], &b.Vectors[k.at]
	switch first, second := v.Null(i), w.Null(j); {
	case first && second:
		return 0
	case first:
		return 1
	case second:
		return -1
	}
	c := k.compare(v, i, w, j)
	if k.descending {
		return -c
	}
	return c
}

// comparator returns the order of a column's values: numbers and instants by size,
// text and bytes by bytes, addresses in text by their numbers, lists by their first
// elements that differ.
func comparator(col *column.Column) func(a *batch.Vector, i int, b *batch.Vector, j int) int {
	switch t := col.Type; t {
	case column.Int64, column.Int32, column.Timestamp:
		return func(a *batch.Vector, i int, b *batch.Vector, j int) int {
			return cmp.Compare(where.IntegerAt(t, a, i), where.IntegerAt(t, b, j))
		}
	case column.Double:
		return func(a *batch.Vector, i int, b *batch.Vector, j int) int {
			return where.CompareDoubles(a.Float64[i], b.Float64[j])
		}
	case column.ListInt64:
		return func(a *batch.Vector, i int, b *batch.Vector, j int) int {
			return slices.Compare(a.Int64[a.Offsets[i]:a.Offsets[i+1]], b.Int64[b.Offsets[j]:b.Offsets[j+1]])
		}
	case column.ListInt32:
		return func(a *batch.Vector, i int, b *batch.Vector, j int) int {
			return slices.Compare(a.Int32[a.Offsets[i]:a.Offsets[i+1]], b.Int32[b.Offsets[j]:b.Offsets[j+1]])
		}
	case column.ListString:
		return func(a *batch.Vector, i int, b *batch.Vector, j int) int {
			return slices.CompareFunc(a.Codes[a.Offsets[i]:a.Offsets[i+1]], b.Codes[b.Offsets[j]:b.Offsets[j+1]],
				func(x, y int32) int { return strings.Compare(a.Dict[x], b.Dict[y]) })
		}
	}
	if where.IsText(col.Type) && (col.Name == "ip" || strings.HasSuffix(col.Name, "_ip")) {
		return func(a *batch.Vector, i int, b *batch.Vector, j int) int {
			return compareAddresses(where.WordAt(a, i), where.WordAt(b, j))
		}
	}
	return func(a *batch.Vector, i int, b *batch.Vector, j int) int {
		return bytes.Compare(where.WordAt(a, i), where.WordAt(b, j))
	}
}

// compareAddresses puts IPv4 before IPv6 before what is no address.
func compareAddresses(a, b []byte) int {
	x, failed := netip.ParseAddr(string(a))
	y, alsoFailed := netip.ParseAddr(string(b))
	switch {
	case failed != nil && alsoFailed != nil:
		return bytes.Compare(a, b)
	case failed != nil:
		return 1
	case alsoFailed != nil:
		return -1
	}
	return x.Compare(y)
}
