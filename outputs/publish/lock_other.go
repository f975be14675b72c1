//go:build !windows && !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd

package publish

import "os"

// lockFile reports that this system has no lock that ends with its process.
func lockFile(*os.File) error { return ErrNoLocks }
