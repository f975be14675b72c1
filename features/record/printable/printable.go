// Package printable puts bytes out of packets into a form that is safe to show: valid
// UTF-8 of characters that print.
package printable

import (
	"unicode"
	"unicode/utf8"
)

// Append appends text; bytes that are not part of a character that prints are written as
// \DDD, in decimal, as in names of DNS (RFC 4343 §2.1), and a backslash as two.
func Append(dst, text []byte) []byte {
	for len(text) > 0 {
		c := text[0]
		if c >= utf8.RuneSelf {
			size := 0
			dst, size = appendRune(dst, text)
			text = text[size:]
			continue
		}
		switch {
		case c == '\\':
			dst = append(dst, '\\', '\\')
		case c < ' ' || c == 0x7f:
			dst = appendByte(dst, c)
		default:
			dst = append(dst, c)
		}
		text = text[1:]
	}
	return dst
}

// appendRune appends the character that text begins with, escaped where it does not
// print, and returns its length.
func appendRune(dst, text []byte) ([]byte, int) {
	r, size := utf8.DecodeRune(text)
	if (r != utf8.RuneError || size > 1) && unicode.IsPrint(r) {
		return append(dst, text[:size]...), size
	}
	for _, c := range text[:size] {
		dst = appendByte(dst, c)
	}
	return dst, size
}

func appendByte(dst []byte, c byte) []byte {
	return append(dst, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}
