// Package match finds of which flows labels are true.
//
//	          ┌─ pass 1, where there are events: which flows each may be about ─► the one, or several
//	flows ────┼─ pass 2: rules by hosts and time, events, scores ─► hits ─► an Outcome for each flow
//	          └─ pass 3, where something never matched: what came nearest, and what did not fit
//
// A rule hits all flows that fit it. An event is about one flow:
//
//	tuple      its addresses, and ports where it has them, are the flow's in either direction;
//	           ports 0 are none. Of a conversation of ICMP any code fits, and the reply's type in
//	           the reply's direction; messages without reply fit type, code and direction.
//	           Without both addresses the Community ID names the tuple.
//	others     protocol, tunnel depth, capture; a packet's number fits flows whose first packet
//	           is not behind it, where the capture is known
//	time       the flow's, from Config.Before its start to Config.After its end; a time that was
//	           cut may be any of its Precision. Behind that, a flow that begins when the event
//	           says that its flow began
//
// Of several flows those whose own time has the event in it count before those with slack. An
// event that lasts, as the row of a connection does, is about all pieces of one connection, and
// of several connections about the one that begins nearest to it. Of flows with slack the
// nearest counts. Nearest is what is a second nearer than the next, and four times so: else the
// event is about any of them, and all are ambiguous.
//
// Events that name the same hosts and ports, or as little, can be as many as flows that have them:
// then flows are held, and each event searches them, so that time does not grow with the product.
//
// Of what is said of a flow the highest priority counts. Labels that differ there make it
// Ambiguous, and so does an event that fits several flows where nothing else says the same.
//
// Rows are matched in any number of goroutines and handed over in the table's order; nothing
// hangs on how many there are.
package match
