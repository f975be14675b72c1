// Package live measures live mode against what it promises, in network namespaces of its
// own: nothing is sent to any other network.
//
//	World      a network namespace with pairs of virtual Ethernet, in which programs start
//	Sender     puts frames on one end of a pair at a given rate: numbered ones, a capture's
//	Tally      which numbers were seen, and how often
//	Process    a program under test: its memory, descriptors, processor time, its death
//	Compare    whether two folders of tables have the same rows
//
// The tests of this package are the figures of docs/live.md. Those of `go test` take less
// than a minute; PCAPMILL_ACCEPT=1 (make live-accept) takes the numbers of rounds that
// the figures are promised for, PCAPMILL_SOAK=2h (make soak) runs so long with hostile
// traffic. They need Linux, root and iproute2, and say so where they skip.
//
// Offloads need not be switched off here: frames leave a packet socket as they are, so no
// segment is made larger or cut on their way through the pair.
package live
