//go:build !unix

package input

// openNoWait is a flag that only unix needs.
const openNoWait = 0
