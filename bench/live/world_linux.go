package live

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrNoWorld is wrapped where the system gives us no namespace to measure in.
var ErrNoWorld = errors.New("no network namespace to be had")

// World is a network namespace. One thread is in it, which all that happens there is done
// by; with that thread and the programs that it started the namespace ends, whatever
// becomes of us.
type World struct {
	jobs chan func()
	done chan struct{}
}

// NewWorld makes a namespace with nothing in it but loopback. Close ends it.
func NewWorld() (*World, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("%w: root is needed", ErrNoWorld)
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return nil, fmt.Errorf("%w: ip(8) is needed (iproute2)", ErrNoWorld)
	}
	w := &World{jobs: make(chan func()), done: make(chan struct{})}
	entered := make(chan error)
	go w.live(entered)
	if err := <-entered; err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoWorld, err)
	}
	if err := w.IP("link set lo up"); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// live does what it is given, in the namespace. The thread is never unlocked, so that Go
// ends it.
func (w *World) live(entered chan<- error) {
	runtime.LockOSThread()
	defer close(w.done)
	err := unix.Unshare(unix.CLONE_NEWNET)
	entered <- err
	if err != nil {
		return
	}
	for job := range w.jobs {
		job()
	}
}

// Do runs f in the namespace. What f starts must not be other goroutines.
func (w *World) Do(f func() error) error {
	result := make(chan error)
	w.jobs <- func() { result <- f() }
	return <-result
}

// Close ends the namespace, and programs started in it.
func (w *World) Close() {
	close(w.jobs)
	<-w.done
}

// Start starts a program in the namespace. It is killed when the namespace is closed.
func (w *World) Start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return w.Do(cmd.Start)
}

// IP runs ip(8) in the namespace, with words divided by blanks.
func (w *World) IP(words string) error {
	_, err := w.ask(words)
	return err
}

func (w *World) ask(words string) (string, error) {
	cmd := exec.Command("ip", strings.Fields(words)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := w.Start(cmd); err != nil {
		return "", err
	}
	if err := cmd.Wait(); err != nil {
		return "", fmt.Errorf("ip %s: %w: %s", words, err, bytes.TrimSpace(out.Bytes()))
	}
	return out.String(), nil
}

// Carry waits until an interface carries frames. The kernel takes up to a second for that
// after both ends of a cable are up, and throws away what is sent before.
func (w *World) Carry(ctx context.Context, name string) error {
	var err error
	waited := Until(ctx, name+" to carry frames", func() bool {
		var text string
		text, err = w.ask("-o link show " + name)
		return err != nil || strings.Contains(text, " state UP ")
	})
	return errors.Join(err, waited)
}

// mtu lets through any frame that a capture can have.
const mtu = 65535

// Pair adds two interfaces that are the ends of one cable, up. There is nothing on it but
// what a test sends: no addresses, no neighbour discovery.
func (w *World) Pair(a, b string) error {
	err := w.IP(fmt.Sprintf("link add %s mtu %d type veth peer name %s mtu %d", a, mtu, b, mtu))
	for _, name := range []string{a, b} {
		err = errors.Join(err, w.IP("link set "+name+" addrgenmode none"), w.IP("link set "+name+" arp off"), w.IP("link set "+name+" up"))
	}
	if err != nil && strings.Contains(err.Error(), "Unknown device type") {
		return fmt.Errorf("%w: this kernel has no veth: %w", ErrNoWorld, err)
	}
	return err
}

// Counts are an interface's own.
type Counts struct {
	Received, ReceiveDrops, Sent, SendDrops uint64
}

// Counts reads the counters of an interface of the namespace.
func (w *World) Counts(name string) (c Counts, err error) {
	err = w.Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/dev")
		if err != nil {
			return err
		}
		c, err = countsOf(text, name)
		return err
	})
	return c, err
}

// countsOf reads a table of proc_net_dev(5): behind the name bytes, packets, errors, drops
// and four more of what was received, then the same of what was sent.
func countsOf(text []byte, name string) (c Counts, err error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		found, rest, ok := strings.Cut(strings.TrimSpace(lines.Text()), ":")
		fields := strings.Fields(rest)
		if !ok || found != name || len(fields) < 12 {
			continue
		}
		for to, at := range map[*uint64]int{&c.Received: 1, &c.ReceiveDrops: 3, &c.Sent: 9, &c.SendDrops: 11} {
			if *to, err = strconv.ParseUint(fields[at], 10, 64); err != nil {
				return c, err
			}
		}
		return c, nil
	}
	return c, fmt.Errorf("no interface %s in the namespace", name)
}
