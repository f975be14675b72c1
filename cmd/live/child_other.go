//go:build !linux

package live

import (
	"os"
	"syscall"
)

// rotateSignal ends a capture, which there is none of.
const rotateSignal = syscall.SIGTERM

func childAttributes() *syscall.SysProcAttr { return nil }

func signalOf(*os.ProcessState) int { return 0 }
