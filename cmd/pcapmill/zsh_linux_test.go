package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestZshCompletes types into a zsh on a pseudo-terminal, presses Tab, and reads what
// is in its line then.
func TestZshCompletes(t *testing.T) {
	shell, script := completed(t, "zsh")
	// Tab completes and Ctrl-X prints the line in brackets. The quotes keep the
	// answers apart from the echo of these lines.
	setUp := fmt.Sprintf(`PS1=; autoload -Uz compinit; compinit -u -D; source %q; bindkey -e; bindkey '^I' complete-word
dump() { print -r -- "<""$BUFFER"">"; BUFFER=; zle accept-line }; zle -N dump; bindkey '^X' dump; print RE''ADY
`, script)
	ours, theirs := terminal(t)
	cmd := exec.Command(shell, "-f", "-i")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.Env = append(os.Environ(), "TERM=dumb")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	answer(t, ours, setUp, "READY")
	for line, want := range map[string]string{
		"pcapmill run --format cs":             "pcapmill run --format csv ",
		"pcapmill run --features default,hi":   "pcapmill run --features default,histograms,",
		"pcapmill run --features=default,hi":   "pcapmill run --features=default,histograms,",
		"pcapmill run --key vlan,":             "pcapmill run --key vlan,tunnel,",
		"pcapmill label out --alert-label sig": "pcapmill label out --alert-label signature ",
		"pcapmill label impo":                  "pcapmill label import ",
		"pcapmill show --select src_ip,dst_p":  "pcapmill show --select src_ip,dst_port,",
	} {
		_, got, _ := strings.Cut(answer(t, ours, line+"\t\x18", ">\r\n"), "<")
		if got, _, _ = strings.Cut(got, ">"); got != want {
			t.Errorf("%s: completes to %q, want %q", line, got, want)
		}
	}
}

// answer types into a terminal and reads it until a text has come.
func answer(t *testing.T, terminal *os.File, typed, until string) string {
	t.Helper()
	if _, err := terminal.WriteString(typed); err != nil {
		t.Fatal(err)
	}
	if err := terminal.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var all []byte
	buf := make([]byte, 4096)
	for !bytes.Contains(all, []byte(until)) {
		n, err := terminal.Read(buf)
		all = append(all, buf[:n]...)
		if err != nil {
			t.Fatalf("waiting for %q: %v after %q", until, err, all)
		}
	}
	return string(all)
}
