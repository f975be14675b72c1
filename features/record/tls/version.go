package tls

import "strconv"

// Version numbers of drafts of TLS 1.3: 0x7f00 and the draft's number.
const (
	draft    = 0x7f00
	draftEnd = 0x7fff
)

// AppendVersionName appends a version's name: SSLv2, SSLv3, TLSv1.0 to TLSv1.3, of drafts
// TLSv1.3-draft23, and others in hexadecimal.
func AppendVersionName(dst []byte, v uint16) []byte {
	switch {
	case v == 0x0002:
		return append(dst, "SSLv2"...)
	case v == 0x0300:
		return append(dst, "SSLv3"...)
	case v > 0x0300 && v <= 0x0304:
		return append(append(dst, "TLSv1."...), '0'+byte(v)-1)
	case v >= draft && v <= draftEnd:
		return strconv.AppendUint(append(dst, "TLSv1.3-draft"...), uint64(v-draft), 10)
	}
	return appendHex16(append(dst, "0x"...), v)
}
