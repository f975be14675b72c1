package capfile

import (
	"fmt"
	"slices"
)

// Oddity is something unusual in a capture that did not stop its reading.
type Oddity uint8

// The oddities, in the order in which Notes lists them.
const (
	OddVersion           Oddity = iota // file or section of another version than pcap 2.4, pcapng 1.0 or 1.2; read as those
	OddLinkField                       // reserved bits are set in the link type field
	OddInterface                       // interface that cannot be used; its packets have no time
	OddOptions                         // pcapng options that run past their block
	CapLenOverSnapLen                  // packet longer than its interface's snapshot length
	CapLenOverWireLen                  // packet with more bytes present than it is said to have had
	FractionOverSecond                 // time stamp whose fraction is a second or more
	TimeNotRepresentable               // time stamp that does not fit int64 nanoseconds; delivered without time
	EmptyPacket                        // packet without captured bytes
	BadPacket                          // packet block left out: its content contradicts its frame or names no interface
	Comment                            // comment options
	TextsLeftOut                       // comments and descriptions that were too many to keep
	BadNames                           // name records that contradict their block
	NamesLeftOut                       // names that were too many or too long to keep
	BadStatistics                      // interface statistics that are of no interface or no numbers
	Unnumbered                         // interface descriptions that salvage cannot number
	SkippedBlock                       // blocks stepped over; Info.Skipped has the types
	NumOddities
)

// oddities are the manifest keys and what they count.
var oddities = [NumOddities]struct{ key, text string }{
	{"foreign_version", "sections of another version, read as the usual one"},
	{"link_type_reserved_bits", "link type fields with reserved bits set"},
	{"unusable_interfaces", "interfaces whose time stamps cannot be used"},
	{"bad_options", "option lists that run past their block"},
	{"caplen_over_snaplen", "packets longer than the snapshot length"},
	{"caplen_over_wirelen", "packets with more bytes captured than on the wire"},
	{"fraction_over_second", "time stamps with a fraction of a second or more"},
	{"time_not_representable", "time stamps that do not fit int64 nanoseconds, packets kept without time"},
	{"empty_packets", "packets without captured bytes"},
	{"bad_packets", "packets left out because their block contradicts itself"},
	{"comments", "comments"},
	{"texts_left_out", "comments and descriptions that are not kept, being too many"},
	{"bad_names", "name records that run past their block"},
	{"names_left_out", "names that are not kept, being too many or too long"},
	{"bad_statistics", "interface statistics that cannot be used"},
	{"unnumbered_interfaces", "interface descriptions behind damage, whose numbers are unknown"},
	{"skipped_blocks", "blocks that carry no packets"},
}

// String returns the oddity's manifest key.
func (o Oddity) String() string {
	if o < NumOddities {
		return oddities[o].key
	}
	return "invalid_oddity"
}

// Info says what has been learned of a capture so far.
type Info struct {
	Format     string // "pcap" or "pcapng"
	BigEndian  bool   // of the file, in pcapng of its first section
	Modified   bool   // classic pcap with 24-byte record headers
	Ixia       bool   // classic pcap with the 28-byte file header of IXIA's lcap
	Nanosecond bool   // classic pcap with nanosecond fractions
	Major      uint16 // version of the file, in pcapng of its first section
	Minor      uint16
	Sections   int   // pcapng sections; 1 in classic pcap
	Packets    int64 // delivered
	Odd        [NumOddities]int64
	Skipped    []BlockCount // pcapng blocks stepped over, by type, ascending

	Bytes          ByteCount    // of the stream up to Reader.Offset
	PacketComments int64        // part of Odd[Comment]
	Texts          []Text       // of sections and interfaces, in the order of the file
	Statistics     []Statistics // by interface
	Names          int          // see Reader.Names
	Salvage        Salvage      // what --salvage gave up
}

// BlockCount is the number of pcapng blocks of one type.
type BlockCount struct {
	Type  uint32
	Count int64
}

// Note is one line of Notes.
type Note struct {
	Key   string // oddity, or block_ and the block type
	Count int64
	Text  string
}

// Notes lists everything unusual that was met, in a fixed order; an input with
// no notes is complete, one with notes is complete with notes.
func (i Info) Notes() []Note {
	var notes []Note
	for odd, count := range i.Odd {
		if count > 0 {
			notes = append(notes, Note{Key: oddities[odd].key, Count: count, Text: oddities[odd].text})
		}
	}
	for _, s := range i.Skipped {
		name := blockName(s.Type)
		notes = append(notes, Note{Key: "block_" + name, Count: s.Count, Text: "blocks of type " + name})
	}
	return notes
}

// maxSkippedTypes bounds the table of skipped block types; the rest is counted
// as type otherBlocks.
const (
	maxSkippedTypes = 64
	otherBlocks     = 0xffffffff
)

// skip counts one block stepped over.
func (i *Info) skip(blockType uint32) {
	i.Odd[SkippedBlock]++
	at, found := i.findSkipped(blockType)
	if !found && len(i.Skipped) >= maxSkippedTypes {
		blockType = otherBlocks
		at, found = i.findSkipped(blockType)
	}
	if !found {
		i.Skipped = slices.Insert(i.Skipped, at, BlockCount{Type: blockType})
	}
	i.Skipped[at].Count++
}

func (i *Info) findSkipped(blockType uint32) (int, bool) {
	return slices.BinarySearchFunc(i.Skipped, blockType, func(s BlockCount, t uint32) int {
		switch {
		case s.Type < t:
			return -1
		case s.Type > t:
			return 1
		}
		return 0
	})
}

// blockName names a pcapng block type.
func blockName(blockType uint32) string {
	switch blockType {
	case 0x00000004:
		return "name_resolution"
	case 0x00000005:
		return "interface_statistics"
	case 0x00000009:
		return "systemd_journal"
	case 0x0000000a:
		return "decryption_secrets"
	case 0x00000bad, 0x40000bad:
		return "custom"
	case otherBlocks:
		return "others"
	}
	return fmt.Sprintf("%#08x", blockType)
}
