package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pcapmill/cmd/job"
)

const oneAlert = `{"@timestamp":"2026-03-02T10:00:00Z","event":{"module":"pcapmill","severity":73,"id":"abc"},"message":"m","pcapmill":{"alert_id":"s"}}` + "\n"

// TestLiveForward delivers what is there, remembers it, and says what it did.
func TestLiveForward(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	got := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(c)
			for {
				size, err := in.ReadString(' ')
				if err != nil {
					break
				}
				message := make([]byte, atoi(size))
				if _, err := io.ReadFull(in, message); err != nil {
					break
				}
				got <- string(message)
			}
		}
	}()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "alerts.jsonl"), []byte(oneAlert), 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state.json")
	server := "tcp://" + l.Addr().String()
	call{}.run(t, "live", "forward", dir, "--syslog", server, "--state", state, "--once", "--hostname", "sensor").want(t, job.ExitOK).says(t, "1 alert delivered")
	if m := <-got; !strings.HasPrefix(m, `<134>1 2026-03-02T10:00:00Z sensor pcapmill - - [alert@32473 id="abc"`) {
		t.Errorf("%q", m)
	}
	if info, err := os.Stat(state); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	call{}.run(t, "live", "forward", dir, "--syslog", server, "--state", state, "--once").want(t, job.ExitOK).says(t, "0 alerts delivered")
	if len(got) != 0 {
		t.Error("it came twice")
	}
	for _, args := range [][]string{{"--syslog", "tls://a"}, {"--syslog", server, "--facility", "24"}, {"--syslog", server, "--message-bytes", "100"}} {
		call{}.run(t, append([]string{"live", "forward", dir}, args...)...).want(t, job.ExitUsage)
	}
	if err := os.WriteFile(state, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	call{}.run(t, "live", "forward", dir, "--syslog", server, "--state", state, "--once").want(t, job.ExitRejected).says(t, "remove it")
	if runtime.GOOS == "linux" { // of which there no file is made
		call{}.run(t, "live", "forward", dir, "--syslog", server, "--state", "/proc/state.json", "--once").want(t, job.ExitOutput).says(t, "not noted")
	}
	alerts := filepath.Join(dir, "alerts.jsonl")
	if err := errors.Join(os.Remove(state), os.Remove(alerts), os.Mkdir(alerts, 0o700)); err != nil { // can be opened, and not read
		t.Fatal(err)
	}
	call{}.run(t, "live", "forward", dir, "--syslog", server, "--state", state, "--once").want(t, job.ExitRejected)
}

func atoi(s string) (n int) {
	for _, c := range strings.TrimSpace(s) {
		n = 10*n + int(c-'0')
	}
	return n
}
