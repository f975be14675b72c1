//go:build !linux

package forward

import "net"

// unacknowledged is not known on this system.
func unacknowledged(net.Conn) (n int, known bool) { return 0, false }
