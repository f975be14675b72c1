//go:build linux || darwin

package measure

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Usage returns this process's CPU time in seconds and peak resident size in bytes.
func Usage() (cpu float64, rss int64) {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	rss = u.Maxrss
	if runtime.GOOS == "linux" {
		rss *= 1024 // KiB there, bytes on darwin
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9, rss
}
