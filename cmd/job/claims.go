package job

import (
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/input"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// claims enters what a capture says of itself, and what of it was lost.
func claims(m *manifest.Input, f *input.Facts) {
	m.Comments, m.Names = f.Info.PacketComments, int64(f.Info.Names)
	m.LostRanges = f.Info.Salvage.Ranges
	for _, l := range f.Info.Salvage.Lost {
		m.Lost = append(m.Lost, manifest.Range{Offset: l.Offset, Bytes: l.Length, Reason: string(l.Reason)})
	}
	for i := range f.Info.Texts {
		if t := &f.Info.Texts[i]; t.Interface == capfile.WholeSection {
			sectionClaim(m, t)
		}
	}
}

// sectionClaim enters one text on a section. The texts come section by section.
func sectionClaim(m *manifest.Input, t *capfile.Text) {
	if n := len(m.Sections); n == 0 || m.Sections[n-1].Index != t.Section {
		m.Sections = append(m.Sections, manifest.Section{Index: t.Section})
	}
	s := &m.Sections[len(m.Sections)-1]
	switch shown := text.Escape(t.Text); t.Kind {
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

// interfaceClaims enters texts and statistics of the listed interfaces.
func interfaceClaims(faces []manifest.Interface, info *capfile.Info) {
	for i := range info.Texts {
		t := &info.Texts[i]
		if t.Interface != capfile.WholeSection && t.Interface < len(faces) {
			interfaceText(&faces[t.Interface], t)
		}
	}
	for i := range info.Statistics {
		s := &info.Statistics[i]
		if s.Interface < len(faces) {
			f := &faces[s.Interface]
			f.Received, f.Dropped = claimed(s, capfile.Received), claimed(s, capfile.Dropped)
			f.OSDropped, f.Accepted = claimed(s, capfile.OSDropped), claimed(s, capfile.Accepted)
			f.Delivered = claimed(s, capfile.Delivered)
		}
	}
}

func interfaceText(f *manifest.Interface, t *capfile.Text) {
	switch shown := text.Escape(t.Text); t.Kind {
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
