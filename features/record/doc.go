// Package record makes tables of what protocols say: one row a message, with the
// packet and the flow it came from.
//
// A protocol is one file with a Protocol that Protocols lists: how it is recognised (content
// first, the port as a hint), its parser, and its columns, each declared once with the
// function that takes its value out of a parsed message. A shard encodes the rows as
// it meets the messages; whoever merges the shards decodes them into batches, in the
// order of the packets.
package record
