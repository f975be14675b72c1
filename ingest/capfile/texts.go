package capfile

import "strings"

// Bounds of the texts that are kept of one capture. They are for people and
// come from whoever made the file.
const (
	maxTexts     = 1024
	maxTextBytes = 1024      // of one; the rest of it is cut off
	maxTextTotal = 256 << 10 // of all
)

// LiveApplication is how shb_userappl begins in the sections that live capture writes. There,
// an interface statistics block is a watermark: no packet that was captured before its time
// is missing before it.
const LiveApplication = "pcapmill live"

// The kinds of texts.
const (
	TextComment     = "comment"
	TextHardware    = "hardware"
	TextOS          = "os"
	TextApplication = "application"
	TextDescription = "description"
	TextFilter      = "filter"
)

// Text is what a pcapng section or interface description says in words: raw
// bytes of the file, escape them before showing.
type Text struct {
	Section   int // from 0
	Interface int // index into Reader.Interfaces; WholeSection for the section's own
	Kind      string
	Text      string
}

// WholeSection is the interface number of texts on a section.
const WholeSection = -1

// Options of section header blocks with texts.
const (
	sectionHardware    = 2
	sectionOS          = 3
	sectionApplication = 4
)

// Options of interface description blocks with texts.
const (
	optionDescription = 3
	optionFilter      = 11
	optionOS          = 12
	optionHardware    = 15

	filterIsText = 0 // first byte of if_filter: what follows is a filter in tcpdump's language
)

// sectionText returns the kind of text that an option of a section header is;
// empty for other options.
func sectionText(code uint16) string {
	switch code {
	case optionComment:
		return TextComment
	case sectionHardware:
		return TextHardware
	case sectionOS:
		return TextOS
	case sectionApplication:
		return TextApplication
	}
	return ""
}

// interfaceText returns the kind and the text of an option of an interface
// description; an empty kind for other options.
func interfaceText(code uint16, value []byte) (kind string, text []byte) {
	switch code {
	case optionComment:
		return TextComment, value
	case optionDescription:
		return TextDescription, value
	case optionOS:
		return TextOS, value
	case optionHardware:
		return TextHardware, value
	case optionFilter:
		if len(value) > 0 && value[0] == filterIsText {
			return TextFilter, value[1:]
		}
	}
	return "", nil
}

// keepText keeps a text within the bounds; what does not fit is counted.
func (r *Reader) keepText(face int, kind string, value []byte) {
	value = value[:min(len(value), maxTextBytes)]
	if len(r.info.Texts) >= maxTexts || r.textBytes+len(value) > maxTextTotal {
		r.info.Odd[TextsLeftOut]++
		return
	}
	r.textBytes += len(value)
	r.info.Texts = append(r.info.Texts, Text{Section: r.section(), Interface: face, Kind: kind, Text: string(value)})
}

// section is the number of the section being read, from 0.
func (r *Reader) section() int { return max(r.info.Sections-1, 0) }

// sectionOptions takes the options of a section header.
func (r *Reader) sectionOptions(list []byte) {
	for {
		code, value, rest, ok := r.nextOption(list)
		if !ok {
			return
		}
		list = rest
		if code == optionComment {
			r.info.Odd[Comment]++
		}
		if code == sectionApplication && strings.HasPrefix(string(value), LiveApplication) {
			r.ng.live = true
		}
		if kind := sectionText(code); kind != "" {
			r.keepText(WholeSection, kind, value)
		}
	}
}
