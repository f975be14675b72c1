package main

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMakeResident(t *testing.T) {
	switch err := makeResident(); {
	case errors.Is(err, unix.EINVAL):
		t.Skip("this kernel is older than 5.14")
	case err != nil:
		t.Fatal(err)
	}
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	mappings := regexp.MustCompile(`(?m)^([0-9a-f]+-[0-9a-f]+ r-.*)\n(?:[A-Z].*\n)*?Size: +(\d+) kB\n(?:[A-Z].*\n)*?Rss: +(\d+) kB`)
	seen := 0
	for _, m := range mappings.FindAllStringSubmatch(string(smaps), -1) {
		if !strings.HasSuffix(m[1], " "+program) {
			continue
		}
		seen++
		// A machine that is short of memory may take back some of it at once.
		if size, rss := number(t, m[2]), number(t, m[3]); rss*10 < size*9 {
			t.Errorf("%s: %d of %d kB are in memory", m[1], rss, size)
		}
	}
	if seen == 0 {
		t.Error("no mapping of the program was found")
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestConstantMappings(t *testing.T) {
	for line, want := range map[string]bool{
		"00400000-014ff000 r-xp 00000000 fe:00 1234                /opt/a b/pcapmill": true,
		"014ff000-025ab000 r--p 010ff000 fe:00 1234                /opt/a b/pcapmill": true,
		"025ab000-02649000 rw-p 021ab000 fe:00 1234                /opt/a b/pcapmill": false, // is written to
		"025ab000-02649000 ---p 021ab000 fe:00 1234                /opt/a b/pcapmill": false,
		"7f0000000000-7f0000001000 r--p 00000000 fe:00 1           /usr/lib/libc.so":  false,
		"02649000-046a3000 r--p 00000000 00:00 0 ":                                    false,
		"02649000-02649000 r--p 00000000 00:00 0 /opt/a b/pcapmill":                   false, // is empty
		"/opt/a b/pcapmill": false,
		"":                  false,
	} {
		begin, end, ok := constant(line, "/opt/a b/pcapmill")
		if ok != want || ok != (end > begin) {
			t.Errorf("%q: %v, %x to %x", line, ok, begin, end)
		}
	}
}
