package packet

import "strconv"

// LinkType is a LINKTYPE_ value of the tcpdump.org registry. It is wider than
// 16 bits because pcap headers keep it in a 32-bit field.
type LinkType uint32

// linkInfo is what is known of a link type.
type linkInfo struct {
	link   LinkType
	name   string
	decode linkDecoder // nil: its packets are counted as OtherLink
	macs   bool        // frames may have MAC addresses
	tags   bool        // frames may have VLAN tags and MPLS labels
	labels bool        // frames may have MPLS labels only
	note   string      // what it is, or what of it is decoded
}

// linkIndex is the place of each link type in linkTable plus one, by number.
var linkIndex = indexLinks()

func indexLinks() (index [linkMax + 1]uint16) {
	for i := range linkTable {
		index[linkTable[i].link] = uint16(i + 1)
	}
	return index
}

// linkOf returns what is known of a link type, nil for one not in the table.
func linkOf(t LinkType) *linkInfo {
	if t > linkMax || linkIndex[t] == 0 {
		return nil
	}
	return &linkTable[linkIndex[t]-1]
}

// String returns the type's name, or linktype_N for one without a name here.
func (t LinkType) String() string {
	if info := linkOf(t); info != nil {
		return info.name
	}
	return "linktype_" + strconv.FormatUint(uint64(t), 10)
}

// Supported reports whether the header walk decodes frames of this type: those of
// other types are all counted as UnsupportedLink or, where the type is known to
// carry something else than IP, as OtherLink.
func Supported(t LinkType) bool {
	info := linkOf(t)
	return info != nil && info.decode != nil
}

// LinkFacts is what the documentation says of a link type.
type LinkFacts struct {
	Link    LinkType
	Name    string
	Decoded bool // else its packets are counted as other_link
	MACs    bool // frames may give MAC addresses
	VLANs   bool // frames may give VLAN identifiers and MPLS labels
	Labels  bool // frames may give MPLS labels
	Note    string
}

// LinkTypes returns all known link types, by number.
func LinkTypes() []LinkFacts {
	facts := make([]LinkFacts, len(linkTable))
	for i, l := range linkTable {
		facts[i] = LinkFacts{l.link, l.name, l.decode != nil, l.macs, l.tags, l.tags || l.labels, l.note}
	}
	return facts
}

// Interface is one source of packets within a capture: an interface description
// of pcapng, or the whole file in classic pcap.
type Interface struct {
	Index    int // within the file, over all its sections
	Section  int // pcapng section, from 0
	ID       int // within the section
	Link     LinkType
	SnapLen  uint32 // 0: no limit stated
	Name     string
	Packets  int64  // read from this interface
	FCSBytes uint8  // frame check sequence bytes that end each frame, where the header says so
	Note     string // why its packets cannot be used, where they cannot
}
