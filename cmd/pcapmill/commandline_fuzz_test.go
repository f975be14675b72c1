package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

// FuzzCommandLine parses any command line, one argument a line. Whatever stands
// there, it is understood, refused with an error of one line, or asks for help.
func FuzzCommandLine(f *testing.F) {
	for _, line := range []string{
		"run\na.pcap\n-o\nout", "run\n--tcp-idle\n-5m", "run\n--tcp-idle=9999999h\n--active\n1.5e3s", "run\n--packets=99999999999999999999",
		"run\n--from\n2026-03-02T09:00:00Z\n--to\n17e9", "run\n--part-rows=-1\n--row-group-rows=0x10", "run\n--features=core,,nonesuch",
		"show\nout/flows\n--where\nsrc_port = 53\n--head\n5", "verify", "schema\n--help", "--\n-", "run\n--format\n\x1b[2J",
	} {
		f.Add(line)
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { null.Close() })
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "config") {
			t.Skip("which opens files: FuzzConfig reads their contents")
		}
		defer func() {
			if p := recover(); p != nil {
				if _, asked := p.(exited); !asked {
					panic(p)
				}
			}
		}()
		parser, err := newParser(&cli{}, streams{out: io.Discard, err: null})
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.Parse(strings.Split(line, "\n"))
		if err != nil {
			return
		}
		if c, ok := parsed.Selected().Target.Addr().Interface().(*runCmd); ok {
			o := c.options()
			_ = o.Validate() // any error will do
		}
	})
}
