//go:build !nounsafe

package live

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Package unsafe is needed here for two things: numbers in the ring that the kernel writes
// while we read them, which only atomic operations may do, and ioctls whose argument is a
// pointer in a structure.

// shared returns a number in memory shared with the kernel. The offset must be a multiple of 4
// within mem, and mem begin at one, as mapped memory does.
func shared(mem []byte, at int) *uint32 { return (*uint32)(unsafe.Pointer(&mem[at : at+4 : at+4][0])) }

func loadShared(mem []byte, at int) uint32 { return atomic.LoadUint32(shared(mem, at)) }

func storeShared(mem []byte, at int, v uint32) { atomic.StoreUint32(shared(mem, at), v) }

// ethtoolRequest is struct ifreq with a pointer.
type ethtoolRequest struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [24 - unsafe.Sizeof(uintptr(0))]byte
}

// ethtool fills value, which begins with the number of a command of linux/ethtool.h and has
// the size that the command asks for.
func ethtool(fd int, name string, value []uint32) error {
	request := ethtoolRequest{data: unsafe.Pointer(&value[0])}
	if len(name) >= len(request.name) {
		return unix.ENODEV
	}
	copy(request.name[:], name)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return errno
	}
	return nil
}

// attach gives a socket a filter, in the place of the one that it has.
func attach(fd int, program []bpf.RawInstruction) error {
	filters := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filters[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]})
}
