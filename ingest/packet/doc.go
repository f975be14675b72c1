// Package packet is the packet vocabulary of pcapmill: what a block of capture
// bytes is, what is known of one packet after the header walk, and which
// outcomes a packet can have.
//
//	Block  ┌────────────── Data (raw capture bytes, ≤ a few 100 KiB) ───────────┐
//	       │ rec hdr │ packet 0 │ rec hdr │ packet 1 │ …                        │
//	       └─────────────────────────────────────────────────────────────────────┘
//	Records  one per packet: where its bytes lie, lengths, time, interface
//	Views    one per packet that belongs to a flow, and one for each packet that it
//	         carries in tunnels, grouped by shard: the decoded header fields and the
//	         offsets of each layer inside Data
//
// Two lengths are kept apart everywhere: the wire length counts, the captured
// length parses. Nothing here allocates per packet; a View and the bytes it
// points to live until the Block's last holder calls Release.
package packet
