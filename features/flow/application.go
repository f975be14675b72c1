package flow

import (
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// unread is when what flows say is unknown in all.
const unread = "nothing of the kind was seen; always with --records none"

// Words of app_protocol_source.
const (
	sourceContent int32 = iota
	sourcePort
	sourceNone
)

var sourceNames = []string{"content", "port", "none"}

func applicationColumns() []Def {
	defs := []Def{
		nullable("app_protocol", column.String, attr{source: "IANA service names"}, "Protocol that the payload speaks: the name of its records' table (dns is mDNS, LLMNR and NetBIOS names too), else what the responder's port, or the initiator's, stands for.", "neither payload nor ports say",
			func(v *batch.Vector, t *tile) {
				v.Dict = t.words
				codes, valid := more(&v.Codes, len(t.rows)), more(&v.Valid, len(t.rows))
				for i, r := range t.rows {
					codes[i] = appWord(t, r)
					valid[i] = flag(codes[i] > 0)
				}
			}),
		single("app_protocol_source", column.String, attr{}, "How app_protocol is known: content, port, none.", func(v *batch.Vector, t *tile) {
			v.Dict = sourceNames
			codes := more(&v.Codes, len(t.rows))
			for i, r := range t.rows {
				codes[i] = appSource(r)
			}
		}),
	}
	for text := range appTexts {
		defs = append(defs, said(text))
	}
	return append(defs, nullable("http_status_first", column.Int32, attr{source: "RFC 9110"}, "Status code of the first final HTTP response.", unread, func(v *batch.Vector, t *tile) {
		status, valid := more(&v.Int32, len(t.rows)), more(&v.Valid, len(t.rows))
		clear(status)
		clear(valid)
		for i, a := range t.apps {
			if a != nil {
				status[i], valid[i] = a.status, flag(a.status != 0)
			}
		}
	}))
}

// appWord returns the place of a flow's protocol among the tile's words; 0 where there is
// none.
func appWord(t *tile, r *Row) int32 {
	if r.App > 0 {
		return t.byApp[r.App-1]
	}
	return int32(service(r))
}

// setWords makes the words of app_protocol: those of ports, of which the first is none,
// and those of messages that are not among them.
func (t *tile) setWords(names []string) {
	t.words = slices.Clone(serviceNames)
	for _, name := range names {
		at := slices.Index(t.words, name)
		if at < 0 {
			at = len(t.words)
			t.words = append(t.words, name)
		}
		t.byApp = append(t.byApp, int32(at))
	}
}

func appSource(r *Row) int32 {
	switch {
	case r.App > 0:
		return sourceContent
	case service(r) > 0:
		return sourcePort
	}
	return sourceNone
}

func streamColumns() []Def {
	unseen := "no TCP payload was seen, or --records none"
	return perSide(func(p, of string, dir int) []Def {
		number := func(name string, unit column.Unit, doc string, field func(*Stream) *int64) Def {
			at := refer(field)
			return nullable(p+"stream_"+name, column.Int64, attr{unit: unit, source: "RFC 9293"}, doc+", "+of+"; over the first --stream-bytes, and from a connection's beginning also where pieces of it ended before.", unseen, func(v *batch.Vector, t *tile) {
				dst, valid := more(&v.Int64, len(t.rows)), more(&v.Valid, len(t.rows))
				clear(dst)
				clear(valid)
				for i, a := range t.apps {
					if a != nil && a.Streams[dir].Seen {
						dst[i], valid[i] = *at.at(&a.Streams[dir]), 1
					}
				}
			})
		}
		return []Def{
			number("bytes", column.Bytes, "Stream bytes in order, or brought into it", func(s *Stream) *int64 { return &s.Bytes }),
			number("gap_bytes", column.Bytes, "Stream bytes missing for good: lost by the capture, or given up as too much lay behind", func(s *Stream) *int64 { return &s.GapBytes }),
			number("gaps", column.Count, "Stretches of bytes missing for good", func(s *Stream) *int64 { return &s.Gaps }),
			number("held_bytes", column.Bytes, "Stream bytes that came ahead of others and waited", func(s *Stream) *int64 { return &s.HeldBytes }),
			number("overlap_bytes", column.Bytes, "Stream bytes that came again before FIN had ended the stream: alike, or for a place already read", func(s *Stream) *int64 { return &s.OverlapBytes }),
			number("conflict_bytes", column.Bytes, "Stream bytes that came again and differ from what waited at their place (--overlap says which count)", func(s *Stream) *int64 { return &s.ConflictBytes }),
		}
	})
}

// app returns what the flow of a tile says; nil where nothing is known.
func (t *tile) app(i int) *App {
	if t.apps == nil {
		return nil
	}
	return t.apps[i]
}

// said declares the column of a text that flows say, which is not in the Row.
func said(text AppText) Def {
	c := &appColumns[text]
	return nullable(c.name, column.String, attr{source: c.source, role: c.role}, c.doc, unread, func(v *batch.Vector, t *tile) {
		startOffsets(v)
		ends, valid, dst := more(&v.Offsets, len(t.rows)), more(&v.Valid, len(t.rows)), v.Bytes
		clear(valid)
		for i := range ends {
			if a := t.app(i); a.Says(text) {
				dst, valid[i] = append(dst, a.text(text)...), 1
			}
			ends[i] = int32(len(dst))
		}
		v.Bytes = dst
	})
}

// nullable declares a column that knows itself when it is null.
func nullable(name string, typ column.Type, a attr, doc, null string, fill func(v *batch.Vector, t *tile)) Def {
	d := single(name, typ, a, doc, fill)
	d.Columns[0].Null = null
	return d
}
