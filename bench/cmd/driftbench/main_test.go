package main

import (
	"io"
	"testing"
)

func TestArguments(t *testing.T) {
	a, err := parse([]string{"--pcapmill", "p", "-o", "f", "--networks", "2", "--seed", "7"})
	if err != nil || a.binary != "p" || a.folder != "f" || a.size.Networks != 2 || a.size.Seed != 7 || a.size.Reference != 3 {
		t.Errorf("%+v, %v", a, err)
	}
	for _, args := range [][]string{{}, {"--pcapmill", "p"}, {"-o", "f"}, {"--pcapmill", "p", "-o", "f", "--networks", "x"}} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%q accepted", args)
		}
	}
	if err := run([]string{"--pcapmill", "p", "-o", t.TempDir(), "--groups", "none"}, io.Discard); err == nil {
		t.Error("nothing was judged, and that was right")
	}
}
