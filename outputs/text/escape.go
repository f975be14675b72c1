package text

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// ErrEscape reports text that Escape cannot have written.
var ErrEscape = errors.New("malformed escape")

const hexDigits = "0123456789abcdef"

// Escape returns s with everything unprintable made visible; see the package
// comment. It returns s itself, without allocating, where nothing needs it.
func Escape(s string) string {
	if clean(s) {
		return s
	}
	return string(AppendEscaped(make([]byte, 0, len(s)+16), []byte(s)))
}

// AppendEscaped appends the escaped form of s to dst. The work is linear in s.
func AppendEscaped(dst, s []byte) []byte {
	for len(s) > 0 {
		n := plainPrefix(s)
		dst, s = append(dst, s[:n]...), s[n:]
		if len(s) == 0 {
			break
		}
		r, size := utf8.DecodeRune(s)
		dst = appendEscapedRune(dst, r, size, s[0])
		s = s[size:]
	}
	return dst
}

// plainPrefix counts the leading bytes that are printable ASCII and no backslash.
func plainPrefix(s []byte) int {
	for i, c := range s {
		if !plain(c) {
			return i
		}
	}
	return len(s)
}

func plain(c byte) bool { return c >= 0x20 && c < 0x7f && c != '\\' }

// appendEscapedRune appends rune r, which took size bytes and began with first.
func appendEscapedRune(dst []byte, r rune, size int, first byte) []byte {
	switch {
	case first == '\\':
		return append(dst, '\\', '\\')
	case first == '\t':
		return append(dst, '\\', 't')
	case first == '\n':
		return append(dst, '\\', 'n')
	case first == '\r':
		return append(dst, '\\', 'r')
	case size == 1: // other ASCII controls, and bytes that are no UTF-8
		return append(dst, '\\', 'x', hexDigits[first>>4], hexDigits[first&15])
	case strconv.IsPrint(r):
		return utf8.AppendRune(dst, r)
	default:
		dst = append(dst, '\\', 'u', '{')
		dst = strconv.AppendInt(dst, int64(r), 16)
		return append(dst, '}')
	}
}

// clean reports whether Escape would change nothing.
func clean(s string) bool {
	for i := 0; i < len(s); {
		if plain(s[i]) {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if size == 1 || !strconv.IsPrint(r) {
			return false
		}
		i += size
	}
	return true
}

// Unescape returns the bytes that Escape was given, or ErrEscape.
func Unescape(s string) (string, error) {
	dst := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			i++
			continue
		}
		var n int
		if dst, n = appendUnescaped(dst, s[i+1:]); n == 0 {
			return "", fmt.Errorf("%w at byte %d", ErrEscape, i)
		}
		i += 1 + n
	}
	return string(dst), nil
}

// appendUnescaped decodes the escape whose text after the backslash starts s. It
// returns how many bytes of s it took, 0 where that is no escape.
func appendUnescaped(dst []byte, s string) ([]byte, int) {
	if s == "" {
		return dst, 0
	}
	switch s[0] {
	case '\\':
		return append(dst, '\\'), 1
	case 't':
		return append(dst, '\t'), 1
	case 'n':
		return append(dst, '\n'), 1
	case 'r':
		return append(dst, '\r'), 1
	case 'x':
		return appendHexByte(dst, s)
	case 'u':
		return appendHexRune(dst, s)
	}
	return dst, 0
}

func appendHexByte(dst []byte, s string) ([]byte, int) {
	if len(s) < 3 {
		return dst, 0
	}
	c, err := strconv.ParseUint(s[1:3], 16, 8)
	if err != nil {
		return dst, 0
	}
	return append(dst, byte(c)), 3
}

func appendHexRune(dst []byte, s string) ([]byte, int) {
	const longest = len("u{10ffff}")
	for end := 3; end < len(s) && end < longest; end++ {
		if s[end] != '}' {
			continue
		}
		r, err := strconv.ParseUint(s[2:end], 16, 32)
		if err != nil || s[1] != '{' || !utf8.ValidRune(rune(r)) {
			return dst, 0
		}
		return utf8.AppendRune(dst, rune(r)), end + 1
	}
	return dst, 0
}
