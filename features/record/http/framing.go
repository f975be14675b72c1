package http

import "bytes"

// framing is how a message's body ends.
type framing uint8

const (
	byLength   framing = iota
	byChunks           // each with its length in front
	untilClose         // with the direction
	tunnel             // there is none: another protocol begins
)

// maxBody bounds lengths that are believed, so that they can be added.
const maxBody = 1 << 60

// Unknown is the length of a body that ends by chunks or with the connection.
const Unknown = -1

// framing applies RFC 9112 §6.3. method is of the request that a response answers, nil
// where that is not known. A length that is none makes the head malformed, and the rest
// of the direction the body.
func (h *Head) framing(method []byte) (f framing, length int64) {
	if h.Kind == Response {
		switch success := h.Status >= 200 && h.Status < 300; {
		case h.Status == 101, success && isConnect(method):
			return tunnel, 0
		case h.bodiless(method):
			return byLength, 0
		}
	}
	if coded, chunked := h.transferCoding(); coded {
		if chunked {
			return byChunks, Unknown
		}
		h.Malformed = h.Malformed || h.Kind == Request
		return untilClose, Unknown
	}
	switch length, ok := h.ContentLength(); {
	case ok:
		return byLength, length
	case length != 0:
		h.Malformed = true
		return untilClose, Unknown
	case h.Kind == Request:
		return byLength, 0
	}
	return untilClose, Unknown
}

// bodiless reports a response that has no body, whatever length it names (RFC 9110 §6.4.1).
func (h *Head) bodiless(method []byte) bool {
	return h.Status >= 100 && h.Status < 200 || h.Status == 204 || h.Status == 304 || string(method) == "HEAD"
}

// transferCoding reports whether the body is coded for the transfer, and by chunks last.
func (h *Head) transferCoding() (coded, chunked bool) {
	for _, f := range h.Of(TransferEncoding) {
		if f.Known != TransferEncoding {
			continue
		}
		for rest, more := f.Value, true; more; {
			var word []byte
			word, rest, more = bytes.Cut(rest, []byte(","))
			word, _, _ = bytes.Cut(word, []byte(";"))
			if word = trim(word); len(word) > 0 && !is(word, "identity") {
				h.Malformed = h.Malformed || chunked // it can only be the last
				coded, chunked = true, is(word, "chunked")
			}
		}
	}
	return coded, chunked
}

// ContentLength returns the value of the fields of that name, if all say the same. A
// length other than 0 that is not ok says that they do not.
func (h *Head) ContentLength() (length int64, ok bool) {
	for _, f := range h.Of(ContentLength) {
		if f.Known != ContentLength {
			continue
		}
		for rest, more := f.Value, true; more; {
			var word []byte
			word, rest, more = bytes.Cut(rest, []byte(","))
			n, valid := decimal(trim(word))
			if !valid || ok && n != length {
				return Unknown, false
			}
			length, ok = n, true
		}
	}
	return length, ok
}

func decimal(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if !isDigit(c) || n > maxBody/10-1 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(b) > 0
}
