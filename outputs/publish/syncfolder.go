package publish

import (
	"errors"
	"fmt"
	"os"
)

// SyncFolder makes the names in a folder durable, where its file system has a call for that.
func SyncFolder(dir string) error {
	h, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(syncDir(h), h.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
