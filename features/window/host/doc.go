// Package host makes the tables of what hosts do in a window of packet time: hosts, a row
// for each address, and pairs, a row for each initiator, responder, responder's port and
// protocol.
//
// A host's packets lie in many flows, and these in many shards. So that its gaps and
// peaks are exact, one goroutine sees every packet in order:
//
//	Views in order ──► Packets ──► Seen: per host counts, gaps, active seconds
//	                                 │ at the end of each window
//	rows of flows  ──► Book ◄────────┘
//	in their order      │  per pair flows, bytes, starts; per host what messages say
//	                    └──► rows of a window once no flow that began in it can be open
//
// A window is the one that the packet clock is in, the running maximum of packet time, so
// that windows close in order. A flow is of the window of its first packet. Whatever
// decides what is written, and when, is a place in the input: an instant of the clock, or
// of the order of flows. It is the same for any number of workers and any size of blocks.
//
// Windows that overlap, a hop after one another, are those of several grids: on each they
// lie side by side. There are Packets for each grid, and a Book has what flows say on each.
// Their rows are those that each grid would have alone.
//
// What is counted is exact: sums are integers, numbers of different peers and ports come
// from all pairs of the window, which are there to be written anyway. Texts are counted by
// hashes, beyond sketch.MaxExact of a host by HyperLogLog.
//
// # Memory
//
// Packets keep 104 bytes a host and 12 for each second that one of their hosts is active
// in, both limited: where there are more hosts they begin another part of the window,
// where there are more seconds every second host goes without periods. A Book keeps the
// windows that are not over, as many as fit into Life; where they take too much, the first
// ones are written as parts of their own and begin anew. Parts add up: see part_no. A flow
// takes 56 bytes, and is not summed up with others of its pair before the window is written.
//
// # Periods
//
// The series of a host is its packets in each second of the window. The autocorrelation is
// formed of integers and of the active seconds alone, so that it costs what there is to
// look at; of the spectrum only the lines at the period are asked for. A host costs at most
// its active seconds times the lags up to half of the window.
package host
