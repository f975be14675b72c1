package match

import (
	"fmt"
	"math"
	"net/netip"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// The columns that a flow is made of.
const (
	flowColumn = iota
	connColumn
	startColumn
	endColumn
	captureColumn
	depthColumn
	protocolColumn
	srcPortColumn
	dstPortColumn
	icmpTypeColumn
	icmpCodeColumn
	packetColumn
	vlanColumn
	communityColumn
	srcColumn
	dstColumn
	flowColumns
)

var flowNames = [flowColumns]string{"flow_id", "conn_id", "start_ns", "end_ns", "capture_id", "tunnel_depth", "protocol",
	"src_port", "dst_port", "icmp_type", "icmp_code", "first_packet_index", "vlan_ids", "community_id", "src_ip", "dst_ip"}

var flowTypes = [flowColumns]column.Type{column.Int64, column.Int64, column.Int64, column.Int64, column.Int32, column.Int32, column.Int32,
	column.Int32, column.Int32, column.Int32, column.Int32, column.Int64, column.ListInt32, column.Text, column.String, column.String}

// columns says where batches have what.
type columns struct {
	schema *column.Schema
	names  []string
	at     [flowColumns]int // -1: not read
	binary bool             // addresses are bytes
}

// newColumns plans to read what flows are made of, without those columns that no label asks for.
func newColumns(s *column.Schema, skip ...int) (*columns, error) {
	c := &columns{schema: s, binary: s.Index("src_ip_binary") >= 0 && s.Index("dst_ip_binary") >= 0}
	for i, name := range flowNames {
		c.at[i] = -1
		if slices.Contains(skip, i) {
			continue
		}
		want := flowTypes[i]
		if c.binary && (i == srcColumn || i == dstColumn) {
			name, want = name+"_binary", column.Binary
		}
		at := s.Index(name)
		if at < 0 {
			return nil, fmt.Errorf("%w: table %s has no column %s, which flows have", tables.ErrTable, text.Escape(s.Table), name)
		}
		if t := s.Columns[at].Type; t != want && !(where.IsText(t) && where.IsText(want)) {
			return nil, fmt.Errorf("%w: its column %s is %s", tables.ErrTable, name, t)
		}
		c.at[i] = c.use(at)
	}
	return c, nil
}

// use plans to read a column of the table, and returns where batches will have it.
func (c *columns) use(at int) int {
	name := c.schema.Columns[at].Name
	if i := slices.Index(c.names, name); i >= 0 {
		return i
	}
	c.names = append(c.names, name)
	return len(c.names) - 1
}

// required are the columns without which a row is no flow.
var required = [...]int{flowColumn, connColumn, startColumn, endColumn, captureColumn, depthColumn, protocolColumn, srcColumn, dstColumn}

// whole fails for a batch in which a flow lacks what all have.
func (c *columns) whole(b *batch.Batch, first int64) error {
	for _, i := range required {
		v := &b.Vectors[c.at[i]]
		if at := slices.Index(v.Valid, 0); at >= 0 {
			return fmt.Errorf("%w: row %d has no %s", tables.ErrTable, first+int64(at), c.names[c.at[i]])
		}
	}
	return nil
}

// flow fills f from a row of a whole batch, which is the table's row first+at.
func (c *columns) flow(f *flow, b *batch.Batch, first int64, at int) error {
	long := func(i int) int64 { return b.Vectors[c.at[i]].Int64[at] }
	short := func(i int) int32 { return b.Vectors[c.at[i]].Int32[at] }
	*f = flow{row: first + int64(at), at: at, id: long(flowColumn), conn: long(connColumn), start: long(startColumn),
		capture: short(captureColumn), depth: short(depthColumn), srcPort: c.port(b, srcPortColumn, at), dstPort: c.port(b, dstPortColumn, at)}
	f.end = max(f.start, long(endColumn))
	protocol := short(protocolColumn)
	if protocol < 0 || protocol > math.MaxUint8 {
		return fmt.Errorf("%w: row %d: protocol %d is none", tables.ErrTable, f.row, protocol)
	}
	f.protocol = uint8(protocol)
	if kind, code := c.port(b, icmpTypeColumn, at), c.port(b, icmpCodeColumn, at); kind >= 0 && code >= 0 {
		f.setICMP(kind, code)
	}
	c.seldom(f, b, at)
	var err error
	if f.src, err = c.address(b, srcColumn, at); err == nil {
		f.dst, err = c.address(b, dstColumn, at)
	}
	if err != nil {
		return fmt.Errorf("%w: row %d: %w", tables.ErrTable, f.row, err)
	}
	return nil
}

// seldom fills what only some labels ask for.
func (c *columns) seldom(f *flow, b *batch.Batch, at int) {
	if i := c.at[packetColumn]; i >= 0 {
		f.packet = b.Vectors[i].Int64[at]
	}
	if i := c.at[vlanColumn]; i >= 0 {
		v := &b.Vectors[i]
		f.vlans = v.Int32[v.Offsets[at]:v.Offsets[at+1]]
	}
	if i := c.at[communityColumn]; i >= 0 && !b.Vectors[i].Null(at) {
		f.community, f.hasCommunity = where.WordAt(&b.Vectors[i], at), true
	}
}

// port returns the port, type or code, label.None where there is none.
func (c *columns) port(b *batch.Batch, i, at int) int32 {
	v := &b.Vectors[c.at[i]]
	if v.Null(at) || v.Int32[at] < 0 || v.Int32[at] > math.MaxUint16 {
		return label.None
	}
	return v.Int32[at]
}

// maxAddress is the longest text that is an address.
const maxAddress = 64

func (c *columns) address(b *batch.Batch, i, at int) (address, error) {
	v := &b.Vectors[c.at[i]]
	word := where.WordAt(v, at)
	if c.binary {
		a, ok := addressOfBytes(word)
		if !ok {
			return a, fmt.Errorf("%s has %d bytes", c.names[c.at[i]], len(word))
		}
		return a, nil
	}
	if a, ok := parseIPv4(word); ok {
		return a, nil
	}
	if len(word) > maxAddress {
		return address{}, fmt.Errorf("%s has %d bytes", c.names[c.at[i]], len(word))
	}
	a, err := netip.ParseAddr(string(word))
	if err != nil {
		return address{}, fmt.Errorf("%s %s is no address", c.names[c.at[i]], text.Escape(string(word)))
	}
	return addressOf(a), nil
}

// host is an address, which is known to be one, as text.
func (c *columns) host(b *batch.Batch, i, at int) string {
	word := where.WordAt(&b.Vectors[c.at[i]], at)
	if !c.binary {
		return string(word)
	}
	a, _ := netip.AddrFromSlice(word)
	return a.String()
}

// parseIPv4 reads four numbers of at most three digits; what it does not take may be an
// address yet. netip takes twice as long for it, and there are two a flow.
func parseIPv4(s []byte) (address, bool) {
	if len(s) > len("255.255.255.255") {
		return address{}, false
	}
	var sum, one uint32
	dots, digits := 0, 0
	for _, b := range s {
		switch {
		case b >= '0' && b <= '9' && !(digits > 0 && one == 0):
			one, digits = one*10+uint32(b-'0'), digits+1
			if one > math.MaxUint8 {
				return address{}, false
			}
		case b == '.' && digits > 0:
			sum, one, digits, dots = sum<<8|one, 0, 0, dots+1
		default:
			return address{}, false
		}
	}
	return address{0, mapped | uint64(sum<<8|one)}, dots == 3 && digits > 0
}
