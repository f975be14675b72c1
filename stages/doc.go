// Package stages is the data path of a run: blocks of packets in, ordered
// batches of rows out.
//
//	           ┌─► shard 0: flow table ─┐
//	feeder ────┼─► shard 1: flow table ─┼─► sequencer ─► fill columns ─► Sink
//	(blocks)   └─► shard N: flow table ─┘   (one order)
//	                          records  └──► records merger ────────────► Sinks
//
// The feeder reads blocks, keeps the packet clock, walks headers and gives each
// packet its outcome. Every Block goes to every shard; a shard handles the
// packets of its partitions (partition p belongs to shard p mod N) and owns their
// flows alone, so nothing on the packet path is locked. Ended flows leave each
// shard in the order of (close instant, first packet); the sequencer merges the
// shards' streams into that one order, which no number of shards can change.
//
// A shard also reads what its flows say (recorder): datagrams as they are, TCP by way of
// its streams (package stream). Records, errors and packets for capture files go out on
// sheets, which the records merger brings into the order of packets. What crosses
// partitions, such as the name that DNS gave an address, goes through the sequencer.
//
// Everything in flight is bounded: blocks by the pool, ended rows by channel
// capacity, batches by two.
package stages
