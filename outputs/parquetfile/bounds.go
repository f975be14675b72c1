package parquetfile

import (
	"bytes"
	"unicode/utf8"
)

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

func (c *stringValues) bounds() (lo, hi []byte) {
	lo, hi, any := c.pageBounds()
	if !any {
		return nil, nil
	}
	shortLo, shortHi := c.shorten(lo, hi)
	c.inexact = c.inexact || len(shortLo) != len(lo) || !bytes.Equal(shortHi, hi)
	if !c.any || bytes.Compare(shortLo, c.lo) < 0 {
		c.lo = append(c.lo[:0], shortLo...)
	}
	if !c.any || bytes.Compare(shortHi, c.hi) > 0 {
		c.hi = append(c.hi[:0], shortHi...)
	}
	c.any = true
	return shortLo, shortHi
}

// shorten returns bounds that are at most maxBound long, where there are such.
func (c *stringValues) shorten(lo, hi []byte) (shortLo, shortHi []byte) {
	if c.raw {
		return shortenRawMin(lo), shortenRawMax(hi)
	}
	return shortenMin(lo), shortenMax(hi)
}

// pageBounds looks at each word of a page once: stamps tells which were met.
func (c *stringValues) pageBounds() (lo, hi []byte, any bool) {
	if !c.indexd {
		return textBounds(c.text, c.lengths)
	}
	for len(c.stamps) < c.words.len() {
		c.stamps = append(c.stamps, -1)
	}
	page := int32(c.pages)
	for _, i := range c.indexes {
		if c.stamps[i] == page {
			continue
		}
		c.stamps[i] = page
		word := c.words.word(i)
		if !any || bytes.Compare(word, lo) < 0 {
			lo = word
		}
		if !any || bytes.Compare(word, hi) > 0 {
			hi = word
		}
		any = true
	}
	return lo, hi, any
}

func textBounds(text []byte, lengths []int32) (lo, hi []byte, any bool) {
	for _, n := range lengths {
		word := text[:n:n]
		text = text[n:]
		if !any || bytes.Compare(word, lo) < 0 {
			lo = word
		}
		if !any || bytes.Compare(word, hi) > 0 {
			hi = word
		}
		any = true
	}
	return lo, hi, any
}
