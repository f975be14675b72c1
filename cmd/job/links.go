package job

import (
	"cmp"
	"slices"
	"strings"

	"pcapmill/ingest/packet"
)

// LinkCount is the packets of interfaces that could not be decoded.
type LinkCount struct {
	Link    packet.LinkType
	Note    string // why the interface cannot be used, where that is not the link type
	Packets int64
}

// unusable reports whether an interface's packets count as unsupported_link or other_link.
func unusable(f *packet.Interface) bool {
	return f.Note != "" || !packet.Supported(f.Link)
}

// countLinks sums up the undecoded packets by link type, most packets first.
func countLinks(inputs []InputReport) []LinkCount {
	type kind struct {
		link packet.LinkType
		note string
	}
	var out []LinkCount
	places := map[kind]int{} // a hostile capture can describe hundreds of thousands
	for i := range inputs {
		for j := range inputs[i].summary.Interfaces {
			f := &inputs[i].summary.Interfaces[j]
			if f.Packets == 0 || !unusable(f) {
				continue
			}
			at, known := places[kind{f.Link, f.Note}]
			if !known {
				at = len(out)
				places[kind{f.Link, f.Note}] = at
				out = append(out, LinkCount{Link: f.Link, Note: f.Note})
			}
			out[at].Packets += f.Packets
		}
	}
	slices.SortStableFunc(out, func(a, b LinkCount) int {
		return cmp.Or(cmp.Compare(b.Packets, a.Packets), cmp.Compare(a.Link, b.Link), strings.Compare(a.Note, b.Note))
	})
	return out
}
