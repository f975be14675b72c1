package live

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// closedAs reads what the kernel says of a process: its effective capabilities, and whether
// it gave up new ones and calls.
func closedAs(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), ":"); key {
		case "CapEff", "CapPrm", "NoNewPrivs", "Seccomp":
			out = append(out, key+" "+strings.TrimLeft(strings.TrimSpace(value), "0"))
		}
	}
	return strings.Join(out, ", ")
}

// The parts that live starts are closed: capture has CAP_NET_RAW alone, analysis nothing. One
// that is killed is started again, and the tables at the end are those of the segments.
func TestPartsOfLive(t *testing.T) {
	r := newRig(t)
	p := r.launch("live", "-i", "vb", "-o", r.out, "--rotate", "500p", "--checkpoint-every", "100ms")
	part := func(name string, not int) (pid int) {
		r.until(name, p, func() bool {
			children, err := Children(p.PID(), name)
			if err != nil || len(children) != 1 || children[0] == not {
				return false
			}
			pid = children[0]
			return strings.Contains(closedAs(t, pid), "Seccomp 2")
		})
		return pid
	}
	stop := r.keepSending(5000)
	const raw = "CapPrm 2000, CapEff 2000, NoNewPrivs 1, Seccomp 2" // 1 << 13
	const none = "CapPrm , CapEff , NoNewPrivs 1, Seccomp 2"
	capture, analysis := part("capture", 0), part("analyse", 0)
	if got := closedAs(t, capture); got != raw {
		t.Errorf("capture: %s", got)
	}
	if got := closedAs(t, analysis); got != none {
		t.Errorf("analysis: %s", got)
	}
	r.until("a table", p, func() bool {
		commits, err := WholeTables(r.out)
		return err != nil || commits > 0
	})
	_ = syscall.Kill(capture, syscall.SIGKILL)
	_ = syscall.Kill(analysis, syscall.SIGKILL)
	part("capture", capture)
	part("analyse", analysis)
	r.until("another session", p, func() bool { return r.recorded().Sessions > 1 })
	stop()
	r.arrived()
	took, _, err := p.Stop(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	rows := r.offline()
	t.Logf("ended within %v, %d segments, %d rows", took.Round(time.Millisecond), len(r.recorded().Segments), rows)
}

// Closed as they are, the parts still agree on what may be deleted; and when the one that started
// them is killed, both end, which is when nobody would look after them.
func TestReleasedSegmentsGo(t *testing.T) {
	r := newRig(t)
	p := r.launch("live", "-i", "vb", "-o", r.out, "--rotate", "500p", "--checkpoint-every", "100ms", "--keep-segments", "none")
	stop := r.keepSending(5000)
	first := filepath.Join(r.seg, "segment-0000000001.pcapng")
	r.until("the first segment", p, func() bool { _, err := os.Stat(first); return err == nil })
	r.until("its end", p, func() bool { _, err := os.Stat(first); return err != nil })
	stop()
	var pids []int
	for _, name := range []string{"capture", "analyse"} {
		children, err := Children(p.PID(), name)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, children...)
	}
	_ = syscall.Kill(p.PID(), syscall.SIGKILL)
	for _, pid := range pids {
		for end := time.Now().Add(time.Minute); syscall.Kill(pid, 0) == nil; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d lives on", pid)
			}
		}
	}
}

// A service manager hears that a part is ready and alive.
func TestPartsTellTheServiceManager(t *testing.T) {
	r := newRig(t)
	name := filepath.Join(r.dir, "notify")
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "100000")
	hear := func(want ...string) {
		t.Helper()
		manager.SetReadDeadline(time.Now().Add(time.Minute))
		for len(want) > 0 {
			buffer := make([]byte, 4096)
			n, err := manager.Read(buffer)
			if err != nil {
				t.Fatalf("waiting for %q: %v", want, err)
			}
			for i, w := range want {
				if strings.HasPrefix(string(buffer[:n]), w) {
					want = append(want[:i], want[i+1:]...)
					break
				}
			}
		}
	}
	p := r.capture("--rotate", "1s")
	hear("READY=1", "STATUS=segment ", "WATCHDOG=1")
	a := r.analyse("--follow")
	hear("READY=1", "WATCHDOG=1")
	r.stop(p)
	hear("STOPPING=1")
	r.stop(a)
	hear("STOPPING=1")
}
