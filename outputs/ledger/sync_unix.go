//go:build unix

package ledger

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// syncFolder makes the names in a folder durable. Some file systems have no such call.
func syncFolder(dir string) error {
	h, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder of ledger: %w", err)
	}
	defer h.Close()
	err = h.Sync()
	if err == nil || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return fmt.Errorf("sync folder of ledger: %w", err)
}
