package live

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pcapmill/cmd/job"
)

// childPart makes this test binary a part of live mode, by the words of its arguments.
const childPart = "TEST_PART"

// playPart is a part that does as its arguments say: "waits" for SIGTERM, having made FILE where that is
// said, "ends FILE" once FILE is there, "drains" its standard input, "deaf" to SIGTERM, "dies FILE" the
// first time, when FILE is not there.
func playPart(args []string) int {
	terms := make(chan os.Signal, 8)
	signal.Notify(terms, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1)
	fmt.Fprintln(os.Stderr, "began", strings.Join(args, " "))
	drained := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
		close(drained)
	}()
	if args[0] == "dies" {
		if f, err := os.OpenFile(args[1], os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			f.Close()
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		args = args[2:]
	}
	if args[0] == "waits" && len(args) > 1 {
		_ = os.WriteFile(args[1], nil, 0o600)
	}
	for {
		select {
		case s := <-terms:
			fmt.Fprintln(os.Stderr, args[0], "got", s)
			if s == syscall.SIGTERM && args[0] == "waits" {
				return 0
			}
		case <-drained:
			if args[0] == "drains" {
				fmt.Fprintln(os.Stderr, "drained")
				return 0
			}
			drained = nil
		case <-ends(args):
			if _, err := os.Stat(args[1]); err == nil {
				return 3
			}
		}
	}
}

func ends(args []string) <-chan time.Time {
	if args[0] == "ends" {
		return time.After(10 * time.Millisecond)
	}
	return nil
}

// told gathers lines.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (s *told) say(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *told) Write(b []byte) (int, error) {
	s.say(strings.TrimSpace(string(b)))
	return len(b), nil
}

func (s *told) count(part string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.lines {
		if strings.Contains(line, part) {
			n++
		}
	}
	return n
}

// until waits for so many lines, for a minute at most.
func (s *told) until(t *testing.T, n int, part string) {
	t.Helper()
	for range 6000 {
		if s.count(part) >= n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not %d lines with %q in %q", n, part, s.lines)
}

func supervised(t *testing.T, capture, analysis string) (*Supervisor, *told) {
	t.Helper()
	t.Setenv(childPart, "1")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	said := new(told)
	return &Supervisor{
		Program: self, Parts: Parts{Capture: strings.Fields(capture), Analysis: strings.Fields(analysis)},
		Log: slog.New(slog.NewTextHandler(said, nil)), Said: said.say, Errors: os.Stderr,
	}, said
}

// TestStopsInOrder: capture is told first; analysis then sees that no more will come.
func TestStopsInOrder(t *testing.T) {
	s, said := supervised(t, "waits", "drains")
	hangup, rotate := make(chan struct{}, 1), make(chan struct{}, 1)
	s.Hangup, s.Rotate = hangup, rotate
	ctx, cancel := context.WithCancel(context.Background())
	code := make(chan int)
	go func() { code <- s.Run(ctx) }()
	said.until(t, 1, "began waits")
	said.until(t, 1, "began drains")
	hangup <- struct{}{}
	said.until(t, 1, "drains got hangup")
	rotate <- struct{}{}
	said.until(t, 1, "waits got user defined signal 1")
	if said.count("drained") > 0 {
		t.Error("analysis was drained while capture goes on")
	}
	cancel()
	if c := <-code; c != 0 {
		t.Error("exit code", c)
	}
	if said.count("waits got terminated") != 1 || said.count("drained") != 1 || said.count("drains got terminated") != 0 {
		t.Errorf("%q", said.lines)
	}
}

// TestDeafParts are killed.
func TestDeafParts(t *testing.T) {
	s, said := supervised(t, "deaf", "deaf")
	ctx, cancel := context.WithCancel(context.Background())
	code := make(chan int)
	go func() { code <- s.Run(ctx) }()
	said.until(t, 2, "began deaf") // before that a signal ends them
	cancel()
	if c := <-code; c != job.ExitInternal || said.count("killed") < 2 {
		t.Errorf("exit code %d, %q", c, said.lines)
	}
}

// TestStartedAgain: a part that dies is started again; the other does not notice.
func TestStartedAgain(t *testing.T) {
	for _, dies := range []string{"capture", "analysis"} {
		mark := filepath.Join(t.TempDir(), "mark")
		capture, analysis := "dies "+mark+" waits", "drains"
		if dies == "analysis" {
			capture, analysis = "waits", "dies "+mark+" drains"
		}
		s, said := supervised(t, capture, analysis)
		ctx, cancel := context.WithCancel(context.Background())
		code := make(chan int)
		go func() { code <- s.Run(ctx) }()
		said.until(t, 1, dies+" was ended by signal 9")
		said.until(t, 3, "began") // both, and one of them again
		cancel()
		if c := <-code; c != 0 || said.count("began") != 3 {
			t.Errorf("%s: exit code %d, %q", dies, c, said.lines)
		}
	}
}

// TestNeverStarts: what ends with an error as soon as it was started is not started again, and takes
// the other with it.
func TestNeverStarts(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark") // of a part that signals do not end any more
	for _, parts := range [][2]string{{"ends " + os.DevNull, "drains"}, {"waits " + mark, "ends " + mark}} {
		s, said := supervised(t, parts[0], parts[1])
		s.soon = time.Minute // of a machine that is busy
		if code := s.Run(context.Background()); code != 3 || said.count("began") != 2 {
			t.Errorf("%v: exit code %d, %q", parts, code, said.lines)
		}
	}
}

// TestTimeIsUp: a capture whose time is over is not started again though it ends with a code, as it does
// with --fail-on-loss.
func TestTimeIsUp(t *testing.T) {
	s, said := supervised(t, "ends "+os.DevNull, "drains")
	s.soon, s.Lasts = time.Nanosecond, time.Millisecond
	if code := s.Run(context.Background()); code != 3 || said.count("began") != 2 || said.count("drained") != 1 {
		t.Errorf("exit code %d, %q", code, said.lines)
	}
}

// TestRestOfTheTime: a capture that is started again has what is left of its time.
func TestRestOfTheTime(t *testing.T) {
	t.Chdir(t.TempDir()) // a part that waits makes a file of its further word
	mark := filepath.Join(t.TempDir(), "mark")
	s, said := supervised(t, "dies "+mark+" waits", "drains")
	s.Lasts = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	code := make(chan int)
	go func() { code <- s.Run(ctx) }()
	said.until(t, 1, "began dies "+mark+" waits --duration=59m")
	cancel()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d, %q", c, said.lines)
	}
}
