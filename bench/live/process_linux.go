package live

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a program under test. What it says is kept, up to a limit.
type Process struct {
	cmd  *exec.Cmd
	said tail
	gone chan struct{}
	err  error
}

// Launch starts a program in the namespace.
func (w *World) Launch(name string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(name, args...), gone: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.WaitDelay = 5 * time.Second
	if err := w.Start(p.cmd); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.gone)
	}()
	return p, nil
}

// PID of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Said returns the last of what it wrote to both outputs.
func (p *Process) Said() string { return p.said.String() }

// Gone is closed when it has ended.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// Signal sends a signal; to one that has ended none is sent.
func (p *Process) Signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// Kill kills it and waits.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.gone
}

// Stop asks it to end and returns how long that took and its exit code. One that does not
// is killed after the time, which is an error.
func (p *Process) Stop(within time.Duration) (time.Duration, int, error) {
	begin := time.Now()
	p.Signal(syscall.SIGTERM)
	code, err := p.Wait(within)
	return time.Since(begin), code, err
}

// Wait waits for its end and returns its exit code, -1 after a signal. After the time it
// is killed, which is an error.
func (p *Process) Wait(within time.Duration) (int, error) {
	select {
	case <-p.gone:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-time.After(within):
		p.Kill()
		return -1, fmt.Errorf("%s does not end within %v: %s", filepath.Base(p.cmd.Path), within, p.Said())
	}
}

// CPU is the processor time that it took, once it has ended.
func (p *Process) CPU() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// CPUOf is the processor time that a running process has taken so far, in steps of 10 ms.
func CPUOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // of proc_pid_stat(5): from its third field on
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// Usage is what a running process holds.
type Usage struct {
	RSS         int64 // bytes
	Anonymous   int64 // of it, what is not the program's file or a ring
	Descriptors int
	Threads     int
}

// UsageOf reads it of any process.
func UsageOf(pid int) (u Usage, err error) {
	dir := "/proc/" + strconv.Itoa(pid)
	text, err := os.ReadFile(dir + "/status")
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		n, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		switch key {
		case "VmRSS":
			u.RSS, err = strconv.ParseInt(n, 10, 64)
			u.RSS <<= 10
		case "RssAnon":
			u.Anonymous, err = strconv.ParseInt(n, 10, 64)
			u.Anonymous <<= 10
		case "Threads":
			u.Threads, err = strconv.Atoi(n)
		}
		if err != nil {
			return u, err
		}
	}
	names, err := os.ReadDir(dir + "/fd")
	u.Descriptors = len(names)
	return u, err
}

// Children returns the processes that one has started and whose command line has a word.
func Children(pid int, word string) (children []int, err error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, task := range tasks {
		more, _ := os.ReadFile(task)
		text = append(text, more...)
	}
	for _, field := range strings.Fields(string(text)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			return nil, err
		}
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child))
		if bytes.Contains(append([]byte{0}, line...), []byte("\x00"+word+"\x00")) {
			children = append(children, child)
		}
	}
	return children, nil
}

// Until asks until the answer is yes, every 10 ms, or returns an error that says what for.
func Until(ctx context.Context, what string, ask func() bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ask() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// tail keeps the last bytes of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailBytes = 32 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - tailBytes; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
