// Package stream puts the two byte streams of a TCP connection together from its
// segments (RFC 9293).
//
// A Stream belongs to one flow and is owned by whoever owns the flow; it holds no
// goroutine, lock or clock. What it delivers depends on the segments alone and on
// what the Pool, which several Streams of one owner share, has left. In-order data
// goes from the segment to the Consumer without a copy; only data behind a hole is
// copied, into pages of the Pool:
//
//	places     origin        pos            first             high      limit
//	             │ delivered  │     hole     │ held │ hole │held│         │
//	             └────────────┴──────────────┴──────┴──────┴────┴─────────┘
//	ring                      pages of 2048 bytes with a bit for each byte held,
//	                          up to Config.Buffer bytes from pos on
//
// A place is a count of stream bytes in 64 bits; sequence numbers are compared with
// the one of pos, modulo 2^32, so streams may be of any length.
//
// # Rules
//
//	start        Behind the SYN, data on the SYN included (RFC 7413), or where the SYN and
//	             ACK of the other side says. Without either (mid-stream) data is held, from
//	             Buffer/2 bytes before the first segment on, until the third segment with
//	             data, an ACK of held data, data at the first of these places, a lack of room,
//	             RST, Close or Settle, which its owner calls where the data begins as a
//	             message does; the lowest byte there is the start. Three is the reordering that
//	             TCP itself takes for loss (RFC 5681). Data before the start is ignored. The
//	             owner may keep an Opening alone until there is data: then a SYN that nothing
//	             answered counts only with data within 65,535 bytes of it.
//	limit        Places from Config.Bytes on are never looked at; gaps count as places.
//	             A direction that has come there is done and its memory free.
//	overlap      Among bytes held and arriving, the first or the last to arrive wins. A
//	             byte that was delivered stays, whatever comes later.
//	conflict     A byte that differs from the one held at its place. Delivered data is not
//	             kept, so what arrives for it counts as overlap, alike or not.
//	gap          A hole is given up, lowest first, when the other side has acknowledged all
//	             of it and a byte behind is held (the capture lost it, not the network);
//	             when the arriving segment does not fit Buffer or the Pool; at RST and Close.
//	             The bytes that the capture cut off a segment are given up when the segment's
//	             turn comes in order, otherwise they are a hole like others. An ACK of more
//	             than was ever seen sent proves nothing and is ignored.
//	FIN          Ends the direction at its place once all before is delivered or given up.
//	             The first one counts. One before data already seen is ignored, as is data
//	             behind the one that counts.
//	RST          In the window it ends both directions: holes are given up, what is held is
//	             delivered. The window is from what the other side has acknowledged (the
//	             start, if nothing) to 65,535 bytes behind the highest byte seen. Others are
//	             ignored. Before the direction has a start all are in the window. Before
//	             there is data (see Opening) one in it makes the starts unknown: what comes
//	             all the same is read. Data on an RST is a diagnostic (RFC 9293 §3.5.3), not
//	             of the stream.
//	keep-alive   A segment of one byte at most, right before the highest byte seen, is a
//	             probe (RFC 1122 §4.2.3.6): its byte is no data and is not compared.
//	SYN again    With the same number it is a retransmission. With another one it begins a
//	             new connection if both directions had FIN or RST, or as soon as the SYN and
//	             ACK of the other side acknowledges it; until then it and its data are ignored.
//
// # Cost
//
// Work is linear in segments and bytes: one bit operation or copy per byte, no list
// to search. Every hole is scanned by summary bits (per 64 bytes, per page), of which
// a Buffer has one word in 128 KiB.
package stream
