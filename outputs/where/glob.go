package where

import (
	"unicode/utf8"
)

// Glob is a pattern for a whole text: * stands for any characters or none, ? for
// one, a backslash takes the next one as it is.
type Glob []rune

// The pattern's signs, where they are not meant as characters.
const (
	anyRunes rune = -1
	oneRune  rune = -2
)

// NewGlob reads a pattern; there is none that it refuses.
func NewGlob(pattern string) Glob {
	var g Glob
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == '*':
			r = anyRunes
		case r == '?':
			r = oneRune
		}
		if r == anyRunes && len(g) > 0 && g[len(g)-1] == anyRunes {
			continue
		}
		g = append(g, r)
	}
	if escaped {
		g = append(g, '\\')
	}
	return g
}

// Match reports whether the pattern is that of the whole text. It goes back to the last * only: an earlier one has nothing to gain from
// taking more.
func (g Glob) Match(s []byte) bool {
	at, star := 0, -1
	var resume []byte // what the last * has not taken yet
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		switch {
		case at < len(g) && g[at] == anyRunes:
			star, resume = at, s
			at++
		case at < len(g) && (g[at] == oneRune || g[at] == r):
			s = s[size:]
			at++
		case star >= 0:
			_, size = utf8.DecodeRune(resume)
			resume = resume[size:]
			s, at = resume, star+1
		default:
			return false
		}
	}
	return at == len(g) || at == len(g)-1 && g[at] == anyRunes
}
