package notify

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// manager is a socket as systemd has one.
func manager(t *testing.T, name string) (*net.UnixConn, func() string) {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, func() string {
		t.Helper()
		buffer := make([]byte, 4096)
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		return string(buffer[:n])
	}
}

func set(t *testing.T, socket, usec, pid string) {
	t.Helper()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", usec)
	t.Setenv("WATCHDOG_PID", pid)
}

func TestMessages(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "notify"), fmt.Sprintf("@pcapmill-notify-%d", os.Getpid())} {
		_, hear := manager(t, name)
		set(t, name, "", "")
		n, err := Open()
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		for _, c := range []struct {
			say  func() error
			want string
		}{
			{n.Ready, "READY=1"},
			{func() error { return n.Status("3 flows\nREADY=1\x00") }, "STATUS=3 flows READY=1 "},
			{n.Stopping, "STOPPING=1"},
			{n.Ready, "READY=1"},
		} {
			if err := c.say(); err != nil {
				t.Fatal(err)
			}
			if got := hear(); got != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		}
	}
}

func TestAStatusIsSaidOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	_, hear := manager(t, name)
	n, err := Dial(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for _, text := range []string{"a", "a", "a", "b"} {
		if err := n.Status(text); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := hear(), hear(); a != "STATUS=a" || b != "STATUS=b" {
		t.Errorf("%q, %q", a, b)
	}
}

// The watchdog hears nothing while the work stands still.
func TestWatch(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	conn, hear := manager(t, name)
	set(t, name, "2000", strconv.Itoa(os.Getpid()))
	n, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if n.watchdog != 2*time.Millisecond {
		t.Errorf("watchdog: %v", n.watchdog)
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan bool)
	ended := make(chan error, 1)
	go func() { ended <- n.Watch(ctx, func() bool { return <-asked }) }()
	for range 3 {
		asked <- true
		if got := hear(); got != "WATCHDOG=1" {
			t.Errorf("%q", got)
		}
	}
	asked <- false
	asked <- false
	conn.SetReadDeadline(time.Now())
	if k, err := conn.Read(make([]byte, 64)); err == nil {
		t.Errorf("%d bytes though it was not alive", k)
	}
	cancel()
	close(asked)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWithoutAManagerNothingHappens(t *testing.T) {
	set(t, "", "30000000", "")
	n, err := Open()
	if n != nil || err != nil {
		t.Fatalf("%v, %v", n, err)
	}
	for _, err := range []error{n.Ready(), n.Stopping(), n.Status("x"), n.Watch(t.Context(), nil), n.Close()} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestEnvironmentThatMakesNoSense(t *testing.T) {
	for _, c := range [][3]string{
		{"relative", "", ""},
		{"vsock:2:1234", "", ""},
		{"/nowhere/at/all", "", ""},
		{"/run", "soon", ""},
		{"/run", "0", ""},
		{"/run", "-5", ""},
		{"/run", "9223372036854775807", ""},
	} {
		set(t, c[0], c[1], c[2])
		if n, err := Open(); err == nil {
			t.Errorf("%q: %+v", c, n)
		}
	}
	if d, err := interval("30000000", "1"); d != 0 || err != nil {
		t.Errorf("another process's watchdog: %v, %v", d, err)
	}
}

// A manager that reads nothing must not hold the daemon up for ever.
func TestAManagerThatDoesNotRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	manager(t, name)
	n, err := Dial(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for range 100000 {
		if err := n.Ready(); err != nil {
			if !os.IsTimeout(err) && !strings.Contains(err.Error(), "timeout") {
				t.Error(err)
			}
			return
		}
	}
	t.Error("the queue has no end")
}
