//go:build unix

package status

import "syscall"

// unblock makes writes to a descriptor that has no room end.
func unblock(descriptor int) error { return syscall.SetNonblock(descriptor, true) }
