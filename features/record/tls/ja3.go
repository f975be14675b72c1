package tls

import (
	"strconv"

	"pcapmill/features/record/fingerprint"
)

// AppendJA3Text appends what JA3 hashes: version, cipher suites, extensions, groups and
// point formats in decimal and in their order, without GREASE. A hello in the format of
// SSL 2.0 has no JA3.
func (h *ClientHello) AppendJA3Text(dst []byte) []byte {
	dst = append(strconv.AppendUint(dst, uint64(h.Version), 10), ',')
	dst = append(appendDecimals(dst, h.CipherSuites), ',')
	dst = append(appendDecimals(dst, h.Extensions), ',')
	dst = append(appendDecimals(dst, h.Groups), ',')
	for i, f := range h.PointFormats {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = strconv.AppendUint(dst, uint64(f), 10)
	}
	return dst
}

// AppendJA3 appends the hash of the JA3 text in hexadecimal.
func (h *ClientHello) AppendJA3(dst []byte) []byte {
	h.text = h.AppendJA3Text(h.text[:0])
	return fingerprint.AppendMD5(dst, h.text)
}

// AppendJA3SText appends what JA3S hashes: version, cipher suite and extensions.
func (h *ServerHello) AppendJA3SText(dst []byte) []byte {
	dst = append(strconv.AppendUint(dst, uint64(h.Version), 10), ',')
	dst = append(strconv.AppendUint(dst, uint64(h.CipherSuite), 10), ',')
	return appendDecimals(dst, h.Extensions)
}

// AppendJA3S appends the hash of the JA3S text in hexadecimal.
func (h *ServerHello) AppendJA3S(dst []byte) []byte {
	h.text = h.AppendJA3SText(h.text[:0])
	return fingerprint.AppendMD5(dst, h.text)
}

// appendDecimals appends numbers with hyphens between them, without GREASE.
func appendDecimals(dst []byte, list []uint16) []byte {
	first := true
	for _, v := range list {
		if GREASE(v) {
			continue
		}
		if !first {
			dst = append(dst, '-')
		}
		dst, first = strconv.AppendUint(dst, uint64(v), 10), false
	}
	return dst
}
