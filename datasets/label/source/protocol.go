package source

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/ingest/packet"
)

// protocols has the names of IP protocols as labelling tools write them, in lower case, dashes and
// underscores left out.
//
// Source: IANA Assigned Internet Protocol Numbers; Suricata and Zeek for the spellings.
var protocols = map[string]int32{
	"hopopt": 0, "icmp": 1, "igmp": 2, "ggp": 3, "ipv4": 4, "ipencap": 4, "ipip": 4, "st": 5, "tcp": 6, "egp": 8, "igp": 9,
	"pup": 12, "udp": 17, "hmp": 20, "xnsidp": 22, "rdp": 27, "isotp4": 29, "dccp": 33, "xtp": 36, "ipv6": 41, "ipv6route": 43,
	"ipv6frag": 44, "idrp": 45, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "skip": 57, "icmp6": 58, "icmpv6": 58, "ipv6icmp": 58,
	"ipv6nonxt": 59, "ipv6opts": 60, "rspf": 73, "vmtp": 81, "eigrp": 88, "ospf": 89, "ospfigp": 89, "ipencapsulation": 98, "encap": 98, "pim": 103,
	"ipcomp": 108, "vrrp": 112, "l2tp": 115, "isis": 124, "sctp": 132, "fc": 133, "mobilityheader": 135, "udplite": 136, "mplsinip": 137,
	"hip": 139, "shim6": 140, "wesp": 141, "rohc": 142,
}

var plainName = strings.NewReplacer("-", "", "_", "", " ", "")

// protocolOf reads a protocol by name, in any case, or by number, as 6 and PROTO:041.
func protocolOf(s string) (int32, error) {
	digits := s
	if len(s) > 6 && strings.EqualFold(s[:6], "proto:") {
		digits = s[6:]
	}
	if n, err := strconv.ParseUint(digits, 10, 8); err == nil {
		return int32(n), nil
	}
	if n, ok := protocols[plainName.Replace(strings.ToLower(s))]; ok {
		return n, nil
	}
	return label.None, fmt.Errorf("%s is no IP protocol", quoted(s))
}

// hasPorts reports whether packets of a protocol have ports, or what takes their place.
func hasPorts(protocol int32) bool {
	switch protocol {
	case packet.ProtoICMP, packet.ProtoICMPv6, packet.ProtoTCP, packet.ProtoUDP, packet.ProtoSCTP:
		return true
	}
	return false
}

// address reads an address in any of its spellings, unmapped and without a zone of its link.
func address(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return a, fmt.Errorf("%s is no address", quoted(s))
	}
	return a.Unmap().WithZone(""), nil
}
