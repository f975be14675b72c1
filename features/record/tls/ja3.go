package tls

import (
	"slices"

	"pcapmill/features/record/fingerprint"
)

// AppendJA3Text appends what JA3 hashes: version, cipher suites, extensions, groups and
// point formats in decimal and in their order, without GREASE. A hello in the format of
// SSL 2.0 has no JA3.
func (h *ClientHello) AppendJA3Text(dst []byte) []byte {
	dst = append(appendDecimal(dst, h.Version), ',')
	dst = append(appendDecimals(dst, h.CipherSuites), ',')
	dst = append(appendDecimals(dst, h.Extensions), ',')
	dst = append(appendDecimals(dst, h.Groups), ',')
	for i, f := range h.PointFormats {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = appendDecimal(dst, uint16(f))
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
	dst = append(appendDecimal(dst, h.Version), ',')
	dst = append(appendDecimal(dst, h.CipherSuite), ',')
	return appendDecimals(dst, h.Extensions)
}

// AppendJA3S appends the hash of the JA3S text in hexadecimal.
func (h *ServerHello) AppendJA3S(dst []byte) []byte {
	h.text = h.AppendJA3SText(h.text[:0])
	return fingerprint.AppendMD5(dst, h.text)
}

// appendDecimals appends numbers with hyphens between them, without GREASE.
func appendDecimals(dst []byte, list []uint16) []byte {
	dst = slices.Grow(dst, len("65535-")*len(list))
	start := len(dst)
	for _, v := range list {
		if !GREASE(v) {
			dst = append(appendDecimal(dst, v), '-')
		}
	}
	return dst[:max(start, len(dst)-1)]
}

// appendDecimal appends a number in decimal.
func appendDecimal(dst []byte, v uint16) []byte {
	digit := func(power uint16) byte { return '0' + byte(v/power%10) }
	switch {
	case v < 10:
		return append(dst, digit(1))
	case v < 100:
		return append(dst, digit(10), digit(1))
	case v < 1000:
		return append(dst, digit(100), digit(10), digit(1))
	case v < 10000:
		return append(dst, digit(1000), digit(100), digit(10), digit(1))
	}
	return append(dst, digit(10000), digit(1000), digit(100), digit(10), digit(1))
}
