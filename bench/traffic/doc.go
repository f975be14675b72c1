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
// For tests, Cuts and WriteCuts cut messages at every byte, and WriteSecrets plants
// a canary where passwords, cookies and tokens are.
package traffic
