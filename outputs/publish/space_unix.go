//go:build linux || darwin || freebsd

package publish

import "golang.org/x/sys/unix"

// Space returns what an ordinary user may still write to the file system of a folder, and its size,
// in bytes. Errors are the system's.
func Space(dir string) (free, size int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	block := int64(s.Bsize) //nolint:unconvert // another type elsewhere, as those of blocks
	return int64(s.Bavail) * block, int64(s.Blocks) * block, nil
}
