// Package baseline keeps what is normal of the windows of a table such as hosts, in one
// file: per host, day and hour the counts and moments of every feature, per host and day a
// histogram of each and the keys that came. docs/baseline.md has the format.
//
//	Row ─► block of (host, day, tags) ─► packed ─► Encode ─► file
//	                                       │
//	       Profile of a Key ◄── sum of the blocks that its segment holds ─► Query
//
// # One kind of block
//
// Only blocks of hosts are kept. The global segment and subnets are sums over them, made
// when asked for, and so are protocols and labels, which blocks name as their tags. So
// dropping days and forgetting a host is deleting blocks, exact in every segment by
// construction; and a week's 168 hours are there without being kept, as a date has a
// weekday. The price is that a Profile of all hosts unpacks all blocks (Profiles makes many
// in one pass), and that all segments have histograms of one Precision.
//
// # Canonical
//
// Blocks hold integers and summaries of features/sketch, which add up in any order. The
// bytes of Encode are a function of the rows that were added, the sources, the last
// DropBefore, and what was forgotten: never of order, partition or merges.
//
// # The rest
//
// Config.Hosts hosts are kept by themselves: those of private addresses first, then by the
// hash of the address, so that the choice depends on no order either. What others did is
// summed up in one more host without an address, the rest. It counts in the global segment
// and those of its tags, but not in subnets; it cannot be forgotten by host, only by day,
// and how many hosts it had is counted per day. Once there was a rest, hosts behind the
// limit stay out, also where room becomes free.
//
// # Memory
//
// A Baseline has packed blocks, which are what the file has, about 110 bytes beside each,
// 130 for each host, and 64 MiB of rows that wait to be packed. It is for adding rows. A
// File is for reading, and Join for what makes a file of others: both hold groups of blocks
// that they are at, and an index of these. EachHost, Profiles and Check unpack each block
// once, on all processors.
package baseline
