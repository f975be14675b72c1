package flow

import (
	"maps"
	"slices"

	"pcapmill/ingest/packet"
)

// services are the protocols that well-known ports stand for (IANA service names and
// port numbers; those in wide use without a registration too).
var services = map[uint16]string{
	20: "ftp_data", 21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 49: "tacacs", 53: "dns", 67: "dhcp", 68: "dhcp",
	69: "tftp", 79: "finger", 80: "http", 88: "kerberos", 102: "iso_tsap", 110: "pop3", 111: "sunrpc", 119: "nntp",
	123: "ntp", 135: "epmap", 137: "dns", 138: "netbios_dgm", 139: "netbios_ssn", 143: "imap", 161: "snmp", 162: "snmp",
	179: "bgp", 389: "ldap", 443: "tls", 445: "smb", 465: "smtp", 500: "ike", 502: "modbus", 514: "syslog",
	515: "printer", 520: "rip", 546: "dhcp", 547: "dhcp", 548: "afp", 554: "rtsp", 587: "smtp", 623: "ipmi", 631: "ipp",
	636: "ldap", 853: "dns", 873: "rsync", 989: "ftp_data", 990: "ftp", 993: "imap", 995: "pop3", 1080: "socks",
	1194: "openvpn", 1433: "ms_sql", 1521: "oracle", 1701: "l2tp", 1723: "pptp", 1812: "radius", 1813: "radius",
	1883: "mqtt", 1900: "ssdp", 2049: "nfs", 2055: "netflow", 2123: "gtp_control", 2152: "gtp_user", 2404: "iec104",
	3128: "http", 3268: "ldap", 3306: "mysql", 3389: "rdp", 3478: "stun", 3702: "ws_discovery", 4500: "ike",
	4789: "vxlan", 5004: "rtp", 5060: "sip", 5061: "sip", 5222: "xmpp", 5269: "xmpp", 5353: "dns", 5355: "dns",
	5432: "postgresql", 5671: "amqp", 5672: "amqp", 5683: "coap", 5684: "coap", 5900: "vnc", 5985: "winrm",
	6081: "geneve", 6343: "sflow", 6379: "redis", 6667: "irc", 8080: "http", 8443: "tls", 8883: "mqtt", 9092: "kafka",
	9200: "elasticsearch", 11211: "memcached", 20000: "dnp3", 27017: "mongodb", 34980: "ethercat", 44818: "ethernet_ip",
	47808: "bacnet",
}

// service returns the number of the protocol that a flow's ports stand for, the
// responder's port first; 0 where none is known.
func service(r *Row) uint8 {
	k := &r.Key
	switch {
	case k.Protocol != packet.ProtoTCP && k.Protocol != packet.ProtoUDP:
		return 0
	case k.Protocol == packet.ProtoUDP && k.DstPort == 443:
		return serviceQUIC
	}
	if n := serviceOf[k.DstPort]; n > 0 {
		return n
	}
	return serviceOf[k.SrcPort]
}

// serviceQUIC is the number of QUIC, whose port is that of TLS.
const serviceQUIC = 1

// serviceOf numbers the services' names by port; 0 is none. A map takes longer than all
// else that is done for a cell.
var serviceOf, serviceNames = func() (*[1 << 16]uint8, []string) {
	of, names, numbers := new([1 << 16]uint8), []string{"", "quic"}, map[string]uint8{"quic": serviceQUIC}
	for _, port := range slices.Sorted(maps.Keys(services)) { // in an order of its own in each run
		name := services[port]
		if numbers[name] == 0 {
			numbers[name] = uint8(len(names))
			names = append(names, name)
		}
		of[port] = numbers[name]
	}
	return of, names
}()
