// Package hostile writes captures that attackers, broken tools and bad disks
// make, each with what a run must make of it.
//
// A Case is a deterministic function that returns a file's bytes and a Want: the
// outcome, the number of packets and how many of them end in each disposition.
// The builders count while they write, so the expectation is worked out by
// construction and never read off a run:
//
//	p := newPcap()
//	p.add(packet.InFlow, query(1))
//	p.add(packet.MalformedL4, cut(query(2), 36))
//	return p.done(Complete, "")
//
// Cases are grouped in classes, and a class names the rows T01 to T28 of the
// threat model that it covers. Two cases of a class differ in the mechanism they
// attack, not in a parameter of it. To add a case, write its function and name it
// in its class's list; to add a class, name its list in Classes. Where work on
// another part will change what is expected, Changes says which part.
//
// A Shape writes a capture of any size whose work per packet an attacker has
// made as large as he can. bench/linear.sh measures whether time grows in line
// with the size. Floods are shapes too, as bench/cmd/hostilegen writes them.
package hostile
