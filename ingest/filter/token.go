package filter

import (
	"net/netip"
	"strconv"
	"strings"
)

// tokenKind is what a token may stand for.
type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokNumber           // 80, 0x50, 0120, tcp-syn
	tokIPv4             // 10.0, 10.0.0.1: two to four decimal numbers
	tokIPv6             // 2001:db8::1
	tokMAC              // 00:11:22:33:44:55 and its other spellings
	tokName             // a word without meaning of its own, or one behind a backslash
	tokWord             // a word of the language
	tokSign             // an operator or bracket
)

// token is one word or sign of an expression.
type token struct {
	kind tokenKind
	text string // as written
	name string // words, names and signs: canonical spelling
	pos  int    // first byte, from 0
	num  uint32 // tokNumber
}

// is reports whether t is the word or sign of that canonical spelling.
func (t *token) is(name string) bool {
	return (t.kind == tokWord || t.kind == tokSign) && t.name == name
}

// signs are the operators, longest first, with their canonical spelling.
var signs = []struct{ text, name string }{
	{"&&", "and"}, {"||", "or"}, {">=", ">="}, {"<=", "<="}, {"!=", "!="}, {"==", "="}, {"<<", "<<"}, {">>", ">>"},
	{"!", "not"}, {"=", "="}, {"<", "<"}, {">", ">"}, {"(", "("}, {")", ")"}, {"[", "["}, {"]", "]"},
	{"+", "+"}, {"-", "-"}, {"*", "*"}, {"/", "/"}, {"%", "%"}, {"&", "&"}, {"|", "|"}, {"^", "^"}, {":", ":"},
}

// tokenize splits an expression into tokens; the last one is tokEnd.
func tokenize(text string) ([]token, error) {
	var out []token
	for pos := 0; ; {
		for pos < len(text) && strings.IndexByte(" \t\r\n", text[pos]) >= 0 {
			pos++
		}
		if pos == len(text) {
			return append(out, token{kind: tokEnd, pos: pos}), nil
		}
		t, err := scan(text[pos:], pos)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		pos += len(t.text)
	}
}

// scan returns the token that s begins with: the longest that fits.
func scan(s string, pos int) (token, error) {
	word := wordLen(s)
	if t, ok := scanAddress(s, word); ok {
		t.pos = pos
		return t, nil
	}
	switch {
	case word > 0:
		return classify(token{text: s[:word], pos: pos})
	case s[0] == '\\':
		n := 1
		for n < len(s) && strings.IndexByte(" !()\n\t", s[n]) < 0 {
			n++
		}
		if n > 1 {
			return token{kind: tokName, text: s[:n], name: s[1:n], pos: pos}, nil
		}
	}
	for _, sign := range signs {
		if strings.HasPrefix(s, sign.text) {
			return token{kind: tokSign, text: sign.text, name: sign.name, pos: pos}, nil
		}
	}
	return token{}, errorAt(token{text: s[:runeLen(s)], pos: pos}, "not a character of the language")
}

// runeLen is the length of the character that s begins with, so that no message
// cuts one.
func runeLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// wordLen is the length of the word at the start of s: letters and digits, with
// "-", "_" and "." inside it, "." also last.
func wordLen(s string) int {
	if !isAlnum(s[0]) {
		return 0
	}
	end := 1
	for i := 1; i < len(s); i++ {
		c := s[i]
		switch {
		case isAlnum(c) || c == '.':
			end = i + 1
		case c != '-' && c != '_':
			return end
		}
	}
	return end
}

// scanAddress recognises Ethernet and IPv6 addresses that are at least as long
// as the word at the start of s. Decimal digits alone are a number.
func scanAddress(s string, word int) (token, bool) {
	if n := macLen(s); n > 0 && n >= word && !allDigits(s[:n]) {
		return token{kind: tokMAC, text: s[:n]}, true
	}
	run := 0
	for run < len(s) && (isHex(s[run]) || s[run] == ':' || s[run] == '.') {
		run++
	}
	if run <= word || run > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") {
		return token{}, false
	}
	if _, err := netip.ParseAddr(s[:run]); err != nil {
		return token{}, false
	}
	return token{kind: tokIPv6, text: s[:run]}, true
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// macLen is the length of the Ethernet address at the start of s: six groups of
// one or two digits between ":", "-" or ".", three of four between ".", or twelve
// digits. 0 where there is none.
func macLen(s string) int {
	longest := 0
	for _, sep := range []byte(":-.") {
		longest = max(longest, groupsLen(s, sep, 6, 1, 2))
	}
	longest = max(longest, groupsLen(s, '.', 3, 4, 4))
	return max(longest, groupsLen(s, 0, 1, 12, 12))
}

// groupsLen is the length of so many groups of hexadecimal digits between
// separators, 0 where s does not begin with them.
func groupsLen(s string, sep byte, groups, least, most int) int {
	i := 0
	for g := range groups {
		if g > 0 {
			if i >= len(s) || s[i] != sep {
				return 0
			}
			i++
		}
		start := i
		for i < len(s) && i-start < most && isHex(s[i]) {
			i++
		}
		if i-start < least {
			return 0
		}
	}
	if i < len(s) && (isHex(s[i]) || s[i] == ':') {
		return 0 // runs on: not an address
	}
	return i
}

// classify tells what a word is.
func classify(t token) (token, error) {
	if c := t.text[0]; c >= '0' && c <= '9' {
		if done, err := number(&t); done || err != nil {
			return t, err
		}
	}
	if name, ok := words[t.text]; ok {
		t.kind, t.name = tokWord, name
		return t, nil
	}
	if v, ok := constants[t.text]; ok {
		t.kind, t.num = tokNumber, v
		return t, nil
	}
	t.kind, t.name = tokName, t.text
	return t, nil
}

// number recognises numbers (decimal, octal behind a 0, hexadecimal behind 0x)
// and dotted IPv4 addresses and networks.
func number(t *token) (done bool, err error) {
	s := t.text
	hex := len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X") && strings.TrimLeft(s[2:], "0123456789abcdefABCDEF") == ""
	switch {
	case hex || allDigits(s):
		v, err := strconv.ParseUint(s, 0, 32)
		if err != nil || !hex && len(s) > 1 && s[0] == '0' && strings.ContainsAny(s, "89") {
			return false, errorAt(*t, "not a number of 32 bits; behind a leading 0 it is octal")
		}
		t.kind, t.num = tokNumber, uint32(v)
		return true, nil
	case dotted(s):
		t.kind = tokIPv4
		return true, nil
	}
	return false, nil
}

// dotted reports whether s is two to four decimal numbers between dots.
func dotted(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 4 {
		return false
	}
	for _, p := range parts {
		if p == "" || !allDigits(p) {
			return false
		}
	}
	return true
}
