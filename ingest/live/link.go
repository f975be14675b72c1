package live

import "pcapmill/ingest/packet"

// ARPHRD_ numbers of linux/if_arp.h.
const (
	arphrdRawIP    = 519
	arphrdTunnel   = 768
	arphrdSIT      = 776
	arphrdWLAN     = 801
	arphrdPrism    = 802
	arphrdRadiotap = 803
	arphrdNetlink  = 824
	arphrdCAN      = 280
	arphrdNone     = 65534
)

// linkOf returns the link type that frames of an interface are given, and how they come
// to it. What has no header that captures know is given a cooked one.
func linkOf(hardware int) (packet.LinkType, framing) {
	switch hardware {
	case arphrdEthernet, arphrdLoopback:
		return packet.LinkEthernet, framingEthernet
	case arphrdNone, arphrdRawIP, arphrdTunnel, arphrdSIT:
		return packet.LinkRaw, framingAsIs
	case arphrdWLAN:
		return packet.LinkWLAN, framingAsIs
	case arphrdPrism:
		return packet.LinkPrism, framingAsIs
	case arphrdRadiotap:
		return packet.LinkRadiotap, framingAsIs
	}
	return packet.LinkSLL2, framingCooked
}

// linkNote says what of an interface's frames is captured but not decoded.
func linkNote(hardware int) string {
	switch hardware {
	case arphrdCAN, arphrdNetlink:
		return "carries no IP: frames are captured, and counted as non_ip"
	}
	return ""
}
