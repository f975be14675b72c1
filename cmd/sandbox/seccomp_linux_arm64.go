//go:build !nounsafe

package sandbox

import "golang.org/x/sys/unix"

const (
	auditArch    = unix.AUDIT_ARCH_AARCH64
	foreignCalls = 0 // there are none
)

// deniedHere are calls that not every architecture has.
var deniedHere = []uint32{unix.SYS_KEXEC_FILE_LOAD}
