//go:build !nounsafe

package sandbox

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Credentials, Landlock domains and no_new_privs belong to a thread, and Go moves
// goroutines between threads: each call here is made by all of them. Pointers are to
// memory that the kernel reads during the call, hence unsafe; nothing is kept.

// prctl is prctl(2) on all threads.
func prctl(option int, arg2, arg3 uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, uintptr(option), arg2, arg3, 0, 0, 0)
	return errorOf(errno)
}

// capset is capset(2) on all threads. The kernel takes the two halves of each set.
func capset(effective uint64) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	halves := [2]unix.CapUserData{
		{Effective: uint32(effective), Permitted: uint32(effective)},
		{Effective: uint32(effective >> 32), Permitted: uint32(effective >> 32)},
	}
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&halves)), 0)
	return errorOf(errno)
}

// capget returns the permitted set of the calling thread.
func capget() (uint64, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var halves [2]unix.CapUserData
	if err := unix.Capget(&header, &halves[0]); err != nil {
		return 0, err
	}
	return uint64(halves[1].Permitted)<<32 | uint64(halves[0].Permitted), nil
}

// restrictSelf is landlock_restrict_self(2) on all threads.
func restrictSelf(ruleset int) error {
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(ruleset), 0, 0)
	return errorOf(errno)
}

// rulesetAttr is struct landlock_ruleset_attr of ABI 6; older kernels take it where
// what they do not know is zero.
type rulesetAttr struct{ files, ports, scopes uint64 }

// createRuleset is landlock_create_ruleset(2).
func createRuleset(attr rulesetAttr) (int, error) {
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	return int(fd), errorOf(errno)
}

// askLandlock returns the ABI or the errata, as flag says.
func askLandlock(flag uintptr) (int, error) {
	n, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, flag)
	return int(n), errorOf(errno)
}

// allowBelow adds a path, open as fd, to a ruleset.
func allowBelow(ruleset, fd int, access uint64) error {
	attr := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&attr)), 0, 0, 0)
	return errorOf(errno)
}

// allowPort adds a TCP port to a ruleset.
func allowPort(ruleset int, port uint16, access uint64) error {
	const rulePort = 2 // LANDLOCK_RULE_NET_PORT
	attr := struct{ access, port uint64 }{access, uint64(port)}
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), rulePort, uintptr(unsafe.Pointer(&attr)), 0, 0, 0)
	return errorOf(errno)
}

// setFilter installs a seccomp program for all threads, which the kernel does at once.
func setFilter(program []unix.SockFilter) error {
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(program)
	if errno == 0 && thread != 0 {
		return unix.EBUSY // a thread has another filter
	}
	return errorOf(errno)
}

func errorOf(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}
