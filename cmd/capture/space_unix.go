//go:build linux || darwin

package capture

import "golang.org/x/sys/unix"

// diskSpace returns what an ordinary user may still write to the file system of a folder,
// and its size, in bytes.
func diskSpace(dir string) (free, size int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil
}
