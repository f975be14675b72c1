package record

import (
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/ingest/packet"
)

// Sentences that the docs of columns of several tables end with.
const (
	inASCII = " Bytes that are no printable ASCII as \\DDD."
	inUTF8  = " Bytes that do not print as \\DDD."
	counted = " Counted in the manifest."
)

// captureID declares the input that holds the packet.
func captureID[M any](value func(*M) int32) Def[M] {
	return whole("capture_id", "Number of the input in the manifest, from 0, that holds the packet.", value).as(column.Identity)
}

// packetIndex declares the packet; which says which one.
func packetIndex[M any](which string, value func(*M) int64) Def[M] {
	return long("packet_index", column.Int64, which, "", func(m *M) (int64, bool) { return value(m), true }).as(column.Identity)
}

// instants declare a time, in nanoseconds and for people; of says whose.
func instants[M any](of string, value func(*M) packet.Nanos) []Def[M] {
	return []Def[M]{
		long("time_ns", column.Int64, "Time of "+of+".", "", func(m *M) (int64, bool) { return value(m), true }).as(column.Time).in(column.EpochNano),
		long("time", column.Timestamp, "Time of "+of+", for people and SQL.", "", func(m *M) (int64, bool) { return flow.Micros(value(m)), true }).as(column.Time),
	}
}

// serverName declares the server's name, which is printable.
func serverName[M any](doc, null string, value func(*M) []byte) Def[M] {
	return field("server_name", doc+inASCII, null, value).as(column.LeakProne).from("RFC 6066")
}

// messageBytes declares the length of the message.
func messageBytes[M any](doc string, value func(*M) int) Def[M] {
	return whole("message_bytes", doc, func(m *M) int32 { return int32(value(m)) }).in(column.Bytes)
}

// captureCut declares whether the capture lacks the message's end.
func captureCut[M any](value func(*M) bool) Def[M] {
	return bit("capture_cut", "1 where the capture lacks the message's end: what comes before it is here.", value)
}

// malformed declares whether the message is not of its form: when says how, behind is
// added to what all tables say of it.
func malformed[M any](when, behind string, value func(*M) bool) Def[M] {
	return bit("malformed", "1 where "+when+": what could be read is here."+behind, value)
}
