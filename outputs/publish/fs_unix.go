//go:build unix

package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func chmodDir(h *os.File) error { return h.Chmod(dirMode) }

// syncDir syncs an open folder. Some file systems (of some FUSE and network kinds)
// have no such call and say EINVAL or ENOTSUP; there is nothing more to do there.
func syncDir(h *os.File) error {
	err := h.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}

// ownerProblem says why a folder's owner rules it out, or "".
func ownerProblem(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(stat.Uid) != os.Geteuid() {
		return fmt.Sprintf("it belongs to user %d, this process runs as %d", stat.Uid, os.Geteuid())
	}
	return ""
}
