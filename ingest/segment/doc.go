// Package segment writes and checks the capture files of live mode.
//
// A segment is a pcapng file of one little-endian section with one interface whose times are
// in nanoseconds:
//
//	section header     shb_userappl "pcapmill live VERSION"; comment "session ID segment N opened NS"
//	interface          name, link type, snapshot length, filter, driver, offloads, MAC, speed
//	enhanced packets … with epb_flags where the direction is known
//	statistics         after each second without packets: a watermark
//	statistics         at the end; comment "end of segment by REASON with freezes N"
//
// # Watermarks
//
// The time of a statistics block in such a section is a promise: packet time has come that
// far. On a link where nothing happens it is what closes flows and windows, live and when the
// file is read again. Its counters are of this segment alone (isb_starttime says since when),
// so that sums over segments are sums over the session: isb_filteraccept, packets that passed
// the filter; isb_osdrop, those of them that the kernel dropped for lack of room;
// isb_ifdrop, packets that the interface dropped; isb_usrdeliv, packets in the file; isb_ifrecv,
// where there is no filter, as isb_filteraccept.
//
// # Compression
//
// A compressed segment is a series of zstd frames, each holding whole blocks, so that what a
// killed process left can be cut behind a whole frame.
//
// # Salvage
//
// Walk goes over a file block by block and believes only what a Writer writes. It says how far
// the file is whole and what it holds up to there, whatever follows.
package segment
