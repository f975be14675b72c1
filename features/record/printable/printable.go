// Package printable puts bytes out of packets into a form that is safe to show. Bytes that
// do not print become a backslash and three decimal digits, and a backslash two, as
// RFC 4343 §2.1 has it for names of DNS.
//
// Append is for texts that may be of any language; AppendASCII and AppendDelimited are for
// names that their protocol has in US-ASCII.
package printable

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// Append appends a text in UTF-8: bytes that are not part of a character that prints are
// escaped.
func Append(dst, text []byte) []byte {
	for {
		n := plain(text, '\\')
		dst = append(dst, text[:n]...)
		if text = text[n:]; len(text) == 0 {
			return dst
		}
		size := 1
		if c := text[0]; c >= utf8.RuneSelf {
			dst, size = appendRune(dst, text)
		} else {
			dst = appendASCII(dst, c)
		}
		text = text[size:]
	}
}

// appendRune appends the character that text begins with, escaped where it does not
// print, and returns its length.
func appendRune(dst, text []byte) ([]byte, int) {
	r, size := utf8.DecodeRune(text)
	if (r != utf8.RuneError || size > 1) && unicode.IsPrint(r) {
		return append(dst, text[:size]...), size
	}
	for _, c := range text[:size] {
		dst = AppendEscape(dst, c)
	}
	return dst, size
}

// AppendASCII appends a text in US-ASCII: all other bytes are escaped.
func AppendASCII(dst, text []byte) []byte { return AppendDelimited(dst, text, '\\') }

// AppendDelimited does the same of a text that a delimiter, which prints, ends; where it
// is part of the text, it has a backslash put before it.
func AppendDelimited(dst, text []byte, delimiter byte) []byte {
	for {
		n := plain(text, delimiter)
		dst = append(dst, text[:n]...)
		if text = text[n:]; len(text) == 0 {
			return dst
		}
		if c := text[0]; c == delimiter {
			dst = append(dst, '\\', c)
		} else {
			dst = appendASCII(dst, c)
		}
		text = text[1:]
	}
}

// plain returns how many bytes text begins with that are printable ASCII, and neither a
// backslash nor the delimiter: mostly all of them. It looks at eight at a time.
func plain(text []byte, delimiter byte) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	zero := func(w uint64) uint64 { return (w - each) &^ w } // the high bit of bytes that are 0, if of no others below
	at := 0
	for ; len(text)-at >= 8; at += 8 {
		w := binary.LittleEndian.Uint64(text[at:])
		control, del := (w-' '*each)&^w, w+each
		if (w|control|del|zero(w^'\\'*each)|zero(w^each*uint64(delimiter)))&high != 0 {
			break
		}
	}
	for ; at < len(text); at++ {
		if c := text[at]; c < ' ' || c > '~' || c == '\\' || c == delimiter {
			break
		}
	}
	return at
}

func appendASCII(dst []byte, c byte) []byte {
	switch {
	case c < ' ' || c > '~':
		return AppendEscape(dst, c)
	case c == '\\':
		return append(dst, '\\', '\\')
	}
	return append(dst, c)
}

// AppendEscape appends a byte as a backslash and three decimal digits.
func AppendEscape(dst []byte, c byte) []byte {
	return append(dst, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}
