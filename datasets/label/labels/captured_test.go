package labels_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/labels"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/tables"
)

// tupleFlows are the columns of flows that packets are told by.
func tupleSchema() *column.Schema {
	s := &column.Schema{Table: "flows", Version: 1}
	for _, c := range []column.Column{
		{Name: "src_ip", Type: column.String}, {Name: "dst_ip", Type: column.String}, {Name: "flow_id", Type: column.Int64}, {Name: "capture_id", Type: column.Int32},
		{Name: "first_packet_index", Type: column.Int64}, {Name: "tunnel_depth", Type: column.Int32}, {Name: "start_ns", Type: column.Int64}, {Name: "end_ns", Type: column.Int64},
		{Name: "protocol", Type: column.Int32}, {Name: "src_port", Type: column.Int32, Null: "n"}, {Name: "dst_port", Type: column.Int32, Null: "n"},
		{Name: "icmp_type", Type: column.Int32, Null: "n"}, {Name: "icmp_code", Type: column.Int32, Null: "n"},
	} {
		c.Doc = "d"
		s.Columns = append(s.Columns, c)
	}
	return s
}

// scanIndex is of one flow, the first of the generated capture's scan.
func scanIndex(t testing.TB) *labels.Index {
	t.Helper()
	path := written(t, t.TempDir(), tupleSchema(), func(sink func(*batch.Batch) error) error {
		b := batch.New(tupleSchema())
		b.Vectors[0].AppendText([]byte("203.0.113.66"))
		b.Vectors[1].AppendText([]byte("192.0.2.20"))
		b.Vectors[2].Int64, b.Vectors[3].Int32, b.Vectors[4].Int64, b.Vectors[5].Int32 = []int64{7}, []int32{0}, []int64{1}, []int32{0}
		b.Vectors[6].Int64, b.Vectors[7].Int64, b.Vectors[8].Int32 = []int64{0}, []int64{1 << 62}, []int32{6}
		for i, v := range map[int]int32{9: 33000, 10: 1, 11: 0, 12: 0} {
			b.Vectors[i].Int32, b.Vectors[i].Valid = []int32{v}, []byte{1}
			if i > 10 {
				b.Vectors[i].Valid[0] = 0
			}
		}
		b.Rows = 1
		return sink(b)
	})
	book := labels.NewBook(tables.NewView())
	if err := book.Add(7, label.Labelled, "a, scan=1", "", labels.NoRole); err != nil {
		t.Fatal(err)
	}
	if err := book.Add(7, label.Ambiguous, "", "", labels.NoRole); err != nil { // a table that was changed
		t.Fatal(err)
	}
	if again := book.Done(); again != 1 {
		t.Errorf("%d flows have another's flow_id", again)
	}
	x, err := book.NewIndex(context.Background(), path, false)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// reading labels the packets of capture bytes, and returns what became of them and the pcapng.
func reading(t testing.TB, x *labels.Index, capture []byte) (labels.Captured, []byte, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "capture")
	if err := os.WriteFile(path, capture, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := labels.NewPcapML(&out)
	if err != nil {
		t.Fatal(err)
	}
	w := labels.NewPackets(func(*batch.Batch) error { return nil })
	r := labels.Reading{Index: x, Rows: w, PcapML: p}
	done, err := r.Read(context.Background(), path)
	err = errors.Join(err, w.Flush(), p.Close())
	return done, out.Bytes(), err
}

func demoBytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := traffic.Demo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDamaged: what comes before damage is labelled, and the rest is said to be missing.
func TestDamaged(t *testing.T) {
	x, whole := scanIndex(t), demoBytes(t)
	done, out, err := reading(t, x, whole)
	if bytes.Count(out, []byte("7,a; scan:1")) != 2 { // what pcapML would take for another field or a key
		t.Error("the comments are others")
	}
	if err != nil || done.Damage != "" || done.Labelled != 2 || done.Packets != done.Rows+done.NoFlow+done.Fragments+done.Others { // a SYN and its refusal
		t.Errorf("%v %+v", err, done)
	}
	half, _, err := reading(t, x, whole[:len(whole)/2])
	if err != nil || half.Damage == "" || half.Packets >= done.Packets || half.Packets == 0 {
		t.Errorf("%v %+v", err, half)
	}
	if _, _, err := reading(t, x, []byte("no capture")); !errors.Is(err, labels.ErrCapture) {
		t.Error(err)
	}
}

// FuzzReading: whatever a capture has, each of its packets is counted once, and nothing panics.
func FuzzReading(f *testing.F) {
	demo := demoBytes(f)
	f.Add(demo[:4096])
	f.Add(demo[:300])
	f.Add([]byte{})
	x := scanIndex(f)
	f.Fuzz(func(t *testing.T, capture []byte) {
		done, _, err := reading(t, x, capture)
		if err != nil && !errors.Is(err, labels.ErrCapture) {
			t.Fatal(err)
		}
		if done.Packets != done.Rows+done.NoFlow+done.Fragments+done.Others {
			t.Fatalf("%+v", done)
		}
	})
}

// TestSameTupleInManyCaptures: captures that were read independently have the same tuple at the same
// time, as machines have that ask for an address at a time that they all begin with.
func TestSameTupleInManyCaptures(t *testing.T) {
	const captures, start, end = 200, int64(1e9), int64(1e12)
	path := written(t, t.TempDir(), tupleSchema(), func(sink func(*batch.Batch) error) error {
		b := batch.New(tupleSchema())
		for i := range captures {
			b.Vectors[0].AppendText([]byte("0.0.0.0"))
			b.Vectors[1].AppendText([]byte("255.255.255.255"))
			for at, v := range map[int]int64{2: int64(i), 4: 1, 6: start + int64(i), 7: end} {
				b.Vectors[at].Int64 = append(b.Vectors[at].Int64, v)
			}
			for at, v := range map[int]int32{3: int32(i), 5: 0, 8: 17, 9: 68, 10: 67, 11: 0, 12: 0} {
				b.Vectors[at].Int32 = append(b.Vectors[at].Int32, v)
			}
			for at, valid := range map[int]byte{9: 1, 10: 1, 11: 0, 12: 0} {
				b.Vectors[at].Valid = append(b.Vectors[at].Valid, valid)
			}
			b.Rows++
		}
		return sink(b)
	})
	book := labels.NewBook(tables.NewView())
	book.Done()
	x, err := book.NewIndex(context.Background(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	v := packet.View{
		Version: 4, Protocol: 17, Time: end - 1, SrcPort: 68, DstPort: 67,
		Src: netip.MustParseAddr("0.0.0.0").As16(), Dst: netip.MustParseAddr("255.255.255.255").As16(),
	}
	if l, is := x.Find(&v, captures, 2); is { // of no flow, and nothing is called anything
		t.Errorf("a capture without flows: %+v", l)
	}
	for i := range int32(captures) {
		if l, is := x.Find(&v, i, 2); !is || !l.Known || l.FlowID != int64(i) {
			t.Errorf("capture %d: %+v, %v", i, l, is)
		}
	}
}
