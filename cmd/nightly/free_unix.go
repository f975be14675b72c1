//go:build linux || darwin || freebsd

package nightly

import "golang.org/x/sys/unix"

// freeSpace returns how many bytes an ordinary user can still write to a folder's file system.
func freeSpace(folder string) (bytes int64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // other types elsewhere
}
