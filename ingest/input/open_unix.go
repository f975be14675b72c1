//go:build unix

package input

import "syscall"

// openNoWait keeps the opening of what has become a pipe from waiting for a
// writer. It means nothing for regular files.
const openNoWait = syscall.O_NONBLOCK
