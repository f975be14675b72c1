package stages

import (
	"slices"

	"pcapmill/ingest/packet"
)

// MaxTunnelDepth is the highest limit on tunnels in tunnels.
const MaxTunnelDepth = 8

// layers decodes what the last of n views carries, layer by layer, and puts a View
// for each layer behind it. It returns the views and their number. left is how
// many records are still to come: there stays room for them.
//
// Packets have one outcome, that of the outermost layer. What became of inner
// layers is counted apart.
func (f *feeder) layers(b *packet.Block, views []packet.View, n, left int, in *InputSummary) ([]packet.View, int) {
	limit := f.cfg.Tunnels
	if limit == 0 {
		return views, n
	}
	counts := &in.Inner
	for {
		if len(views)-n <= left {
			views = slices.Grow(views[:n], left+16)
			views = views[:cap(views)]
		}
		outer, v := &views[n-1], &views[n]
		carries, out := f.walker.Inner(b.Data, outer, v)
		switch {
		case !carries:
			return views, n
		case int(outer.Depth) == limit:
			out = packet.OverLimit
		}
		counts[out]++
		if out != packet.InFlow {
			if f.outsiders.inner[out] {
				f.outsideLayer(b, outer, v, out, n)
			}
			return views, n
		}
		outer.Link |= packet.LinkCarries
		v.Time, v.Clock, v.Ordinal = outer.Time, outer.Clock, outer.Ordinal
		v.Quality |= outer.Quality & (packet.Late | packet.NoTimestamp | packet.TimeOutlier)
		if n++; !v.MayCarry() || v.IsFragment() {
			return views, n
		}
	}
}

// keyVLANs keeps flows of different VLANs apart.
func keyVLANs(b *packet.Block, views []packet.View) {
	for i := range views {
		if v := &views[i]; v.Link&packet.LinkHasVLAN != 0 {
			v.VLANKey = packet.VLANStack(v.Frame(b), v)
		}
	}
}
