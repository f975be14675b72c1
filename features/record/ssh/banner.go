package ssh

import "bytes"

// Limits of lines. That of the banner is the protocol's (RFC 4253 §4.2), line end
// included; the others are what OpenSSH takes.
const (
	maxBanner = 255
	maxLine   = 8192
	maxLines  = 1024
)

// prefix begins the banner, and no line before it.
var prefix = []byte("SSH-")

// Banner is the parts of the line SSH-version-software comments.
type Banner struct {
	Version, Software []byte
	Comments          []byte // nil without any
}

// ParseBanner splits a banner, without its line end. Parts that are missing are empty.
func ParseBanner(line []byte) Banner {
	var b Banner
	line, b.Comments, _ = bytes.Cut(bytes.TrimPrefix(line, prefix), []byte{' '})
	b.Version, b.Software, _ = bytes.Cut(line, []byte{'-'})
	return b
}

// Old reports a side that speaks version 1 alone, whose packets are of another form.
// 1.99 is a side that speaks both (RFC 4253 §5.1).
func (b *Banner) Old() bool {
	return bytes.HasPrefix(b.Version, []byte("1.")) && string(b.Version) != "1.99"
}

// cutLine returns the first line without its end, a line feed with or without a carriage
// return before it, and its length with it; 0 where it does not end.
func cutLine(b []byte) (line []byte, length int) {
	end := bytes.IndexByte(b[:min(len(b), maxLine)], '\n')
	if end < 0 {
		return nil, 0
	}
	return bytes.TrimSuffix(b[:end], []byte{'\r'}), end + 1
}
