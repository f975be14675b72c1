package filter

// words are the words of the language with their canonical spelling. Those that
// are not in the subset are here too: they are refused, not taken for names.
var words = wordTable()

func wordTable() map[string]string {
	m := map[string]string{"link": "ether", "length": "len"}
	for _, w := range supportedWords {
		m[w] = w
	}
	for i := range protocols {
		m[protocols[i].name] = protocols[i].name
	}
	for w := range refusedWords {
		m[w] = w
	}
	return m
}

var supportedWords = []string{
	"and", "or", "not", "src", "dst", "host", "net", "mask", "port", "portrange", "proto",
	"less", "greater", "len", "broadcast", "multicast", "vlan", "mpls", "pppoed", "pppoes",
}

// Reasons why a word is refused.
const (
	whyLinkLayer = "belongs to link types whose headers --filter does not read"
	whyLookup    = "needs a look-up, and nothing is looked up"
	whyCapture   = "asks what a capture file does not say"
	whyLLC       = "it has several framings; use ether[...] for the one that is meant"
	whyChain     = "needs a loop, which classic BPF in a socket has not; --filter-inside follows extension headers"
	whyTunnel    = "shifts offsets by lengths found in the packet; use --filter-inside"
	whyByte      = "use ether[offset] instead"
)

// refusedWords are words of pcap-filter(7) outside the subset, each with the
// reason. docs/filters.md repeats them.
var refusedWords = refused()

func refused() map[string]string {
	m := map[string]string{}
	for why, list := range map[string][]string{
		whyLinkLayer: {
			"fddi", "tr", "wlan", "ppp", "slip", "radio", "type", "subtype", "dir", "direction",
			"address1", "addr1", "address2", "addr2", "address3", "addr3", "address4", "addr4", "ra", "ta",
			"lane", "metac", "bcc", "oam", "oamf4", "oamf4ec", "oamf4sc", "sc", "ilmic", "vpi", "vci", "connectmsg",
			"fisu", "lssu", "lsu", "msu", "hfisu", "hlssu", "hmsu", "sio", "opc", "dpc", "sls", "hsio", "hopc", "hdpc", "hsls",
		},
		whyLookup:  {"gateway"},
		whyCapture: {"inbound", "outbound", "ifindex", "on", "ifname", "reason", "rnr", "rulenum", "srnr", "subrulenum", "rset", "ruleset", "action"},
		whyLLC:     {"atalk", "aarp", "ipx", "esis", "es-is", "isis", "is-is", "l1", "l2", "iih", "lsp", "snp", "csnp", "psnp", "clnp", "llc"},
		whyChain:   {"protochain"},
		whyTunnel:  {"geneve", "vxlan"},
		whyByte:    {"byte"},
	} {
		for _, w := range list {
			m[w] = why
		}
	}
	return m
}

// layer is where a protocol's number stands.
type layer uint8

const (
	layerLink      layer = iota // no number: the link layer itself
	layerEtherType              // in the link header
	layerIP                     // in the IP header
)

// protocol is a word that names a protocol.
type protocol struct {
	name   string
	layer  layer
	number uint32
	v4, v6 bool // layerIP: which IP versions it is looked for in
	index  bool // name[...] can be used
}

// protocols are the protocol words.
var protocols = []protocol{
	{name: "ether", layer: layerLink, index: true},
	{name: "ip", layer: layerEtherType, number: etherIPv4, index: true},
	{name: "ip6", layer: layerEtherType, number: etherIPv6, index: true},
	{name: "arp", layer: layerEtherType, number: etherARP, index: true},
	{name: "rarp", layer: layerEtherType, number: etherRARP, index: true},
	{name: "decnet", layer: layerEtherType, number: 0x6003},
	{name: "lat", layer: layerEtherType, number: 0x6004},
	{name: "sca", layer: layerEtherType, number: 0x6007},
	{name: "moprc", layer: layerEtherType, number: 0x6002},
	{name: "mopdl", layer: layerEtherType, number: 0x6001},
	{name: "iso", layer: layerEtherType, number: llcISO},
	{name: "stp", layer: layerEtherType, number: llcSTP},
	{name: "netbeui", layer: layerEtherType, number: llcNetBEUI},
	{name: "tcp", layer: layerIP, number: ipTCP, v4: true, v6: true, index: true},
	{name: "udp", layer: layerIP, number: ipUDP, v4: true, v6: true, index: true},
	{name: "sctp", layer: layerIP, number: ipSCTP, v4: true, v6: true, index: true},
	{name: "icmp", layer: layerIP, number: ipICMP, v4: true, index: true},
	{name: "icmp6", layer: layerIP, number: ipICMPv6, v6: true, index: true},
	{name: "igmp", layer: layerIP, number: 2, v4: true, index: true},
	{name: "igrp", layer: layerIP, number: 9, v4: true, index: true},
	{name: "pim", layer: layerIP, number: 103, v4: true, v6: true, index: true},
	{name: "vrrp", layer: layerIP, number: 112, v4: true, index: true},
	{name: "carp", layer: layerIP, number: 112, v4: true, index: true},
	{name: "ah", layer: layerIP, number: 51, v4: true, v6: true},
	{name: "esp", layer: layerIP, number: 50, v4: true, v6: true},
}

// protocolOf returns the protocol that a word names, nil where it names none.
func protocolOf(t *token) *protocol {
	if t.kind != tokWord {
		return nil
	}
	for i := range protocols {
		if protocols[i].name == t.name {
			return &protocols[i]
		}
	}
	return nil
}

// EtherTypes and LLC service access points.
const (
	etherIPv4   = 0x0800
	etherARP    = 0x0806
	etherRARP   = 0x8035
	etherVLAN   = 0x8100
	etherIPv6   = 0x86dd
	etherMPLS   = 0x8847
	etherPPPoED = 0x8863
	etherPPPoES = 0x8864
	etherQinQ   = 0x88a8
	etherQinQ91 = 0x9100
	etherATalk  = 0x809b
	etherAARP   = 0x80f3
	etherMaxLen = 1500 // up to here it is a length or a service access point

	llcIP      = 0x06
	llcSTP     = 0x42
	llcIPX     = 0xe0
	llcNetBEUI = 0xf0
	llcISO     = 0xfe
)

// IP protocol numbers.
const (
	ipICMP     = 1
	ipTCP      = 6
	ipUDP      = 17
	ipFragment = 44
	ipICMPv6   = 58
	ipSCTP     = 132
)

// constants are words that stand for numbers.
var constants = map[string]uint32{
	"icmptype": 0, "icmpcode": 1, "icmp6type": 0, "icmp6code": 1, "tcpflags": 13,
	"tcp-fin": 0x01, "tcp-syn": 0x02, "tcp-rst": 0x04, "tcp-push": 0x08,
	"tcp-ack": 0x10, "tcp-urg": 0x20, "tcp-ece": 0x40, "tcp-cwr": 0x80,

	"icmp-echoreply": 0, "icmp-unreach": 3, "icmp-sourcequench": 4, "icmp-redirect": 5, "icmp-echo": 8,
	"icmp-routeradvert": 9, "icmp-routersolicit": 10, "icmp-timxceed": 11, "icmp-paramprob": 12,
	"icmp-tstamp": 13, "icmp-tstampreply": 14, "icmp-ireq": 15, "icmp-ireqreply": 16,
	"icmp-maskreq": 17, "icmp-maskreply": 18,

	"icmp6-destinationunreach": 1, "icmp6-destinationrunreach": 1, "icmp6-packettoobig": 2,
	"icmp6-timeexceeded": 3, "icmp6-parameterproblem": 4, "icmp6-echo": 128, "icmp6-echoreply": 129,
	"icmp6-multicastlistenerquery": 130, "icmp6-multicastlistenerreportv1": 131, "icmp6-multicastlistenerdone": 132,
	"icmp6-routersolicit": 133, "icmp6-routeradvert": 134, "icmp6-neighborsolicit": 135, "icmp6-neighboradvert": 136,
	"icmp6-redirect": 137, "icmp6-routerrenum": 138, "icmp6-nodeinformationquery": 139, "icmp6-nodeinformationresponse": 140,
	"icmp6-ineighbordiscoverysolicit": 141, "icmp6-ineighbordiscoveryadvert": 142, "icmp6-multicastlistenerreportv2": 143,
	"icmp6-homeagentdiscoveryrequest": 144, "icmp6-homeagentdiscoveryreply": 145, "icmp6-mobileprefixsolicit": 146,
	"icmp6-mobileprefixadvert": 147, "icmp6-certpathsolicit": 148, "icmp6-certpathadvert": 149,
	"icmp6-multicastrouteradvert": 151, "icmp6-multicastroutersolicit": 152, "icmp6-multicastrouterterm": 153,
}

// ipProtocols are the names that proto, ip proto and ip6 proto take.
var ipProtocols = map[string]uint32{
	"icmp": 1, "igmp": 2, "ipencap": 4, "tcp": 6, "egp": 8, "igp": 9, "udp": 17, "dccp": 33, "ipv6": 41,
	"ipv6-route": 43, "ipv6-frag": 44, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "ipv6-icmp": 58,
	"ipv6-nonxt": 59, "ipv6-opts": 60, "eigrp": 88, "ospf": 89, "ipip": 94, "etherip": 97, "pim": 103,
	"ipcomp": 108, "vrrp": 112, "l2tp": 115, "sctp": 132, "udplite": 136, "mpls-in-ip": 137,
}

// etherProtocols are the names that ether proto takes.
var etherProtocols = map[string]uint32{
	"ip": etherIPv4, "ip6": etherIPv6, "arp": etherARP, "rarp": etherRARP, "loopback": 0x9000,
	"decnet": 0x6003, "lat": 0x6004, "sca": 0x6007, "moprc": 0x6002, "mopdl": 0x6001,
	"iso": llcISO, "stp": llcSTP, "netbeui": llcNetBEUI,
}

// service is a port that has a name.
type service struct {
	port     uint16
	tcp, udp bool
}

func tcpPort(n uint16) service  { return service{port: n, tcp: true} }
func udpPort(n uint16) service  { return service{port: n, udp: true} }
func bothPort(n uint16) service { return service{port: n, tcp: true, udp: true} }

// services are the port names. A name that belongs to one protocol means that
// protocol alone, as with tcpdump and the services file of Debian.
var services = map[string]service{
	"echo": bothPort(7), "discard": bothPort(9), "daytime": bothPort(13), "chargen": bothPort(19),
	"ftp-data": tcpPort(20), "ftp": tcpPort(21), "ssh": tcpPort(22), "telnet": tcpPort(23), "smtp": tcpPort(25),
	"time": bothPort(37), "whois": tcpPort(43), "tacacs": bothPort(49), "domain": bothPort(53),
	"bootps": udpPort(67), "bootpc": udpPort(68), "tftp": udpPort(69), "gopher": tcpPort(70), "finger": tcpPort(79),
	"http": tcpPort(80), "kerberos": bothPort(88), "iso-tsap": tcpPort(102), "pop3": tcpPort(110),
	"sunrpc": bothPort(111), "auth": tcpPort(113), "nntp": tcpPort(119), "ntp": udpPort(123), "epmap": tcpPort(135),
	"netbios-ns": udpPort(137), "netbios-dgm": udpPort(138), "netbios-ssn": tcpPort(139), "imap2": tcpPort(143),
	"snmp": bothPort(161), "snmp-trap": bothPort(162), "xdmcp": udpPort(177), "bgp": tcpPort(179),
	"ldap": bothPort(389), "https": bothPort(443), "microsoft-ds": tcpPort(445), "kpasswd": bothPort(464),
	"submissions": tcpPort(465), "isakmp": udpPort(500), "login": tcpPort(513), "shell": tcpPort(514), "syslog": udpPort(514),
	"printer": tcpPort(515), "route": udpPort(520), "dhcpv6-client": udpPort(546), "dhcpv6-server": udpPort(547),
	"rtsp": bothPort(554), "submission": tcpPort(587), "ipp": tcpPort(631), "ldaps": bothPort(636), "ldp": bothPort(646),
	"domain-s": bothPort(853), "rsync": tcpPort(873), "ftps-data": tcpPort(989), "ftps": tcpPort(990), "telnets": tcpPort(992),
	"imaps": tcpPort(993), "pop3s": tcpPort(995), "socks": tcpPort(1080), "openvpn": bothPort(1194),
	"ms-sql-s": tcpPort(1433), "ms-sql-m": udpPort(1434), "l2f": udpPort(1701), "radius": bothPort(1812),
	"radius-acct": bothPort(1813), "nfs": bothPort(2049), "iscsi-target": tcpPort(3260), "mysql": tcpPort(3306),
	"ms-wbt-server": tcpPort(3389), "svn": tcpPort(3690), "ipsec-nat-t": udpPort(4500), "sip": bothPort(5060),
	"sip-tls": bothPort(5061), "xmpp-client": tcpPort(5222), "xmpp-server": tcpPort(5269), "mdns": udpPort(5353),
	"postgresql": tcpPort(5432), "amqps": tcpPort(5671), "x11": tcpPort(6000), "redis": tcpPort(6379),
	"syslog-tls": tcpPort(6514), "ircd": tcpPort(6667), "http-alt": tcpPort(8080), "git": tcpPort(9418),
}
