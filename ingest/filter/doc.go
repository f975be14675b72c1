// Package filter compiles tcpdump's filter language, pcap-filter(7), and runs it.
//
// An expression goes through four forms:
//
//	text ─ Parse ─► tree of primitives (independent of the link type)
//	     ─ Compile(link) ─► tests: loads at fixed places, compared, in order
//	         ├─► decision list     what Filter.Match runs on a frame
//	         └─► blocks ─ optimise ─► classic BPF     Program, for sockets and -ddd text
//	     ─ Inside ─► the same tree asked of a decoded layer's fields
//
// Compile follows tcpdump to the letter, its oddities included: vlan, mpls and
// pppoes shift the offsets of everything written after them, tcp[...] looks at
// IPv4 alone, ports are looked for right behind the IPv6 header. The emitted
// Program is, instruction for instruction, what `tcpdump -y LINK -ddd` prints.
//
// A load behind the end of the captured bytes rejects the frame, even under a
// not. Which loads take place depends on what the optimiser left of the tests, so
// in that case the decision list asks the Program; in every other case the two
// cannot differ.
//
// What is not in the documented subset (docs/filters.md) is an *Error that names
// the token and its position. Nothing is looked up anywhere: host names are
// refused, ports and protocols come from the tables of names.go.
package filter
