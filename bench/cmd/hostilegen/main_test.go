package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/bench/hostile"
)

func TestCasesOfAClass(t *testing.T) {
	dir := t.TempDir()
	if err := run([]string{"-o", dir, "--class", "blocks"}, nil); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(dir, "blocks"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(dir, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(table), "\n"); lines != len(files)+1 {
		t.Errorf("%d lines for %d files", lines, len(files))
	}
	if !strings.Contains(string(table), "blocks\tblock_length_zero\t\"block_length_zero.pcap\"\tpartial\tbad_block\t2\tin_flow=2\t\t\n") {
		t.Errorf("table:\n%s", table)
	}
}

func TestShapeGoesToStandardOutput(t *testing.T) {
	var b bytes.Buffer
	if err := run([]string{"--shape", "empty_packets", "--packets", "10", "-o", "-"}, &b); err != nil {
		t.Fatal(err)
	}
	if b.Len() != 24+10*16 {
		t.Errorf("%d bytes", b.Len())
	}
}

func TestListNamesEverything(t *testing.T) {
	var b bytes.Buffer
	if err := run([]string{"--list"}, &b); err != nil {
		t.Fatal(err)
	}
	for _, s := range hostile.Shapes() {
		if !strings.Contains(b.String(), s.Name) {
			t.Errorf("shape %s is not listed", s.Name)
		}
	}
}

func TestWrongArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"-o", t.TempDir(), "--class", "nonesuch"}, {"-o", "-", "--shape", "nonesuch"}, {"-o", "-", "--packets", "0"}} {
		if run(args, nil) == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
