package main

import (
	"fmt"

	"pcapmill/outputs/text"
)

// byteSize is an amount of memory on the command line.
type byteSize int64

// UnmarshalText reads an amount with its unit, or 0.
func (b *byteSize) UnmarshalText(value []byte) error {
	n, ok := text.ParseBytes(string(value))
	if !ok && string(value) != "0" {
		return fmt.Errorf("%q is no amount of memory: want one with its unit, as 96B, 512MiB or 4GiB, or 0", value)
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
	return text.FormatBytes(int64(b))
}
