package record

import "pcapmill/features/column"

// Sentences that the docs of columns of several tables end with.
const (
	inASCII = " Bytes that are no printable ASCII as \\DDD."
	inUTF8  = " Bytes that do not print as \\DDD."
	counted = " Counted in the manifest."
)

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
