package packet

import "strconv"

// LinkType is a LINKTYPE_ value of the tcpdump.org registry. It is wider than
// 16 bits because pcap headers keep it in a 32-bit field.
type LinkType uint32

// The link types that the header walk decodes.
const (
	LinkNull     LinkType = 0
	LinkEthernet LinkType = 1
	LinkRawBSD   LinkType = 12 // DLT_RAW on most systems, found in files
	LinkRawOpen  LinkType = 14 // DLT_RAW on OpenBSD
	LinkRaw      LinkType = 101
	LinkLoop     LinkType = 108
	LinkSLL      LinkType = 113
	LinkIPv4     LinkType = 228
	LinkIPv6     LinkType = 229
	LinkSLL2     LinkType = 276
)

var linkNames = map[LinkType]string{
	LinkNull: "null", LinkEthernet: "ethernet", LinkRawBSD: "raw", LinkRawOpen: "raw", LinkRaw: "raw",
	LinkLoop: "loop", LinkSLL: "linux_sll", LinkIPv4: "ipv4", LinkIPv6: "ipv6", LinkSLL2: "linux_sll2",
	9: "ppp", 50: "ppp_hdlc", 51: "ppp_ether", 104: "c_hdlc", 105: "ieee802_11", 107: "frelay", 119: "prism",
	127: "ieee802_11_radiotap", 163: "ieee802_11_avs", 166: "ppp_pppd", 187: "bluetooth_hci_h4",
	189: "usb_linux", 192: "ppi", 195: "ieee802_15_4", 201: "bluetooth_hci_h4_phdr", 204: "ppp_with_dir",
	220: "usb_linux_mmapped", 226: "ipnet", 227: "can_socketcan", 239: "nflog", 249: "usbpcap",
}

// String returns the type's name, or linktype_N for one without a name here.
func (t LinkType) String() string {
	if name, ok := linkNames[t]; ok {
		return name
	}
	return "linktype_" + strconv.FormatUint(uint64(t), 10)
}

// Interface is one source of packets within a capture: an interface description
// of pcapng, or the whole file in classic pcap.
type Interface struct {
	Section  int // pcapng section, from 0
	ID       int // within the section
	Link     LinkType
	SnapLen  uint32 // 0: no limit stated
	Name     string
	Packets  int64  // read from this interface
	FCSBytes uint8  // frame check sequence bytes that end each frame, where the header says so
	Note     string // why its packets cannot be used, where they cannot
}

// Supported reports whether the header walk decodes frames of this type.
func Supported(t LinkType) bool {
	switch t {
	case LinkNull, LinkEthernet, LinkRawBSD, LinkRawOpen, LinkRaw, LinkLoop, LinkSLL, LinkIPv4, LinkIPv6, LinkSLL2:
		return true
	}
	return false
}
