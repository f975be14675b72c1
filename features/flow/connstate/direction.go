package connstate

import "pcapmill/ingest/packet"

// StartsFlipped reports whether, by Zeek's rule, the sender of a connection's
// first packet is its responder. A TCP SYN never flips. Other first packets flip
// if they come from a likely server port and the other port is not one; with two
// server ports a packet without SYN flips if its source port is the lower one.
// UDP flips from a server port to one that is not. Packets to the IPv4 broadcast
// address never flip. The caller then calls Flip and treats the sender as Resp.
func StartsFlipped(p *packet.View) bool {
	switch p.Protocol {
	case packet.ProtoTCP:
		return p.L4Len >= 20 && startsFlippedTCP(p) && !broadcast(p)
	case packet.ProtoUDP:
		return likelyUDPServer(p.SrcPort) && !likelyUDPServer(p.DstPort) && !broadcast(p)
	}
	return false
}

func startsFlippedTCP(p *packet.View) bool {
	if p.TCPFlags&(packet.SYN|packet.ACK) == packet.SYN || !likelyTCPServer(p.SrcPort) {
		return false
	}
	if !likelyTCPServer(p.DstPort) {
		return true
	}
	return p.TCPFlags&packet.SYN == 0 && p.SrcPort < p.DstPort
}

func broadcast(p *packet.View) bool {
	return p.Version == 4 && p.Dst[12] == 255 && p.Dst[13] == 255 && p.Dst[14] == 255 && p.Dst[15] == 255
}

// likelyTCPServer is Zeek's likely_server_ports with its default scripts.
func likelyTCPServer(port uint16) bool {
	switch port {
	case 21, 2811, // FTP
		22, 25, 587, 53, 79, 88, 110, 143, 389, 3268, 502,
		80, 81, 631, 1080, 3128, 8000, 8080, 8888, // HTTP, SOCKS
		135, 139, 445,
		443, 563, 585, 614, 636, 989, 990, 992, 993, 995, 5223, // TLS
		1434, 3306, 1883, 3389, 5222, 5269, 5432, 6379,
		6666, 6667, 6668, 6669, // IRC
		20000: // DNP3
		return true
	}
	return false
}

// likelyUDPServer is the same for UDP. 68 is not in it: a DHCP client is none.
func likelyUDPServer(port uint16) bool {
	switch port {
	case 53, 137, 5353, 5355, // DNS and kin
		67, 88, 123, 161, 162, 389, 443, 514, 1812, 3389, 5060, 20000,
		2123, 2152, 3544, 4789, 5072, 6081: // tunnels
		return true
	}
	return false
}

// dnsPort reports the UDP ports on which Zeek parses DNS: DNS, NetBIOS names,
// mDNS and LLMNR.
func dnsPort(port uint16) bool { return port == 53 || port == 137 || port == 5353 || port == 5355 }
