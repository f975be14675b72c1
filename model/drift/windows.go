package drift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"pcapmill/features/column"
	"pcapmill/model/baseline"
)

// Windows are the rows of a window table. Rows need no order.
type Windows interface {
	Table() baseline.Table
	Columns() []column.Column // of that table: units and groups
	Categories() []string     // of the Counts of rows
	Each(ctx context.Context, take func(*baseline.Row) error) error
}

// Errors of Judge.
var (
	// ErrMismatch: the windows are of another table than the baseline.
	ErrMismatch = errors.New("not comparable with the baseline")
	// ErrTooMany: there are more windows than can be judged at once.
	ErrTooMany = errors.New("too many windows to judge at once")
)

// mostWindows are judged at once: they take about 200 bytes each.
const mostWindows = 1 << 25

// mostKeys are different keys of the current windows that are told apart; what comes of
// others is counted.
const mostKeys = 1 << 21

// current are the windows that are judged, by features and categories of the baseline.
type current struct {
	features int          // a row has so many values
	hosts    []netip.Addr // of rows
	starts   []int64      // of rows
	values   []float32    // row after row; NaN where unknown
	order    []int32      // rows by host, then by time
	tags     []int32      // of rows: place in tagSets
	tagSets  [][]baseline.Key
	keys     keys
	counts   []keyCount // by row, as rows came
	text     []byte     // of a key, used again for each
	columns  []column.Column
	missing  []string // features of the baseline that the table lacks
	added    []string // features of the table that the baseline lacks
}

// keyCount is how often a row has a key.
type keyCount struct {
	row, key int32
	n        uint32
}

// keys gives keys of categories numbers.
type keys struct {
	at      map[string]int32 // the byte of the category, then the key
	names   []string
	name    []byte // used again for each
	leftOut uint64 // current counts of keys beyond mostKeys
}

// number allocates nothing for a key that has one.
func (k *keys) number(category int, key []byte) (int32, bool) {
	k.name = append(append(k.name[:0], byte(category)), key...)
	at, found := k.at[string(k.name)]
	switch {
	case found:
		return at, true
	case len(k.names) >= mostKeys:
		return 0, false
	}
	at, name := int32(len(k.names)), string(k.name)
	k.at[name], k.names = at, append(k.names, name)
	return at, true
}

// of returns category and key of a number.
func (k *keys) of(number int32) (category int, key string) {
	name := k.names[number]
	return int(name[0]), name[1:]
}

// read takes the windows.
func read(ctx context.Context, table baseline.Table, categories []string, w Windows) (*current, error) {
	theirs := w.Table()
	if theirs.Name != table.Name {
		return nil, fmt.Errorf("%w: it is of table %s, and these are rows of %s", ErrMismatch, table.Name, theirs.Name)
	}
	if theirs.Window != table.Window && theirs.Window > 0 && table.Window > 0 { // their counts differ by as much
		return nil, fmt.Errorf("%w: it is of windows of %v, and these are of %v", ErrMismatch, time.Duration(table.Window), time.Duration(theirs.Window))
	}
	c := &current{features: len(table.Features), columns: w.Columns(), keys: keys{at: map[string]int32{}}}
	from := c.match(table, theirs)
	if len(c.missing) == len(table.Features) {
		return nil, fmt.Errorf("%w: table %s has none of its features", ErrMismatch, theirs.Name)
	}
	place := placesOf(categories, w.Categories())
	sets := map[string]int32{}
	err := w.Each(ctx, func(r *baseline.Row) error {
		if len(c.hosts) >= mostWindows {
			return fmt.Errorf("%w: more than %d", ErrTooMany, mostWindows)
		}
		c.add(r, from, place, sets)
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.sort()
	return c, nil
}

// match returns where the table has each feature of the baseline, -1 where nowhere.
func (c *current) match(table, theirs baseline.Table) []int {
	from := make([]int, len(table.Features))
	for i, f := range table.Features {
		if from[i] = theirs.Index(f.Name); from[i] < 0 {
			c.missing = append(c.missing, f.Name)
		}
	}
	for _, f := range theirs.Features {
		if table.Index(f.Name) < 0 {
			c.added = append(c.added, f.Name)
		}
	}
	return from
}

// placesOf returns the place of each of names among known, -1 where it is not there.
func placesOf(known, names []string) []int {
	at := make([]int, len(names))
	for i, n := range names {
		at[i] = slices.Index(known, n)
	}
	return at
}

func (c *current) add(r *baseline.Row, from, place []int, sets map[string]int32) {
	row := int32(len(c.hosts))
	c.hosts = append(c.hosts, r.Host.Unmap().WithZone(""))
	c.starts = append(c.starts, r.Start)
	for _, f := range from {
		x := float32(math.NaN())
		if f >= 0 && (r.Known == nil || r.Known[f]) {
			x = single(r.Values[f])
		}
		c.values = append(c.values, x)
	}
	c.tags = append(c.tags, c.tagSet(r.Tags, sets))
	for _, k := range r.Counts {
		if place[k.Category] < 0 {
			continue
		}
		c.text = append(c.text[:0], k.Key...)
		key, ok := c.keys.number(place[k.Category], c.text)
		if !ok {
			c.keys.leftOut += k.N
			continue
		}
		c.counts = append(c.counts, keyCount{row, key, uint32(min(k.N, math.MaxUint32))})
	}
}

// single is a value as float32, the largest one of what is beyond.
func single(x float64) float32 {
	return float32(min(max(x, -math.MaxFloat32), math.MaxFloat32))
}

func (c *current) tagSet(tags []baseline.Key, sets map[string]int32) int32 {
	tags = slices.Clone(tags)
	slices.Sort(tags)
	name := ""
	for _, t := range tags {
		name += string(t) + "\x00"
	}
	at, found := sets[name]
	if !found {
		at = int32(len(c.tagSets))
		sets[name], c.tagSets = at, append(c.tagSets, tags)
	}
	return at
}

// sort puts rows into the order of hosts and time, and counts into that of rows.
func (c *current) sort() {
	c.order = make([]int32, len(c.hosts))
	for i := range c.order {
		c.order[i] = int32(i)
	}
	slices.SortFunc(c.order, func(a, b int32) int {
		return cmp.Or(c.hosts[a].Compare(c.hosts[b]), cmp.Compare(c.starts[a], c.starts[b]), cmp.Compare(a, b))
	})
	slices.SortStableFunc(c.counts, func(a, b keyCount) int { return cmp.Compare(a.row, b.row) })
}

// value of a feature in a row; false where it is unknown.
func (c *current) value(row int32, feature int) (float64, bool) {
	x := float64(c.values[int(row)*c.features+feature])
	return x, x == x
}

// countsOf returns those of a row.
func (c *current) countsOf(row int32) []keyCount {
	from, _ := slices.BinarySearchFunc(c.counts, row, func(k keyCount, row int32) int { return cmp.Compare(k.row, row) })
	to := from
	for to < len(c.counts) && c.counts[to].row == row {
		to++
	}
	return c.counts[from:to]
}

// A subnet is a segment of its own with so many hosts that are there now, and there are at
// most so many of them, those with most hosts first.
const (
	leastHosts      = 11
	mostSubnets     = 64
	mostTagSegments = 64
)

// part is a segment that the windows are compared in, with how many hosts it has now.
type part struct {
	key   baseline.Key
	hosts int
}

// parts are all windows, subnets, and tags.
func (c *current) parts() []part {
	subnets, tags, last := map[baseline.Key]int{}, map[baseline.Key]int{}, map[baseline.Key]int{}
	all := 0
	for i, row := range c.order {
		if i == 0 || c.hosts[row] != c.hosts[c.order[i-1]] {
			subnets[baseline.SubnetOf(c.hosts[row])]++
			all++
		}
		for _, t := range c.tagSets[c.tags[row]] {
			if last[t] != all { // of this host it is the first row with it
				last[t] = all
				tags[t]++
			}
		}
	}
	parts := append([]part{{baseline.GlobalKey(), all}}, largest(subnets, leastHosts, all, mostSubnets)...)
	return append(parts, largest(tags, 1, all, mostTagSegments)...)
}

// largest returns at most so many segments with at least so many hosts, but fewer than all.
func largest(hosts map[baseline.Key]int, least, all, most int) []part {
	var parts []part
	for k, n := range hosts {
		if n >= least && n < all {
			parts = append(parts, part{k, n})
		}
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.hosts, a.hosts), cmp.Compare(a.key, b.key))
	})
	return parts[:min(len(parts), most)]
}
