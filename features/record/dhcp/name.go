package dhcp

import (
	"bytes"

	"pcapmill/features/record/printable"
)

// maxName is the longest name on the wire (RFC 1035 §2.3.4).
const maxName = 255

// isName reports labels of RFC 1035 §3.1 behind one another, with or without the root:
// a client that knows but its own part of a name leaves it out (RFC 4704 §4.2). No
// label points elsewhere.
func isName(b []byte) bool {
	if len(b) > maxName {
		return false
	}
	for len(b) > 0 {
		n := int(b[0])
		if n == 0 {
			return len(b) == 1
		}
		if n > 63 || len(b) <= n {
			return false
		}
		b = b[1+n:]
	}
	return true
}

// AppendName appends a name as text: labels with dots between them, or characters.
// What is not a name in its form is taken for characters. The last dot is left out.
func AppendName(dst, name []byte, form Form) []byte {
	if form == ASCII || !isName(name) {
		if len(name) > 1 {
			name = bytes.TrimSuffix(name, []byte{'.'})
		}
		return printable.AppendASCII(dst, name)
	}
	start := len(dst)
	for len(name) > 0 && name[0] != 0 {
		if len(dst) > start {
			dst = append(dst, '.')
		}
		dst = printable.AppendDelimited(dst, name[1:1+int(name[0])], '.')
		name = name[1+int(name[0]):]
	}
	if len(dst) == start {
		dst = append(dst, '.')
	}
	return dst
}
