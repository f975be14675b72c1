package leak

import (
	"cmp"
	"net/netip"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// key is something that rows have in common: one column of keys, or a pair of them.
type key struct {
	kind    Kind
	name    string
	columns []string       // one; two with both or pair
	both    bool           // each of the two is a value
	pair    bool           // the two together are, in either order
	joint   bool           // the two together are, in this order
	inside  []netip.Prefix // addresses outside are no values; nil: all are
}

// Columns of our keys tables that mean something here.
const (
	connColumn     = "conn_id"
	campaignColumn = "campaign"
	captureColumn  = "capture"
	srcColumn      = "src_ip"
	dstColumn      = "dst_ip"
	startColumn    = "start_ns"
	endColumn      = "end_ns"
)

// ownKeys are those of our keys tables.
var ownKeys = []key{
	{kind: ConnOverlap, name: "connection", columns: []string{connColumn}},
	{kind: CampaignOverlap, name: "campaign", columns: []string{campaignColumn}},
	{kind: CaptureOverlap, name: "capture", columns: []string{captureColumn}},
	{kind: HostOverlap, name: "host", columns: []string{srcColumn, dstColumn}, both: true},
	{kind: HostOverlap, name: "initiator", columns: []string{srcColumn}},
	{kind: HostOverlap, name: "responder", columns: []string{dstColumn}},
	{kind: PairOverlap, name: "host pair", columns: []string{srcColumn, dstColumn}, pair: true},
}

// keysIn returns the keys whose columns a table has; others are groups of their own.
func keysIn(s *column.Schema, groups []string) []key {
	all := have(s, ownKeys)
	for _, g := range groups {
		if !slices.ContainsFunc(all, func(k key) bool { return slices.Contains(k.columns, g) }) && g != startColumn && g != endColumn {
			all = append(all, key{kind: GroupOverlap, name: "group", columns: []string{g}})
		}
	}
	return all
}

// have returns the keys whose columns a table has.
func have(s *column.Schema, keys []key) (some []key) {
	for _, k := range keys {
		if !slices.ContainsFunc(k.columns, func(c string) bool { return s.Index(c) < 0 }) {
			some = append(some, k)
		}
	}
	return some
}

// values appends the hashes of the key's values in row i of a batch of its columns: none where
// they are null.
func (k *key) values(dst []uint64, b *batch.Batch, i int) []uint64 {
	at := len(dst)
	for c := range b.Vectors {
		if v := &b.Vectors[c]; !v.Null(i) && k.has(v, b.Schema.Columns[c].Type, i) {
			dst = append(dst, exactHash(v, b.Schema.Columns[c].Type, i))
		}
	}
	switch {
	case !k.pair && !k.joint:
		return dst
	case len(dst)-at < 2:
		return dst[:at]
	case k.joint:
		return append(dst[:at], mix(dst[at], dst[at+1]))
	}
	low, high := min(dst[at], dst[at+1]), max(dst[at], dst[at+1])
	return append(dst[:at], mix(low, high))
}

// has reports whether a cell is a value of the key.
func (k *key) has(v *batch.Vector, t column.Type, i int) bool {
	if k.inside == nil {
		return true
	}
	if !textual(t) {
		return false
	}
	a, err := netip.ParseAddr(v.String(i))
	a = a.Unmap().WithZone("")
	return err == nil && slices.ContainsFunc(k.inside, func(p netip.Prefix) bool { return p.Contains(a) })
}

// internalHost is the key of hosts inside some prefixes.
func internalHost(inside []netip.Prefix) key {
	return key{kind: HostOverlap, name: "internal host", columns: []string{srcColumn, dstColumn}, both: true, inside: inside}
}

// shown writes the key's value in row i of such a batch.
func (k *key) shown(b *batch.Batch, i int) string {
	var s string
	for c := range b.Vectors {
		if v := &b.Vectors[c]; !v.Null(i) && !numericList(b.Schema.Columns[c].Type) {
			if s != "" {
				s += " and "
			}
			s += shownCell(v, b.Schema.Columns[c].Type, i)
		}
	}
	return s
}

// shownCell writes a cell that is not null, and no list; an empty text as "".
func shownCell(v *batch.Vector, t column.Type, i int) string {
	return cmp.Or(clip(cellText(v, t, i)), `""`)
}
