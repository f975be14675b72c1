package host

import (
	"pcapmill/features/flow"
	"pcapmill/features/sketch"
)

// said is what messages say of a host as client.
type said struct {
	lookups flow.Lookups
	hellos  int64
	servers sketch.Distinct // names of servers
	ja4     sketch.Distinct
}

// hear adds what a piece's messages say to its initiator. Texts are the connection's:
// only the first piece tells them.
func (f *flows) hear(host uint32, r *flow.Row, app *flow.App) {
	asked, hello := app.Lookups(), r.PieceNo == 0 && app.Says(flow.JA4)
	if asked == nil && !hello {
		return
	}
	s := f.saidOf(host)
	if asked != nil {
		f.size += int64(s.lookups.Merge(asked))
	}
	if !hello {
		return
	}
	s.hellos++
	f.size += add(&s.ja4, app.Value(flow.JA4))
	if name := app.Value(flow.ServerName); len(name) > 0 {
		f.size += add(&s.servers, name)
	}
}

// saidOf returns what messages say of a host, good until the next call.
func (f *flows) saidOf(host uint32) *said {
	h := f.hosts.at(host)
	if h.said == 0 {
		h.said = uint32(len(f.said))
		f.said = append(f.said, said{})
		f.size += saidMemory
	}
	return &f.said[h.said]
}

// add adds a text and returns the bytes that it takes.
func add(d *sketch.Distinct, text []byte) int64 {
	const hashBytes = 8
	if !d.Exact() { // and a Count would look at every register
		d.Add(sketch.Hash(text))
		return 0
	}
	before := d.Count()
	d.Add(sketch.Hash(text))
	if d.Exact() && d.Count() > before {
		return hashBytes
	}
	return 0
}
