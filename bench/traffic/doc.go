// Package traffic writes packets with our own code: single frames for tests, and
// whole captures with known truth for tests, benchmarks and the demo.
//
// Frames. A Packet lists every header field; Append encodes it with correct
// lengths and checksums. The short forms build the common frames in one line,
// and options change any other field:
//
//	syn := traffic.TCP(client, server, packet.SYN, 1000, 0, 65535, nil,
//		traffic.TCPOpts(traffic.MSS(1460), traffic.SACKPermitted()))
//	tagged := traffic.UDP(client, server, body, traffic.Tagged(100, 7), traffic.Hops(3))
//	bad := traffic.TCP(client, server, packet.ACK, 1, 1, 500, body, traffic.Broken(traffic.BadL4Checksum))
//
// A Session writes one conversation step by step and keeps its sequence numbers; Fragments cuts a Packet into IP fragments.
//
// Captures. Generate writes a profile to any PacketWriter, in time order and
// deterministically: the same Options give the same bytes (on one platform;
// floating-point rounding may differ between platforms). It streams: memory is
// proportional to the conversations that are open at one instant, never to the
// capture's length:
//
//	arrivals ──► conversation ──► heap by next packet time ──► frame ──► writer
//	(Poisson)    plans a round of steps when its queue is empty   │
//	                                                       truth counts it
//
// Truth totals what was written; Options.OnFlow receives each conversation's own
// truth when it ends.
//
// Applications. What the packets of the mixed, vlan, ipv6 and longflows profiles
// and of the demo carry are messages of DNS, TLS, QUIC, HTTP, SSH and DHCP, written
// by the payload package; Said is their truth. A step of a TCP conversation says
// which part of which message it carries, and the message is written anew for each
// of its segments: no payload is kept in memory. Clients connect to servers that
// they have looked up, so that most connections have a name. The small profile's
// payload is pseudo-random.
//
// Hours. A Network is a fixed set of hosts with habits; its Hour writes any one hour
// of it, so that a test of drift can have as many hours as it needs, with or without
// a change of known kind and strength (Change). The model:
//
//	client       visits: Poisson, 3 to 24 an hour by client (log-normal), to a dozen
//	             favourite sites of 60, over TLS, QUIC or HTTP as site and client
//	             can; 70 % behind a lookup; 1 to 3 turns, answers log-normal around
//	             the site's median; 1.5 % unanswered, 3 % reset, 1 % sent again
//	             lookups: 1.5 for each visit, of other names; 3 % do not exist
//	             clock every 1,024 s, lease every four hours, some printing, SSH of one
//	devices      polls, pings, a beacon: periods with jitter, in one beat over all
//	             hours; a backup each hour, a large one at two in the night
//	load         of a client: a daily curve with its own peak, half of the swing less
//	             at the weekend for those who work, and log-normal noise that
//	             resembles that of the hours around it (moving average of four)
//	churn, tail  where asked for: clients are away for hours, guests come; some answers
//	             are downloads whose sizes have a heavy tail
//
// Each doing of each host has random numbers of its own, made of seed, hour, host,
// habit and count. So an hour needs none before it, and one with a change is the hour
// of the same seed without it, byte for byte, but for what the change names:
//
//	sizes     sites' answers are so many times as long
//	growth    the same, from 1 at the hour's beginning to so much at its end
//	service   more conversations: so large a share of the clients' is with a new port
//	rate      clients visit and look up so many times as often
//	hosts     so many more clients
//	divided   the same, but all clients together do as much as those before
//	nxdomain  so large a share of the answers to lookups is NXDOMAIN
//
// HourTruth says which hosts a change concerns, and counts by habit and by host.
//
// Weeks. A Week is the Network's week with attacks by a schedule, as CIC-IDS2017 has one:
// passwords tried over FTP and SSH, slow and fast denial of service, attacks on web pages, a
// client that was taken over, calls its master and scans its neighbours, bots, scans, sweeps
// and floods. All of it is captured at both sides of a gateway that translates addresses:
//
//	203.0.113.73:p ─► 203.0.113.80:21   outside: the attacker, and the gateway as the server
//	10.20.0.1:q    ─► 10.20.0.4:21      inside: the gateway as the attacker, and the server
//
// The schedule is by the clock of a zone that is a half hour off and changes in the week.
// Attacks last over midnight and over that change, two are on one victim at once, conversations
// lie at and across the edges of their time to the nanosecond, some are only attempted, of some
// the first packet is missing, one is cut by the active timeout, and the attackers do harmless
// things too. WeekRule is what defines an attack; WeekFlow is the truth of each flow: what it
// was made as, and what the rules say of it. WriteFolder writes a pcap file a day, the truth,
// and labels as others write them (our rules, netcap's attack file, Suricata's alerts, the CSV
// of CIC-IDS2017), right and with times that are read wrongly.
//
// For tests, Cuts and WriteCuts cut messages at every byte, and WriteSecrets plants
// a canary where passwords, cookies and tokens are.
package traffic
