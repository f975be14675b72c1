//go:build linux || darwin

package job

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// usage returns this process's CPU times in ns and peak resident size in bytes.
func usage() (user, system, rss int64) {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0, 0, 0
	}
	rss = u.Maxrss
	if runtime.GOOS == "linux" {
		rss *= 1024 // KiB there, bytes on darwin
	}
	return u.Utime.Nano(), u.Stime.Nano(), rss
}

// kernel names the running kernel.
func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
}
