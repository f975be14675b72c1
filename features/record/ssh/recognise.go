package ssh

import "bytes"

// port is the registered port.
const port = 22

// Hint reports whether the ports speak for SSH.
func Hint(src, dst uint16) bool { return src == port || dst == port }

// Client reports whether the sender is the client: by the port where one side alone has
// it, else as the flow's direction has it.
func Client(src, dst uint16, forward bool) bool {
	if (src == port) != (dst == port) {
		return dst == port
	}
	return forward
}

// Begins reports whether the first bytes of a side are its banner, perhaps behind lines
// of a greeting, and whether they may be, if more of them say so. A greeting that goes on
// for most bytes is believed of who has the port, as the text that it must be.
func Begins(head []byte, src uint16, most int) (yes, maybe bool) {
	for rest := head; ; {
		if yes, maybe = banner(rest); yes || maybe {
			break
		}
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		rest = rest[end+1:]
	}
	greets := src == port && text(head)
	return yes || greets && len(head) >= most, maybe || greets
}

// banner reports whether bytes begin a banner, or may.
func banner(b []byte) (is, may bool) {
	if len(b) <= len(prefix) {
		return false, len(b) > 0 && bytes.HasPrefix(prefix, b)
	}
	return bytes.HasPrefix(b, prefix) && (b[len(prefix)] == '1' || b[len(prefix)] == '2'), false
}

// text reports whether bytes are of lines of text.
func text(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\r' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
