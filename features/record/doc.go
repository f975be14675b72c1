// Package record makes tables of what protocols say: one row a message, with the
// packet and the flow it came from.
//
// A protocol has a package of its own that parses its messages, and here
//
//	<name>.go          the Parser: how it is recognised (content first, the port as a
//	                   hint), and which messages become rows
//	<name>_columns.go  its columns, each declared once with the function that takes its
//	                   value out of a message
//	<name>_talk.go     what is known of a flow between two packets, where that is much
//
// and a line in Protocols. What several tables have is declared in packet.go,
// common_columns.go and hello_columns.go.
//
// A shard writes the rows as it meets the messages, each as it comes (see layout); whoever
// merges the shards takes them into batches column by column, in the order of the packets.
package record
