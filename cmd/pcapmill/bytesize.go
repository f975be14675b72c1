package main

import (
	"fmt"
	"strconv"
)

// byteSize is an amount of memory on the command line.
type byteSize int64

// UnmarshalText reads an amount with its unit, or 0.
func (b *byteSize) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*b = 0
		return nil
	}
	n, err := byteCount(string(text))
	if err != nil {
		return fmt.Errorf("%q is no amount of memory: want one with its unit, as 96B, 512MiB or 4GiB, or 0", text)
	}
	*b = byteSize(n)
	return nil
}

// MarshalText is the inverse.
func (b byteSize) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String writes the amount in the largest binary unit that it is a whole number of.
func (b byteSize) String() string {
	if b == 0 {
		return "0"
	}
	for i := 3; i >= 0; i-- {
		if u := byteUnits[i]; int64(b)%u.factor == 0 {
			return strconv.FormatInt(int64(b)/u.factor, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(b), 10) + "B"
}
