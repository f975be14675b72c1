package forward

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unacknowledged is how many bytes of a TCP connection the other side has not acknowledged.
func unacknowledged(conn net.Conn) (n int, known bool) {
	c, is := conn.(syscall.Conn)
	if !is {
		return 0, false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, false
	}
	var failed error
	err = raw.Control(func(fd uintptr) { n, failed = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) })
	return n, err == nil && failed == nil
}
