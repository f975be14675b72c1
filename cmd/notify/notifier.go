package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Notifier speaks to the manager. The zero value and nil speak to nobody. Its methods
// may be called from any goroutine.
type Notifier struct {
	conn     *net.UnixConn
	watchdog time.Duration // within which the manager wants to hear, 0 never

	mu   sync.Mutex
	said string // the last status: the same is not sent again
}

// Open reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID, which the manager sets.
// Without a socket the Notifier is nil, which is fine to use.
func Open() (*Notifier, error) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil, nil
	}
	watchdog, err := interval(os.Getenv("WATCHDOG_USEC"), os.Getenv("WATCHDOG_PID"))
	if err != nil {
		return nil, err
	}
	return Dial(name, watchdog)
}

// Dial connects to a manager's socket: an absolute path, or an abstract name after "@".
// The watchdog is the time within which it wants to hear of us, 0 where it does not care.
func Dial(name string, watchdog time.Duration) (*Notifier, error) {
	if name == "" || name[0] != '/' && name[0] != '@' {
		return nil, fmt.Errorf("NOTIFY_SOCKET=%q is neither a path nor an abstract name", name)
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("reaching the service manager: %w", err)
	}
	return &Notifier{conn: conn, watchdog: watchdog}, nil
}

// interval reads the watchdog's time. It is meant for us where the PID is ours or not given.
func interval(usec, pid string) (time.Duration, error) {
	if usec == "" || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0, nil
	}
	n, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || n <= 0 || n > int64(24*time.Hour/time.Microsecond)*365 {
		return 0, fmt.Errorf("WATCHDOG_USEC=%q is no number of microseconds", usec)
	}
	return time.Duration(n) * time.Microsecond, nil
}

// Ready says that the daemon is up.
func (n *Notifier) Ready() error { return n.send("READY=1") }

// Stopping says that it is on the way down.
func (n *Notifier) Stopping() error { return n.send("STOPPING=1") }

// Status sets the line that systemctl status shows. The text must be escaped already;
// ends of lines, which would begin another message, become spaces.
func (n *Notifier) Status(text string) error {
	if n == nil || n.conn == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	text = strings.Map(oneLine, text)
	if text == n.said {
		return nil
	}
	err := n.send("STATUS=" + text)
	if err == nil {
		n.said = text
	}
	return err
}

func oneLine(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// Watch says at half the watchdog's interval that the daemon is alive, as long as alive
// says so, until ctx ends. It returns at once where nobody wants to know. Alive must be
// quick, and true only if the work itself goes on: a ticker of its own proves nothing.
func (n *Notifier) Watch(ctx context.Context, alive func() bool) error {
	if n == nil || n.conn == nil || n.watchdog == 0 {
		return nil
	}
	tick := time.NewTicker(n.watchdog / 2)
	defer tick.Stop()
	for {
		if alive() {
			if err := n.send("WATCHDOG=1"); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Close ends the connection.
func (n *Notifier) Close() error {
	if n == nil || n.conn == nil {
		return nil
	}
	return n.conn.Close()
}

// sendTime bounds how long a manager that does not read holds us up.
const sendTime = time.Second

func (n *Notifier) send(message string) error {
	if n == nil || n.conn == nil {
		return nil
	}
	err := n.conn.SetWriteDeadline(time.Now().Add(sendTime))
	if err == nil {
		_, err = n.conn.Write([]byte(message))
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("telling the service manager: %w", err)
	}
	return err
}
