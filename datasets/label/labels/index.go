package labels

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/tables"
)

// Index finds the flows that a packet can be of: by its endpoints and protocol, in either
// direction, its tunnel depth, and the time from a flow's first to its last packet. It keeps 72
// bytes a flow.
type Index struct {
	book    *Book
	spans   []span // by key, then start
	capture bool   // flows are of one capture each
}

// span is when a flow was.
type span struct {
	key        tupleKey
	start, end int64
	latest     int64 // end of this and all of its key before it
	flow       int64
	first      int64 // number of its first packet in its capture
	capture    int32
	code       int32
}

// tupleKey is a hash that nobody can make two tuples have.
type tupleKey [16]byte

// end is one end of a tuple.
type endpoint struct {
	addr packet.Addr
	port uint16
}

// keyOf hashes a tuple of one capture, or of noCapture.
func keyOf(version uint8, a, b endpoint, protocol uint8, depth uint8, capture int32) (k tupleKey) {
	if c := bytes.Compare(a.addr[:], b.addr[:]); c > 0 || c == 0 && a.port > b.port {
		a, b = b, a
	}
	var raw [2*18 + 3 + 4]byte
	out := append(raw[:0], a.addr[:]...)
	out = binary.BigEndian.AppendUint16(out, a.port)
	out = append(out, b.addr[:]...)
	out = binary.BigEndian.AppendUint16(out, b.port)
	out = append(out, protocol, depth, version)
	out = binary.BigEndian.AppendUint32(out, uint32(capture))
	sum := sha256.Sum256(out)
	copy(k[:], sum[:])
	return k
}

// NewIndex reads the flows at a path. own says that each flow is of the packets of one capture
// only, as where captures were read independently. Errors are those of tables.Read, and ErrLimit.
func (b *Book) NewIndex(ctx context.Context, flows string, own bool) (*Index, error) {
	x := &Index{book: b, capture: own}
	pick := addressed("flow_id", "capture_id", "first_packet_index", "tunnel_depth", "start_ns", "end_ns", "protocol", "src_port", "dst_port", "icmp_type", "icmp_code")
	if err := b.view.Read(ctx, flows, pick, x.take); err != nil {
		return nil, err
	}
	slices.SortFunc(x.spans, func(p, q span) int {
		return cmp.Or(bytes.Compare(p.key[:], q.key[:]), cmp.Compare(p.start, q.start), cmp.Compare(p.flow, q.flow))
	})
	for i := range x.spans {
		s := &x.spans[i]
		if s.latest = s.end; i > 0 && x.spans[i-1].key == s.key {
			s.latest = max(s.end, x.spans[i-1].latest)
		}
	}
	return x, nil
}

// addressed picks src_ip and dst_ip, as text or as bytes, and then the named columns.
func addressed(names ...string) func(*column.Schema) ([]string, error) {
	return func(s *column.Schema) ([]string, error) {
		all := append([]string{"src_ip", "dst_ip"}, names...)
		if s.Index("src_ip") < 0 && s.Index("src_ip_binary") >= 0 {
			all[0], all[1] = "src_ip_binary", "dst_ip_binary"
		}
		return columnsOf("flows", all...)(s)
	}
}

// addrAt reads an address of a column of texts, or of bytes.
func addrAt(b *batch.Batch, column, row int) (netip.Addr, error) {
	v := &b.Vectors[column]
	s := v.String(row)
	if b.Schema.Columns[column].Type == binaryColumn {
		if a, ok := netip.AddrFromSlice([]byte(s)); ok {
			return a, nil
		}
	} else if a, err := netip.ParseAddr(s); err == nil {
		return a, nil
	}
	return netip.Addr{}, fmt.Errorf("%w: flows have an address that is none: %q", tables.ErrTable, s)
}

const binaryColumn = column.Binary

func (x *Index) take(rows *batch.Batch) error {
	v := rows.Vectors
	for i := range rows.Rows {
		if len(x.spans) == MaxFlows {
			return fmt.Errorf("%w flows: packets of at most %d can be labelled at once", ErrLimit, MaxFlows)
		}
		src, err := addrAt(rows, 0, i)
		if err != nil {
			return err
		}
		dst, err := addrAt(rows, 1, i)
		if err != nil {
			return err
		}
		s := span{flow: v[2].Int64[i], capture: v[3].Int32[i], first: v[4].Int64[i], start: v[6].Int64[i], end: v[7].Int64[i]}
		protocol := uint8(v[8].Int32[i])
		var ports [2]uint16
		switch {
		case !v[9].Null(i) && !v[10].Null(i):
			ports = [2]uint16{uint16(v[9].Int32[i]), uint16(v[10].Int32[i])}
		case !v[11].Null(i) && !v[12].Null(i):
			ports[0], ports[1], _ = packet.ICMPPorts(protocol, uint8(v[11].Int32[i]), uint8(v[12].Int32[i]))
		}
		s.key = keyOf(versionOf(src), endpoint{src.As16(), ports[0]}, endpoint{dst.As16(), ports[1]}, protocol, uint8(v[5].Int32[i]), x.of(s.capture))
		s.code = x.book.find(s.flow).code
		x.spans = append(x.spans, s)
	}
	return nil
}

func versionOf(a netip.Addr) uint8 {
	if a.Is4() {
		return 4
	}
	return 6
}

// of is the capture that a flow's key is of: captures that were read independently can have the same
// tuple at the same time, as often as there are captures.
func (x *Index) of(capture int32) int32 {
	if x.capture {
		return capture
	}
	return noCapture
}

// mostFits is how many flows are looked at for a packet. Flows of a tuple follow one another, but
// for those of other VLANs and tunnels.
const mostFits = 64

// Find says what a layer of a packet is called. Where the packet is the first of a flow, it is
// of that flow; else of all that last at its time. There is no Layer where none does.
func (x *Index) Find(v *packet.View, capture int32, index int64) (Layer, bool) {
	key := keyOf(v.Version, endpoint{v.Src, v.SrcPort}, endpoint{v.Dst, v.DstPort}, v.Protocol, v.Depth, x.of(capture))
	at, _ := slices.BinarySearchFunc(x.spans, key, func(s span, k tupleKey) int {
		if c := bytes.Compare(s.key[:], k[:]); c != 0 {
			return c
		}
		if s.start <= v.Time {
			return -1
		}
		return 1
	})
	l := Layer{Depth: int32(v.Depth)}
	var code int32
	for looked := 0; at > 0 && looked < mostFits; looked++ {
		at--
		s := &x.spans[at]
		if s.key != key || s.latest < v.Time {
			break
		}
		if s.end < v.Time || s.capture == capture && index < s.first {
			continue
		}
		begins := s.capture == capture && s.first == index
		if begins {
			l.Fits = 0
		}
		switch l.Fits++; {
		case l.Fits == 1:
			l.FlowID, code = s.flow, s.code
		case s.code != code:
			code = codeAmbiguous
		}
		if begins {
			break
		}
	}
	if l.Fits == 0 {
		return l, false
	}
	l.Known = l.Fits == 1
	l.Outcome, l.Label = x.book.said(code)
	return l, true
}
