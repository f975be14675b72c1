package ssh

import (
	"bytes"

	"pcapmill/features/record/begin"
)

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

// Begins says whether the first bytes of a side are its banner, perhaps behind lines of a
// greeting. A greeting that goes on for most bytes is believed of who has the port, as the
// text that it must be.
func Begins(head []byte, src uint16, most int) begin.Answer {
	answer := bannerIn(head)
	switch {
	case answer == begin.Yes || src != port || !text(head):
		return answer
	case len(head) >= most:
		return begin.Yes
	}
	return begin.Perhaps
}

// bannerIn says whether one of the lines begins a banner.
func bannerIn(lines []byte) begin.Answer {
	for {
		if answer := banner(lines); answer != begin.No {
			return answer
		}
		end := bytes.IndexByte(lines, '\n')
		if end < 0 {
			return begin.No
		}
		lines = lines[end+1:]
	}
}

// banner says whether bytes begin a banner.
func banner(b []byte) begin.Answer {
	switch {
	case len(b) <= len(prefix) && len(b) > 0 && bytes.HasPrefix(prefix, b):
		return begin.Perhaps
	case len(b) > len(prefix) && bytes.HasPrefix(b, prefix) && (b[len(prefix)] == '1' || b[len(prefix)] == '2'):
		return begin.Yes
	}
	return begin.No
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
