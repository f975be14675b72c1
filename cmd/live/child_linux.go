package live

import (
	"os"
	"syscall"
)

// rotateSignal asks capture for a new segment.
const rotateSignal = syscall.SIGUSR1

// childAttributes let a part end with us, and keep a terminal's signals from it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// signalOf returns the signal that ended a process, 0 for none.
func signalOf(p *os.ProcessState) int {
	if status, ok := p.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return int(status.Signal())
	}
	return 0
}
