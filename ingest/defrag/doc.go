// Package defrag puts IP datagrams together from their fragments.
//
// A Table holds the fragments of datagrams that are not whole yet. It is fed in
// ingest order by one goroutine and knows packet time only, so what it does
// depends on nothing but the packets:
//
//	Add      takes a fragment and returns the datagram that it completes
//	Expired  returns a datagram whose time is up
//	Excess   returns the oldest datagram while the table holds more than it may
//	Oldest   returns the oldest datagram, at the end of input
//	Keep     copies what still lies in the reader's memory
//
// Whoever gets a Datagram gives it back with Release.
//
// # Policy
//
// Fragments belong together if addresses, identification and IP version are the
// same, in IPv4 the protocol too (RFC 791, RFC 8200), and depth, tunnel and VLAN
// key of the layer. The first fragment to arrive gives the datagram's time.
//
//	overlap, IPv4           the bytes that came first stay; the packet counts as any other
//	overlap, IPv6           the datagram never becomes whole (RFC 5722, RFC 8200)
//	exact duplicate         tolerated: same place, same bytes
//	two ends, or data       IPv4: the fragment that contradicts what is known adds nothing;
//	  behind the end        IPv6: as an overlap
//	no data, or no multiple the packet is contradictory by itself and joins nothing
//	  of 8 before the end
//	more than 65,535 bytes  the same
//	identification reused   a complete datagram is forgotten: what comes next begins another one
//	too many, too large     the oldest is given up, in ingest order
//	cut by the capture      places count, not bytes: the datagram becomes whole, and its data
//	                        end where the first captured byte is missing
//
// Memory is counted as what is held, the table's own structures included.
package defrag
