//go:build unix

package job

import (
	"os"
	"syscall"
)

// linked returns what all names of a file have in common, nil where it has one name alone.
func linked(info os.FileInfo) any {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() || stat.Nlink < 2 {
		return nil
	}
	return [2]uint64{uint64(stat.Dev), stat.Ino} //nolint:unconvert // another type on other systems
}
