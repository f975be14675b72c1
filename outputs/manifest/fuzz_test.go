package manifest_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"pcapmill/outputs/manifest"
)

// FuzzExecution reads any execution.json.
func FuzzExecution(f *testing.F) {
	e := manifest.Execution{Command: []string{"pcapmill", "run"}, WallNs: 5, Stamps: []manifest.Stamp{manifest.NewStamp("a", 1, 2)}}
	document, err := e.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(document)
	f.Add(bytes.Replace(document, []byte("pcapmill"), []byte("pcapmil1"), 1))
	f.Add([]byte(strings.Repeat(`{"a":`, 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := manifest.ReadExecution(bytes.NewReader(data))
		if err != nil {
			return
		}
		if _, err := e.Encode(); err != nil {
			t.Errorf("what was accepted cannot be written: %v", err)
		}
	})
}

// FuzzPath stores any path: it comes back as it was, and what is shown is text.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"a.pcap", "a\nb", "caf\xe9", `back\slash`, `\x1b`, `\\`, "a\u202eb", "", "\x00"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		shown, hex := manifest.EncodePath(path)
		if back, err := manifest.DecodePath(shown, hex); err != nil || back != path {
			t.Errorf("%q is stored as %q, %q and comes back as %q, %v", path, shown, hex, back, err)
		}
		if !utf8.ValidString(shown) || strings.ContainsAny(shown, "\x00\x1b\r\n\u202e") {
			t.Errorf("%q is shown as %q", path, shown)
		}
	})
}
