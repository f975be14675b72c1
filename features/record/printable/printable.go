// Package printable puts bytes out of packets into a form that is safe to show. Bytes that
// do not print become a backslash and three decimal digits, and a backslash two, as
// RFC 4343 §2.1 has it for names of DNS.
//
// Append is for texts that may be of any language; AppendASCII and AppendDelimited are for
// names that their protocol has in US-ASCII.
package printable

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// Append appends a text in UTF-8: bytes that are not part of a character that prints are
// escaped.
func Append(dst, text []byte) []byte {
	for len(text) > 0 {
		if n := plain(text); n > 0 {
			dst, text = append(dst, text[:n]...), text[n:]
			continue
		}
		c := text[0]
		if c >= utf8.RuneSelf {
			size := 0
			dst, size = appendRune(dst, text)
			text = text[size:]
			continue
		}
		dst = appendASCII(dst, c)
		text = text[1:]
	}
	return dst
}

// AppendEscaped is Append for a text that has escapes of its own, whose backslashes stay
// as they are: none of them is before a digit or a byte that does not print.
func AppendEscaped(dst, text []byte) []byte {
	for {
		at := bytes.IndexByte(text, '\\')
		if at < 0 {
			return Append(dst, text)
		}
		dst, text = append(Append(dst, text[:at]), '\\'), text[at+1:]
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
func AppendASCII(dst, text []byte) []byte {
	for len(text) > 0 {
		if n := plain(text); n > 0 {
			dst, text = append(dst, text[:n]...), text[n:]
			continue
		}
		dst = appendASCII(dst, text[0])
		text = text[1:]
	}
	return dst
}

// plain counts the bytes at the beginning of a text that stand for themselves: eight of
// them at a time, as nearly all do.
func plain(text []byte) (n int) {
	for len(text)-n >= 8 && allPlain(binary.LittleEndian.Uint64(text[n:])) {
		n += 8
	}
	for n < len(text) && text[n] >= ' ' && text[n] <= '~' && text[n] != '\\' {
		n++
	}
	return n
}

// allPlain reports whether eight bytes are all printable US-ASCII, and no backslash. Each
// term has the top bit of a byte set if that byte, or one below it, is not.
func allPlain(b uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	backslash := b ^ ones*'\\'
	return (b|(b-ones*' ')|(b+ones)|(backslash-ones)&^backslash)&tops == 0
}

// AppendDelimited does the same of a text that a delimiter ends; where it is part of the
// text, it has a backslash put before it.
func AppendDelimited(dst, text []byte, delimiter byte) []byte {
	for len(text) > 0 {
		n := plain(text)
		run := text[:n]
		for at := bytes.IndexByte(run, delimiter); at >= 0; at = bytes.IndexByte(run, delimiter) {
			dst, run = append(append(dst, run[:at]...), '\\', delimiter), run[at+1:]
		}
		dst, text = append(dst, run...), text[n:]
		if len(text) == 0 {
			return dst
		}
		if text[0] == delimiter {
			dst = append(dst, '\\')
		}
		dst, text = appendASCII(dst, text[0]), text[1:]
	}
	return dst
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
