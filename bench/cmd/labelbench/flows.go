package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/outputs/parquetfile"
)

// The made-up week: 65,536 hosts inside, which talk to sixteen million outside.
const (
	week  = int64(7 * 24 * time.Hour)
	epoch = int64(1_700_000_000_000_000_000) // ns
)

// made is the flow that a number stands for.
type made struct {
	id               uint64
	src, dst         netip.Addr
	srcPort, dstPort uint16
	protocol         uint8
	start, end       int64
}

// mix scrambles a number (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// makeFlow returns flow i of n, which are in the order of their starts.
func makeFlow(i, n int) made {
	h := mix(uint64(i))
	h2 := mix(h)
	m := made{id: h >> 1, src: inside(h), dst: outside(h2), srcPort: uint16(1024 + h2>>48&0x7fff), dstPort: port(h2 >> 24), protocol: 6}
	if h2>>40&3 == 0 {
		m.protocol = 17
	}
	m.start = epoch + int64(float64(week)/float64(n)*float64(i))
	m.end = m.start + int64(h2>>44%uint64(time.Minute))
	return m
}

func inside(h uint64) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(h >> 8), byte(h)}) }

func outside(h uint64) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(h)&0xffffff|uint32(20+h>>28&0x7f)<<24)
	return netip.AddrFrom4(b)
}

func port(h uint64) uint16 {
	return []uint16{443, 443, 443, 80, 53, 22, 25, 8080}[h&7]
}

// columns are those of the flows table that the benchmark fills.
var columns = []string{"flow_id", "conn_id", "piece_no", "tunnel_depth", "community_id", "capture_id", "first_packet_index", "src_ip", "src_port", "dst_ip", "dst_port",
	"icmp_type", "icmp_code", "protocol", "start_ns", "end_ns", "fwd_packets", "rev_packets", "fwd_payload_bytes", "rev_payload_bytes", "conn_state"}

func schema() (*column.Schema, error) {
	table, err := flow.NewTable(nil, flow.AddrText)
	if err != nil {
		return nil, err
	}
	s := &column.Schema{Table: table.Schema.Table, Version: table.Schema.Version}
	for _, name := range columns {
		at := table.Schema.Index(name)
		if at < 0 {
			return nil, fmt.Errorf("no column %s", name)
		}
		s.Columns = append(s.Columns, table.Schema.Columns[at])
	}
	return s, nil
}

// writeFlows writes the table in one part.
func writeFlows(a *arguments) (numbers map[string]int64, err error) {
	s, err := schema()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(a.output, 0o700); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(a.output, "part-00000.parquet"))
	if err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(err, f.Close()) }()
	w, err := parquetfile.NewFile(f, s, parquetfile.DefaultConfig(), nil)
	if err != nil {
		return nil, err
	}
	b := batch.New(s)
	for i := range a.flows {
		m := makeFlow(i, a.flows)
		m.append(b, i)
		if b.Rows == 8192 || i == a.flows-1 {
			if err := w.Write(b); err != nil {
				return nil, err
			}
			b.Reset()
		}
	}
	return map[string]int64{"flows": int64(a.flows)}, w.Close()
}

var states = []string{"SF", "S0", "REJ", "RSTO"}

// append adds the flow as a row, in the order of columns.
func (m *made) append(b *batch.Batch, i int) {
	v := b.Vectors
	long := func(at int, n int64) { v[at].Int64 = append(v[at].Int64, n) }
	short := func(at int, n int32) { v[at].Int32 = append(v[at].Int32, n) }
	valid := func(at int, is byte) { v[at].Valid = append(v[at].Valid, is) }
	long(0, int64(m.id))
	long(1, int64(m.id))
	short(2, 0)
	short(3, 0)
	v[4].AppendText([]byte(fmt.Sprintf("1:%028x", m.id)))
	short(5, 0)
	long(6, int64(i)+1)
	v[7].AppendText([]byte(m.src.String()))
	short(8, int32(m.srcPort))
	v[9].AppendText([]byte(m.dst.String()))
	short(10, int32(m.dstPort))
	short(11, 0)
	short(12, 0)
	short(13, int32(m.protocol))
	long(14, m.start)
	long(15, m.end)
	for at := 16; at < 20; at++ {
		long(at, int64(m.id>>(8*at%56)&15))
	}
	v[20].AppendText([]byte(states[m.id>>5&3]))
	for at, is := range map[int]byte{8: 1, 10: 1, 11: 0, 12: 0} {
		valid(at, is)
	}
	b.Rows++
}
