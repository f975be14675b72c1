//go:build !nounsafe

package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What a sandbox took cannot be given back, so each test of one starts this test binary
// anew: the child closes itself, tries what it is told to, and says what came of it.

const childVariable = "PCAPMILL_SANDBOX_CHILD"

// order is what a child has to do.
type order struct {
	Config  Config
	Capture bool
	Tries   []try
	Unit    bool // under a filter as of a systemd unit, which has no capset
	Spin    bool // goroutines that only a signal between threads can stop
}

// try is one deed by name and what it is done to.
type try struct{ What, To string }

// answer is what came of it: "ok", or the name of the error.
type answer struct {
	Report  Report
	Err     string
	Results []string
	Threads []string // /proc/self/task/*/status: what differs from a closed thread
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		child(text)
	}
	os.Exit(m.Run())
}

func child(text string) {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stay := occupy(8)
	enter := Analysis
	if o.Capture {
		enter = Capture
	}
	if o.Unit {
		forbidCapset()
	}
	var a answer
	var err error
	if a.Report, err = enter(o.Config); err != nil {
		a.Err = err.Error()
	}
	if o.Spin {
		spin()
	}
	if len(a.Report.Missing) > 0 {
		o.Tries = nil // a test about guards that are not there
	}
	for _, t := range o.Tries {
		a.Results = append(a.Results, stay.everywhere(t))
	}
	a.Threads = threads()
	json.NewEncoder(os.Stdout).Encode(a)
	os.Exit(0)
}

func forbidCapset() {
	program, err := assemble(append(append([]bpf.Instruction{bpf.LoadAbsolute{Off: dataCall, Size: 4}}, on(unix.SYS_CAPSET, refuse)...), allow))
	if err := errors.Join(err, noNewPrivs(), setFilter(program)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// crew is goroutines that each had a thread to itself before the sandbox closed.
type crew struct {
	jobs    []chan try
	results chan string
}

func occupy(n int) *crew {
	c := &crew{results: make(chan string)}
	var ready sync.WaitGroup
	for range n {
		jobs := make(chan try)
		c.jobs = append(c.jobs, jobs)
		ready.Add(1)
		go func() {
			runtime.LockOSThread()
			ready.Done()
			for t := range jobs {
				c.results <- do(t)
			}
		}()
	}
	ready.Wait()
	return c
}

// everywhere does one deed on every thread of the crew and on one more; all must fare alike.
func (c *crew) everywhere(t try) string {
	want := do(t)
	for _, jobs := range c.jobs {
		jobs <- t
		if got := <-c.results; got != want {
			return fmt.Sprintf("%s on one thread, %s on another", want, got)
		}
	}
	return want
}

// spin makes the collector stop goroutines that never call a function.
func spin() {
	var stop, done sync.WaitGroup
	flags := make([]int, 4)
	for i := range flags {
		done.Add(1)
		stop.Add(1)
		go func() {
			stop.Done()
			for n := 0; n < 1<<28; n++ {
				flags[i] += n & 1
			}
			done.Done()
		}()
	}
	stop.Wait()
	for range 20 {
		runtime.GC()
	}
	done.Wait()
}

func do(t try) string {
	err := deeds[t.What](t.To)
	var errno syscall.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

var deeds = map[string]func(to string) error{
	"read":    func(to string) error { _, err := os.ReadFile(to); return err },
	"list":    func(to string) error { _, err := os.ReadDir(to); return err },
	"write":   func(to string) error { return os.WriteFile(to, []byte("x"), 0o600) },
	"append":  func(to string) error { f, err := os.OpenFile(to, os.O_APPEND|os.O_WRONLY, 0); f.Close(); return err },
	"cut":     func(to string) error { return os.Truncate(to, 0) },
	"remove":  os.Remove,
	"link":    func(to string) error { return os.Symlink("/etc/passwd", to) },
	"publish": publish,
	"replace": func(to string) error { return os.Rename(to+".new", to) },
	"dial":    func(to string) error { return dial("tcp", to) },
	"abstract": func(to string) error {
		return dial("unix", to)
	},
	"listen": func(to string) error {
		l, err := net.Listen("tcp", to)
		if err == nil {
			l.Close()
		}
		return err
	},
	"udp":     func(string) error { return socket(unix.AF_INET, unix.SOCK_DGRAM, 0) },
	"tcp":     func(string) error { return socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0) },
	"mptcp":   func(string) error { return socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP) },
	"raw":     func(string) error { return socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP) },
	"packet":  func(string) error { return socket(unix.AF_PACKET, unix.SOCK_RAW, 0) },
	"netlink": func(string) error { return socket(unix.AF_NETLINK, unix.SOCK_RAW, 0) },
	"unix":    func(string) error { return socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0) },
	"vsock":   func(string) error { return socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0) },
	"ptrace":  func(string) error { return seize(os.Getppid()) },
	"signal":  func(string) error { return syscall.Kill(os.Getppid(), 0) },
	"self":    func(string) error { return syscall.Kill(os.Getpid(), 0) },
	"exec":    func(to string) error { return exec.Command(to).Run() },
	"become":  func(to string) error { return syscall.Exec(to, []string{to}, nil) },
	"mount":   func(to string) error { return syscall.Mount("none", to, "tmpfs", 0, "") },
	"unshare": func(string) error { return syscall.Unshare(unix.CLONE_NEWUSER) },
	"uring":   func(string) error { _, _, e := syscall.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0); return e },
	"type":    func(string) error { return unix.IoctlSetInt(2, unix.TIOCSTI, 0) },
	"mknod":   func(to string) error { return unix.Mkfifo(to, 0o600) },
	"host":    func(string) error { return syscall.Sethostname([]byte("x")) },
	"again":   func(string) error { _, err := Analysis(Config{Read: []string{"/"}}); return err },
}

// publish does as the writers of tables: a temporary file, made durable, renamed into
// another folder.
func publish(to string) error {
	if err := os.MkdirAll(filepath.Join(to, "deep", "er"), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(to, ".part-")
	if err != nil {
		return err
	}
	_, err = f.WriteString("rows")
	name := filepath.Join(to, "deep", "er", "part")
	return errors.Join(err, f.Sync(), f.Close(), os.Rename(f.Name(), name), os.Remove(name), os.RemoveAll(filepath.Join(to, "deep")))
}

// seize attaches to a process without stopping it, and lets go.
func seize(pid int) error {
	_, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(pid), 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return syscall.PtraceDetach(pid)
}

func dial(network, to string) error {
	c, err := net.Dial(network, to)
	if err == nil {
		c.Close()
	}
	return err
}

func socket(family, kind, protocol int) error {
	fd, err := unix.Socket(family, kind, protocol)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// threads lists the distinct states of all threads.
func threads() []string {
	seen := map[string]bool{}
	var out []string
	names, _ := filepath.Glob("/proc/self/task/*/status")
	for _, name := range names {
		text, _ := os.ReadFile(name)
		var state []string
		for line := range strings.Lines(string(text)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			switch key {
			case "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp":
				state = append(state, key+"="+strings.TrimLeft(strings.TrimSpace(value), "0"))
			}
		}
		if s := strings.Join(state, " "); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
