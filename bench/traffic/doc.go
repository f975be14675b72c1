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
// For tests, Cuts and WriteCuts cut messages at every byte, and WriteSecrets plants
// a canary where passwords, cookies and tokens are.
package traffic
