package split

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/sketch"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
	"pcapmill/outputs/where"
)

// Limits of what is kept.
const (
	maxRows    = math.MaxInt32
	maxClasses = 10_000
)

// units are the rows of a dataset, put together as the policy says.
type units struct {
	cfg     *Config
	keys    keyColumns
	of      []int32  // unit of a row
	class   []int32  // label of a row, where it matters; else nil
	labels  []string // of classes; the first is of rows without one
	classes map[string]int32

	order      []uint64 // by unit: where chance puts it
	start, end []int64  // by unit, where the policy asks
	parent     []int32
	comp       []int32            // by unit, once all are known: the component
	campaign   []bool             // by unit: whether a campaign has it
	adrift     int64              // rows of labels that are not benign, and of no campaign
	conns      map[uint64]int32   // unit of a conn_id, while keys are read
	windows    map[uint64]int32   // and of a host and window
	spans      []span             // of windows, where the policy asks
	first      []map[string]int32 // by group: the first unit with a value
	hosts      map[string]*host
	value      []byte // reused
}

// host is what is known of one that rows belong to, or that they meet.
type host struct {
	unit  int32         // -1: no row belongs to it
	split int32         // once it is known
	met   [splits]int64 // rows of each split that meet it
}

// span is when a window of a host is.
type span struct {
	host, start, end int64 // a hash; the first and the last ns
	unit             int32
}

// keyColumns are the columns of keys that are read, by their place in batches.
type keyColumns struct {
	conn, start, end, label, src, dst, campaign, capture, run int
	groups                                                    []int
	schema                                                    *column.Schema
	names                                                     []string
}

func (k *keyColumns) use(name string, t column.Type) (int, error) {
	i := k.schema.Index(name)
	switch {
	case i < 0:
		return 0, unfit("keys have no column %s", text.Escape(name))
	case k.schema.Columns[i].Type != t:
		return 0, unfit("%s of keys is %s and not %s", name, k.schema.Columns[i].Type, t)
	}
	if at := slices.Index(k.names, name); at >= 0 {
		return at, nil
	}
	k.names = append(k.names, name)
	return len(k.names) - 1, nil
}

// pick says which columns are read.
func (k *keyColumns) pick(s *column.Schema, groups []string) error {
	*k = keyColumns{schema: s}
	for _, c := range []struct {
		name string
		typ  column.Type
		at   *int
	}{
		{"conn_id", column.Int64, &k.conn}, {"start_ns", column.Int64, &k.start}, {"end_ns", column.Int64, &k.end}, {"label", column.String, &k.label},
		{"src_ip", column.String, &k.src}, {"dst_ip", column.String, &k.dst}, {"campaign", column.String, &k.campaign},
		{"capture", column.Int32, &k.capture}, {"run", column.Int32, &k.run},
	} {
		var err error
		if *c.at, err = k.use(c.name, c.typ); err != nil {
			return err
		}
	}
	for _, name := range groups {
		i := s.Index(name)
		if i < 0 {
			known := make([]string, len(s.Columns))
			for i := range s.Columns {
				known[i] = s.Columns[i].Name
			}
			return usage.Errorf("keys have no column %s to group by%s", text.Escape(name), text.Suggest(name, known))
		}
		at, err := k.use(name, s.Columns[i].Type)
		if err != nil {
			return err
		}
		k.groups = append(k.groups, at)
	}
	return nil
}

// readUnits reads the keys of a dataset.
func readUnits(ctx context.Context, path string, cfg *Config) (*units, error) {
	u := &units{cfg: cfg, labels: []string{""}, classes: map[string]int32{}, conns: map[uint64]int32{}, windows: map[uint64]int32{}, hosts: map[string]*host{}}
	u.first = make([]map[string]int32, len(cfg.Groups)+1)
	for i := range u.first {
		u.first[i] = map[string]int32{}
	}
	pick := func(s *column.Schema) ([]string, error) {
		if err := u.keys.pick(s, cfg.Groups); err != nil {
			return nil, err
		}
		return u.keys.names, nil
	}
	err := tables.Read(ctx, path, pick, func(b *batch.Batch) error {
		if len(u.of) > maxRows-b.Rows {
			return fmt.Errorf("%w rows: at most %d can be split", ErrLimit, maxRows)
		}
		for row := range b.Rows {
			if err := u.add(b, row); err != nil {
				return err
			}
		}
		return nil
	})
	u.conns, u.windows = nil, nil
	if err != nil {
		return nil, err
	}
	u.overlaps()
	u.blocks()
	u.sortClasses()
	return u, nil
}

// sortClasses numbers labels by their bytes, so that the order of rows is in no sum.
func (u *units) sortClasses() {
	known := u.labels
	u.labels = slices.Clone(known)
	slices.Sort(u.labels[1:])
	number := make([]int32, len(known))
	for i, name := range u.labels[1:] {
		number[u.classes[name]] = int32(i + 1)
		u.classes[name] = int32(i + 1)
	}
	for row, class := range u.class {
		u.class[row] = number[class]
	}
}

// add takes a row.
func (u *units) add(b *batch.Batch, row int) error {
	unit := u.unit(b, row)
	u.of = append(u.of, unit)
	start, end := b.Vectors[u.keys.start].Int64[row], b.Vectors[u.keys.end].Int64[row]
	if b.Vectors[u.keys.conn].Null(row) && end > start { // a window does not have its end
		end--
		if u.apart() {
			host := sketch.Hash([]byte(textAt(&b.Vectors[u.keys.src], row)))
			u.spans = append(u.spans, span{int64(host), start, end, unit})
		}
	}
	if u.timed() {
		u.start[unit], u.end[unit] = min(u.start[unit], start), max(u.end[unit], end)
	}
	class, err := u.classOf(b, row)
	if err != nil {
		return err
	}
	if u.cfg.Stratify || u.cfg.open() {
		u.class = append(u.class, class)
	}
	for i, at := range u.keys.groups {
		if v := &b.Vectors[at]; !v.Null(row) {
			u.join(i, u.valueOf(b.Schema.Columns[at].Type, v, row), unit)
		}
	}
	u.policy(b, row, unit, class)
	return nil
}

// policy adds a row to what its policy does not divide.
func (u *units) policy(b *batch.Batch, row int, unit, class int32) {
	own := len(u.first) - 1
	switch u.cfg.By {
	case ByCapture:
		v := &b.Vectors[u.keys.capture]
		u.value = append(u.value[:0], "capture "...)
		if v.Null(row) { // of a window over all captures of a run
			v = &b.Vectors[u.keys.run]
			u.value = append(u.value[:0], "run "...)
		}
		u.value = strconv.AppendInt(u.value, int64(v.Int32[row]), 10)
		u.join(own, u.value, unit)
	case ByCampaign:
		switch v := &b.Vectors[u.keys.campaign]; {
		case class == 0 || u.benign(u.labels[class]):
		case v.Null(row):
			u.adrift++
		default:
			u.campaign[unit] = true
			u.join(own, where.WordAt(v, row), unit)
		}
	case ByHost:
		u.meet(b, row, unit)
	}
}

// timed reports whether units have times.
func (u *units) timed() bool { return u.cfg.By == ByTime || u.cfg.By == ByCampaign }

// apart reports whether a policy would have windows of one host in several splits wherever they are in time.
func (u *units) apart() bool {
	return u.cfg.By == ByConn || u.cfg.By == ByRandom || u.cfg.By == ByCampaign
}

// overlaps joins the windows of a host that overlap, as those of run --hop do: they are of the same packets.
func (u *units) overlaps() {
	slices.SortFunc(u.spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.host, b.host), cmp.Compare(a.start, b.start))
	})
	for i := 1; i < len(u.spans); i++ {
		last, s := &u.spans[i-1], &u.spans[i]
		if last.host == s.host && s.start <= last.end {
			u.union(last.unit, s.unit)
			s.end = max(s.end, last.end)
		}
	}
	u.spans = nil
}

// unit returns that of a row's connection; rows without one are those of a host's window.
func (u *units) unit(b *batch.Batch, row int) int32 {
	v, known, id := &b.Vectors[u.keys.conn], u.conns, uint64(0)
	if v.Null(row) {
		known = u.windows
		id = sketch.Hash([]byte(textAt(&b.Vectors[u.keys.src], row))) ^ sketch.HashInt(uint64(b.Vectors[u.keys.start].Int64[row]))
	} else {
		id = uint64(v.Int64[row])
	}
	if unit, there := known[id]; there {
		return unit
	}
	next := int32(len(u.order))
	known[id] = next
	u.begin(id)
	return next
}

// textAt is a host's text; "" where there is none.
func textAt(v *batch.Vector, row int) string {
	if v.Null(row) {
		return ""
	}
	if s := v.String(row); len(s) <= longest {
		return s
	}
	return short(where.WordAt(v, row))
}

// longest is the most bytes of a value that is kept as it is. Files of strangers can have millions of bytes in each.
const longest = 256

// short is what stands for a value in what is kept: the value, or where it is long its hash, which no other has.
func short(value []byte) string {
	if len(value) <= longest {
		return string(value)
	}
	sum := sha256.Sum256(value)
	return fmt.Sprintf("%d bytes, SHA-256 %x", len(value), sum)
}

// begin adds a unit, of which chance knows the id.
func (u *units) begin(id uint64) {
	u.order = append(u.order, sketch.HashInt(sketch.HashInt(u.cfg.Seed)^id))
	u.parent = append(u.parent, int32(len(u.parent)))
	if u.timed() {
		u.start, u.end = append(u.start, math.MaxInt64), append(u.end, math.MinInt64)
	}
	if u.cfg.By == ByCampaign {
		u.campaign = append(u.campaign, false)
	}
}

func (u *units) classOf(b *batch.Batch, row int) (int32, error) {
	v := &b.Vectors[u.keys.label]
	if v.Null(row) {
		return 0, nil
	}
	word := where.WordAt(v, row)
	class, known := u.classes[string(word)]
	if known {
		return class, nil
	}
	if len(word) > label.MaxLabel {
		return 0, fmt.Errorf("%w bytes in a label: %d, and %d are the most", ErrLimit, len(word), label.MaxLabel)
	}
	if len(u.labels) == maxClasses {
		return 0, fmt.Errorf("%w labels: more than %d different ones", ErrLimit, maxClasses-1)
	}
	class = int32(len(u.labels))
	u.labels = append(u.labels, string(word))
	u.classes[string(word)] = class
	return class, nil
}

// benign reports whether a label is of what is no campaign.
func (u *units) benign(name string) bool {
	return slices.ContainsFunc(u.cfg.Benign, func(b string) bool { return strings.EqualFold(b, name) })
}

// valueOf returns a value that is not null, as bytes.
func (u *units) valueOf(t column.Type, v *batch.Vector, row int) []byte {
	switch {
	case where.IsInteger(t):
		u.value = strconv.AppendInt(u.value[:0], where.IntegerAt(t, v, row), 10)
	case t == column.Double:
		u.value = strconv.AppendFloat(u.value[:0], v.Float64[row], 'g', -1, 64)
	default:
		return where.WordAt(v, row)
	}
	return u.value
}

// join makes one unit of those that have the same value in a group.
func (u *units) join(group int, value []byte, unit int32) {
	if len(value) > longest {
		value = []byte(short(value))
	}
	first, known := u.first[group][string(value)]
	if !known {
		u.first[group][string(value)] = unit
		return
	}
	u.union(first, unit)
}

// root returns the unit that stands for all of a component: its first one.
func (u *units) root(unit int32) int32 {
	for u.parent[unit] != unit {
		u.parent[unit] = u.parent[u.parent[unit]]
		unit = u.parent[unit]
	}
	return unit
}

func (u *units) union(a, b int32) {
	a, b = u.root(a), u.root(b)
	u.parent[max(a, b)] = min(a, b)
}

// blocks joins the connections that no campaign has by the blocks of time that they begin in.
func (u *units) blocks() {
	if u.cfg.By != ByCampaign {
		return
	}
	first := map[int64]int32{}
	for unit := range int32(len(u.order)) {
		if u.campaign[unit] {
			continue
		}
		block := floor(u.start[unit], int64(u.cfg.Block))
		if other, known := first[block]; known {
			u.union(other, unit)
		} else {
			first[block] = unit
		}
	}
}

func floor(t, step int64) int64 {
	q := t / step
	if t%step < 0 {
		q--
	}
	return q
}
