package parquetfile

import "unicode/utf8"

// maxBound is the longest string bound written; longer ones are shortened.
const maxBound = 64

// shortenMin returns a string of at most maxBound bytes that is not greater.
func shortenMin(s []byte) []byte {
	if len(s) <= maxBound {
		return copyOf(s)
	}
	return copyOf(wholeRunes(s))
}

// shortenMax returns a string of at most maxBound bytes that is not smaller,
// where there is one.
func shortenMax(s []byte) []byte {
	if len(s) <= maxBound {
		return copyOf(s)
	}
	cut := copyOf(wholeRunes(s))
	for len(cut) > 0 {
		r, n := utf8.DecodeLastRune(cut)
		cut = cut[:len(cut)-n]
		if next := nextRune(r); next >= 0 {
			return utf8.AppendRune(cut, next)
		}
	}
	return copyOf(s)
}

// shortenRawMin and shortenRawMax do the same for bytes that are no text.
func shortenRawMin(b []byte) []byte { return copyOf(b[:min(len(b), maxBound)]) }

func shortenRawMax(b []byte) []byte {
	if len(b) <= maxBound {
		return copyOf(b)
	}
	for n := maxBound; n > 0; n-- {
		if b[n-1] < 0xff {
			cut := copyOf(b[:n])
			cut[n-1]++
			return cut
		}
	}
	return copyOf(b)
}

// copyOf returns a copy that is not nil even for an empty string: nil bounds
// mean that there is none.
func copyOf(s []byte) []byte { return append([]byte{}, s...) }

// wholeRunes cuts s at the last rune boundary within maxBound bytes, less the
// three by which a raised rune may be longer.
func wholeRunes(s []byte) []byte {
	n := maxBound - utf8.UTFMax + 1
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func nextRune(r rune) rune {
	switch {
	case r == 0xd7ff:
		return 0xe000 // over the surrogates
	case r >= utf8.MaxRune:
		return -1
	}
	return r + 1
}
