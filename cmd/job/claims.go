package job

import (
	"fmt"

	"pcapmill/ingest/capfile"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// What the manifest has room for, over all inputs: its size must stay what a
// reader accepts, however many captures talk however much.
const (
	maxClaimText  = 8 << 20 // escaped bytes
	maxClaimLost  = 50_000  // lost ranges
	maxClaimFaces = 50_000  // interfaces behind the first of each input
	claimOverhead = 64      // JSON around a text
)

// claimRoom is what is left of that room.
type claimRoom struct{ text, lost, faces int }

func newClaimRoom() claimRoom { return claimRoom{maxClaimText, maxClaimLost, maxClaimFaces} }

// face reports whether there is room for an input's interface i.
func (r *claimRoom) face(i int, name string) bool {
	if i > 0 {
		if r.faces == 0 {
			return false
		}
		r.faces--
	}
	return name == "" || r.take(text.Escape(name))
}

// take reports whether there is room for a text.
func (r *claimRoom) take(shown string) bool {
	r.text -= len(shown) + claimOverhead
	return r.text >= 0
}

// claims enters what a capture says of itself, and what of it was lost.
func claims(m *manifest.Input, info *capfile.Info, room *claimRoom) {
	m.Comments, m.Names, m.LostRanges = info.PacketComments, int64(info.Names), info.Salvage.Ranges
	lost := info.Salvage.Lost[:min(len(info.Salvage.Lost), room.lost)]
	room.lost -= len(lost)
	for _, l := range lost {
		m.Lost = append(m.Lost, manifest.Range{Offset: l.Offset, Bytes: l.Length, Reason: string(l.Reason)})
	}
	left := 0
	for i := range info.Texts {
		t := &info.Texts[i]
		shown := text.Escape(t.Text)
		switch {
		case t.Interface >= len(m.Interfaces) || !room.take(shown):
			left++
		case t.Interface == capfile.WholeSection:
			sectionClaim(m, t, shown)
		default:
			interfaceClaim(&m.Interfaces[t.Interface], t, shown)
		}
	}
	if left > 0 {
		m.Notes = append(m.Notes, fmt.Sprintf("texts: %d more", left))
	}
	statisticsClaims(m.Interfaces, info.Statistics)
}

// sectionClaim enters one text on a section. The texts come section by section.
func sectionClaim(m *manifest.Input, t *capfile.Text, shown string) {
	if n := len(m.Sections); n == 0 || m.Sections[n-1].Index != t.Section {
		m.Sections = append(m.Sections, manifest.Section{Index: t.Section})
	}
	s := &m.Sections[len(m.Sections)-1]
	switch t.Kind {
	case capfile.TextComment:
		s.Comments = append(s.Comments, shown)
	case capfile.TextHardware:
		s.Hardware = shown
	case capfile.TextOS:
		s.OS = shown
	case capfile.TextApplication:
		s.Application = shown
	}
}

// statisticsClaims enters the statistics of the listed interfaces.
func statisticsClaims(faces []manifest.Interface, statistics []capfile.Statistics) {
	for i := range statistics {
		s := &statistics[i]
		if s.Interface < len(faces) {
			f := &faces[s.Interface]
			f.Received, f.Dropped = claimed(s, capfile.Received), claimed(s, capfile.Dropped)
			f.OSDropped, f.Accepted = claimed(s, capfile.OSDropped), claimed(s, capfile.Accepted)
			f.Delivered = claimed(s, capfile.Delivered)
		}
	}
}

// interfaceClaim enters one text on an interface.
func interfaceClaim(f *manifest.Interface, t *capfile.Text, shown string) {
	switch t.Kind {
	case capfile.TextComment:
		f.Comments = append(f.Comments, shown)
	case capfile.TextDescription:
		f.Description = shown
	case capfile.TextFilter:
		f.Filter = shown
	case capfile.TextHardware:
		f.Hardware = shown
	case capfile.TextOS:
		f.OS = shown
	}
}

// claimed returns a statistic, nil where it was not claimed.
func claimed(s *capfile.Statistics, which capfile.Statistic) *int64 {
	if !s.Known[which] {
		return nil
	}
	n := s.Value[which]
	return &n
}
