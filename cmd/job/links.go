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
	var out []LinkCount
	for i := range inputs {
		for j := range inputs[i].summary.Interfaces {
			f := &inputs[i].summary.Interfaces[j]
			if f.Packets == 0 || !unusable(f) {
				continue
			}
			at := slices.IndexFunc(out, func(c LinkCount) bool { return c.Link == f.Link && c.Note == f.Note })
			if at < 0 {
				at = len(out)
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
