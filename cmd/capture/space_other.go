//go:build !linux && !darwin

package capture

import "errors"

// diskSpace is not known here.
func diskSpace(string) (free, size int64, err error) {
	return 0, 0, errors.New("free space is not asked for on this system")
}
