//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest/manifesttest"
)

// TestManyInputs reads many files with room for 64 open ones; with
// PCAPMILL_ACCEPT, a hundred thousand.
func TestManyInputs(t *testing.T) {
	n := 2000
	if os.Getenv("PCAPMILL_ACCEPT") != "" {
		n = 100_000
	}
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	one := onePacket()
	for i := range n {
		sub := filepath.Join(dir, fmt.Sprint(i/1000))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, sub, fmt.Sprint(i), one)
	}
	cmd := exec.Command("sh", "-c", `ulimit -n 64 && exec "$@"`, "sh", binary, "run", dir, "-o", out)
	cmd.Env = environment()
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != job.ExitOK {
		t.Fatalf("%v\n%s", err, text)
	}
	m := manifesttest.Read(t, out)
	if len(m.Inputs) != n || m.Accounting.PacketsRead != int64(n) {
		t.Errorf("%d inputs, %d packets of %d", len(m.Inputs), m.Accounting.PacketsRead, n)
	}
}

// onePacket is a little-endian pcap file with one Ethernet frame of
// zeros, which no protocol claims.
func onePacket() []byte {
	file := []byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x01\x00\x00\x00")
	file = append(file, "\x01\x00\x00\x00\x00\x00\x00\x00\x3c\x00\x00\x00\x3c\x00\x00\x00"...)
	return append(file, make([]byte, 60)...)
}
