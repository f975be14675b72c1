package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// makeResident reads all of the program's own code and constants into memory, some 35 MiB, as
// madvise(2) MADV_POPULATE_READ does since Linux 5.14. A part of live mode calls it before it
// works: else what first runs after a day, as the writing of a damaged segment, waits for a disk
// that may be full of work while packets come in, and the memory of the process creeps up by
// pages of its file, which looks like a leak. Others that run the program share the pages.
func makeResident() error {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return err
	}
	defer maps.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		begin, end, ok := constant(lines.Text(), program)
		if !ok {
			continue
		}
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, begin, end-begin, unix.MADV_POPULATE_READ); errno != 0 {
			return fmt.Errorf("reading %s into memory: %w", program, errno)
		}
	}
	return lines.Err()
}

// constant takes a line of proc_pid_maps(5) and says whether it is a mapping of the file which
// nobody writes to, and where it begins and ends.
func constant(line, file string) (begin, end uintptr, ok bool) {
	where, rest, _ := strings.Cut(line, " ")
	rights, _, _ := strings.Cut(rest, " ")
	if !strings.HasPrefix(rights, "r-") || !strings.HasSuffix(line, " "+file) {
		return 0, 0, false
	}
	if _, err := fmt.Sscanf(where, "%x-%x", &begin, &end); err != nil || end <= begin {
		return 0, 0, false
	}
	return begin, end, true
}
