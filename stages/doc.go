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
//
// A run's inputs may come bit by bit: a Session is a run that comes to rest between its
// Feeds, and Run is a Session of one Feed. At rest there are no goroutines and no channels
// (see wires), and what is open lies in memory.
//
// # Watermarks
//
// Packets alone move the packet clock, and where none come it stands still. A live capture
// says how far time has come without a packet: a watermark, which its segments have as
// statistics blocks (capfile.LiveApplication) and Blocks behind their packets. In the order
// of reading, time comes to a watermark as it comes to a packet, by the same rules: one more
// than an hour ahead needs the next 16 packets or watermarks not to speak against it. But it
// neither begins time nor sets it back, and it is ignored outside the time range, behind the
// last packet that is read, and where inputs are merged. Packets that are so far behind it
// that nothing to come belongs before them leave the reorder window, and behind them the
// packet clock goes on to the begin of the window: flows time out, slots and windows close.
// A watermark has no outcome and is counted nowhere.
package stages
