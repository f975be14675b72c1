//go:build !unix

package status

import "errors"

// unblock is not to be had: live mode runs on Linux alone.
func unblock(int) error { return errors.ErrUnsupported }
