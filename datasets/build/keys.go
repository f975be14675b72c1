package build

import (
	"net/netip"
	"path/filepath"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// maxCaptures bounds the captures table, which is in memory at once.
const maxCaptures = 1 << 20

// keyFrom is where a column of keys comes from: a column of the table, by its place, or an
// address in binary.
type keyFrom struct {
	at     int // -1: none
	binary int // -1: none
}

// keyColumns finds the columns of keys in the table.
func (r *reading) keyColumns() ([]keyFrom, error) {
	schema := KeysSchema()
	all := make([]keyFrom, len(schema.Columns))
	for i := range schema.Columns {
		c := &schema.Columns[i]
		all[i] = keyFrom{-1, -1}
		if c.Group == "labels" || c.Name == "campaign" {
			continue
		}
		name, known := r.j.shape.froms[c.Name]
		if !known {
			name = c.Name
		}
		var err error
		if all[i].at, err = r.picks.find(want{name, c.Type, c.Optional()}); err != nil {
			return nil, err
		}
		if all[i].at >= 0 || c.Name != srcIP && c.Name != dstIP {
			continue
		}
		if all[i].binary, err = r.picks.find(want{c.Name + "_binary", column.Binary, false}); err != nil {
			return nil, err
		}
		if all[i].binary < 0 && !r.j.shape.lookup {
			return nil, unfit("%s has no column %s", text.Escape(r.picks.schema.Table), c.Name)
		}
	}
	return all, nil
}

const (
	srcIP = "src_ip"
	dstIP = "dst_ip"
)

func (r *reading) writeKeys(in *joined, w *writing) error {
	w.key.Reset()
	for i := range w.key.To.Schema.Columns {
		if err := r.writeKey(in, w, i); err != nil {
			return err
		}
	}
	w.key.To.Rows = len(w.at)
	return w.keys.Write(w.key.To)
}

// writeKey appends to one column of keys.
func (r *reading) writeKey(in *joined, w *writing, i int) error {
	v, name, from := &w.key.To.Vectors[i], w.key.To.Schema.Columns[i].Name, w.copiedKeys[i]
	switch {
	case name == labelColumn:
		r.b.sieve.name(v, w.classes)
	case name == "conn_id" && !r.j.shape.lookup:
		for _, at := range w.at {
			v.Int64 = append(v.Int64, r.j.connOf(in.rows, int(at)))
		}
	case name == "run":
		for range w.at {
			v.Int32 = append(v.Int32, int32(w.pair))
		}
	case name == "capture":
		return r.capture(in, w, i)
	case name == "end_ns" && r.j.shape.lookup:
		start, span := in.rows.Vectors[r.j.need[0]].Int64, in.rows.Vectors[r.j.need[1]].Int64
		for _, at := range w.at {
			v.Int64 = append(v.Int64, start[at]+span[at])
		}
	case from.at >= 0:
		w.key.Column(i, &in.rows.Vectors[from.at], w.at)
	case from.binary >= 0:
		return addresses(v, &in.rows.Vectors[from.binary], w.at)
	default:
		r.said(w.key, i, name, in, w.said)
	}
	return nil
}

// capture appends the numbers of captures in the captures table.
func (r *reading) capture(in *joined, w *writing, i int) error {
	ids := w.copiedKeys[w.key.To.Schema.Index(capture)].at
	v, known := &w.key.To.Vectors[i], int32(len(r.j.pair.Tables.Manifest.Inputs))
	for _, at := range w.at {
		ids := &in.rows.Vectors[ids]
		id, null := int32(0), ids.Null(int(at))
		if !null {
			if id = ids.Int32[at]; id < 0 || id >= known {
				return unfit("capture_id %d, and the manifest has %d inputs", id, known)
			}
			id += w.captures[w.pair]
		}
		v.Int32 = append(v.Int32, id)
		v.Valid = append(v.Valid, bit(!null))
	}
	return nil
}

func bit(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

// addresses appends binary addresses as text.
func addresses(dst, src *batch.Vector, at []int32) error {
	for _, row := range at {
		raw := src.String(int(row))
		a, ok := netip.AddrFromSlice([]byte(raw))
		if !ok {
			return unfit("an address of %d bytes", len(raw))
		}
		dst.AppendText([]byte(a.String()))
	}
	return nil
}

// appendCapture appends a row of the captures table.
func appendCapture(b *batch.Batch, run, id int, in *manifest.Input) error {
	path, err := manifest.DecodePath(in.Path, in.PathHex)
	if err != nil {
		return err
	}
	v := b.Vectors
	for i, n := range []int{b.Rows, run, id} {
		v[i].Int32 = append(v[i].Int32, int32(n))
	}
	v[3].AppendText([]byte(text.Escape(filepath.Base(path))))
	v[4].AppendText([]byte(in.SHA256))
	v[4].Valid = append(v[4].Valid, bit(in.SHA256 != ""))
	v[5].Int64 = append(v[5].Int64, in.Packets)
	for i, at := range []*int64{in.FirstNs, in.LastNs} {
		n := int64(0)
		if at != nil {
			n = *at
		}
		v[6+i].Int64 = append(v[6+i].Int64, n)
		v[6+i].Valid = append(v[6+i].Valid, bit(at != nil))
	}
	b.Rows++
	return nil
}
