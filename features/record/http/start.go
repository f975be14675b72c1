package http

import (
	"bytes"
	"encoding/binary"
	"slices"

	"pcapmill/features/record/begin"
)

// methods are those that a connection may begin with: of IANA's registry, of SSDP and
// UPnP, and what is often seen.
var methods = [...]string{
	"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "PATCH", "TRACE", "QUERY", "PRI",
	"ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY",
	"MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PROPFIND", "PROPPATCH", "REBIND",
	"REPORT", "SEARCH", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
	"M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE",
	"BCOPY", "BDELETE", "BMOVE", "BPROPFIND", "BPROPPATCH", "POLL", "PURGE", "DEBUG", "TRACK", "CCM_POST",
	"RPC_IN_DATA", "RPC_OUT_DATA", "RPC_CONNECT", "SSTP_DUPLEX_POST",
}

const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	version = "HTTP/"

	// enough bytes of a request line without a control character are one.
	enough = 48
)

// Begins says whether a direction begins with a head: a method that is known and the
// grammar of a request line, a status line, or the SETTINGS of a server of HTTP/2.
func Begins(b []byte) begin.Answer {
	b = bytes.TrimLeft(b, "\r\n")
	switch {
	case len(b) == 0:
		return begin.Perhaps
	case b[0] == 0 && len(b) < frameHeader:
		return begin.No // a capture may begin with the byte of a keep-alive, which is often 0
	case b[0] == 0:
		return settings(b)
	case bytes.HasPrefix(b, []byte(version)), prefixOf(b, version):
		return statusBegins(b)
	}
	for _, m := range methods {
		if prefixOf(b, m) {
			return begin.Perhaps
		}
		if len(b) > len(m) && b[len(m)] == ' ' && string(b[:len(m)]) == m {
			return targetBegins(b)
		}
	}
	return begin.No
}

// prefixOf reports that b is all that is there of a word.
func prefixOf(b []byte, word string) bool {
	return len(b) <= len(word) && word[:len(b)] == string(b)
}

// statusBegins says whether b begins with "HTTP/1.1 2".
func statusBegins(b []byte) begin.Answer {
	const pattern = "HTTP/0.0 0"
	for i, c := range b[:min(len(b), len(pattern))] {
		if pattern[i] == '0' && !isDigit(c) || pattern[i] != '0' && pattern[i] != c {
			return begin.No
		}
	}
	if len(b) < len(pattern) {
		return begin.Perhaps
	}
	return begin.Yes
}

// targetBegins says whether what begins with a method goes on as a request line.
func targetBegins(b []byte) begin.Answer {
	b = b[:min(len(b), 2*enough)]
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		if _, ok := requestLine(b[:i]); ok {
			return begin.Yes
		}
		return begin.No
	}
	for i, c := range b {
		if c < ' ' && c != '\t' && (c != '\r' || i != len(b)-1) {
			return begin.No
		}
	}
	switch {
	case len(b) < enough:
		return begin.Perhaps
	case others(b):
		return begin.No
	}
	return begin.Yes
}

// othersSchemes are of URLs in request lines that are HTTP's but for the version, which
// long ones do not show: of SIP (RFC 3261), RTSP (RFC 7826), ICAP (RFC 3507).
var othersSchemes = [...]string{"sip", "sips", "tel", "im", "pres", "rtsp", "rtspu", "rtsps", "icap", "icaps"}

// others reports that behind a method comes a URL of another protocol.
func others(b []byte) bool {
	_, target, _ := bytes.Cut(b, []byte{' '})
	scheme, _, ok := bytes.Cut(target, []byte{':'})
	return ok && slices.ContainsFunc(othersSchemes[:], func(s string) bool { return is(scheme, s) })
}

// settings says whether b begins with a SETTINGS frame of HTTP/2 whose first setting is
// one of RFC 9113 §6.5.2 or RFC 8441.
func settings(b []byte) begin.Answer {
	const (
		most  = 256 // bytes: some forty settings
		first = frameHeader + 2
	)
	var frame [first]byte
	n := copy(frame[:], b)
	h := frameOf(frame[:])
	switch {
	case h.length > most, n > 2 && (h.length == 0 || h.length%6 != 0), n > 3 && h.kind != frameSettings, h.flags != 0, h.stream != 0:
		return begin.No
	case n < first:
		return begin.Perhaps
	}
	if id := binary.BigEndian.Uint16(frame[frameHeader:]); id >= 1 && id <= 9 {
		return begin.Yes
	}
	return begin.No
}

// starts says whether a head begins at b in the midst of a connection, where a method
// may be any word of capitals.
func starts(b []byte) begin.Answer {
	if answer := Begins(b); answer != begin.No {
		return answer
	}
	end := 0
	for end < len(b) && end < maxMethod && (b[end] >= 'A' && b[end] <= 'Z' || b[end] == '-' || b[end] == '_') {
		end++
	}
	switch {
	case end == 0:
		return begin.No
	case end == len(b):
		return begin.Perhaps
	case b[end] == ' ':
		return targetBegins(b)
	}
	return begin.No
}

// maxMethod is longer than any method.
const maxMethod = 32

// startLine reads a request or status line.
func (h *Head) startLine(line []byte) bool {
	if statusBegins(line) == begin.Yes {
		h.statusLine(line)
		return true
	}
	parts, ok := requestLine(line)
	h.Kind, h.Method, h.Target, h.Major, h.Minor = Request, parts.method, parts.target, parts.major, parts.minor
	h.Malformed = len(h.Target) == 0
	return ok
}

func (h *Head) statusLine(line []byte) {
	h.Kind, h.Major, h.Minor = Response, line[len(version)]-'0', line[len(version)+2]-'0'
	rest := bytes.TrimLeft(line[len(version)+3:], " \t")
	digits := 0
	for digits < len(rest) && isDigit(rest[digits]) {
		if digits < 3 {
			h.Status = h.Status*10 + int(rest[digits]-'0')
		}
		digits++
	}
	h.Malformed = digits != 3 || len(rest) > digits && !isSpace(rest[digits])
	if digits > 3 {
		h.Status = 0
	}
	h.Reason = trim(rest[digits:])
}

type request struct {
	method, target []byte
	major, minor   uint8
}

// requestLine reads "METHOD target HTTP/1.1"; the target may have spaces in it, as some
// send them, or be missing.
func requestLine(line []byte) (r request, ok bool) {
	line = trimRight(line)
	at := len(line) - len("HTTP/1.1")
	space := bytes.IndexByte(line, ' ')
	if space < 0 || space > maxMethod || at <= space || !isSpace(line[at-1]) || !isToken(line[:space]) {
		return r, false
	}
	v := line[at:]
	if !bytes.HasPrefix(v, []byte(version)) || !isDigit(v[5]) || v[6] != '.' || !isDigit(v[7]) {
		return r, false
	}
	return request{line[:space], trim(line[space:at]), v[5] - '0', v[7] - '0'}, true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
