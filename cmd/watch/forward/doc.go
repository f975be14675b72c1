// Package forward sends the alerts of a folder to a syslog server, as a process of its own that
// may read the folder and write its state, and nothing else.
//
//	alerts-0000000001.jsonl ─┐ follower: whole lines, in order,  ┌─► udp   a message a datagram
//	alerts.jsonl ────────────┴─► over files that are set aside ──┼─► tcp   octet counting (RFC 6587)
//	                              │                              └─► unix  a message a datagram
//	                              ▼
//	                        RFC 5424 message ─► sent ─► settled ─► position file
//
// # At least once
//
// A message counts as delivered when the connection has stayed whole for Config.Settle after it
// was sent, and on Linux, when the other side's kernel has acknowledged all of it. Only then
// the position moves, so what a server that died had not read is sent again by the next
// connection, and some of it twice: event.id is in each message. UDP has no acknowledgement: what a
// network loses is lost, and a server that refuses is noticed.
//
// # No line can block the file
//
// A line that is no alert, or longer than mostLine, is left out and counted. A message that is
// larger than Config.Most is cut where its text ends, and counted.
//
// # Memory
//
// One line, and the positions of at most mostUnsettled messages.
package forward
