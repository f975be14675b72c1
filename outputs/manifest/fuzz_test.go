package manifest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
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

// FuzzOutline reads any manifest of another version, with the right hash: what it
// names lies in the folder.
func FuzzOutline(f *testing.F) {
	document := encode(f, sample())
	older := bytes.Replace(document, []byte(`"schema_version": 2`), []byte(`"schema_version": 1`), 1)
	f.Add(older)
	for _, name := range []string{"../dns", "/etc", "a/b", "", ".", "a\\\\b"} {
		f.Add(bytes.Replace(older, []byte(`"name": "dns"`), []byte(`"name": "`+name+`"`), 1))
		f.Add(bytes.Replace(older, []byte(`"path": "errors.pcapng"`), []byte(`"path": "`+name+`"`), 1))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, o, err := manifest.ReadAny(bytes.NewReader(rehashed(data)))
		if err != nil {
			return
		}
		if o == nil || m != nil && len(o.Tables) != len(m.Tables) {
			t.Fatalf("manifest %v, outline %v", m, o)
		}
		for _, name := range append(o.Tables, o.Files...) {
			if !filepath.IsLocal(name) {
				t.Errorf("%q is named", name)
			}
		}
	})
}

// rehashed makes the self hash right, where there is one.
func rehashed(data []byte) []byte {
	key := []byte("\n  \"manifest_sha256\": \"")
	at := bytes.Index(data, key) + len(key)
	if at < len(key) || len(data) < at+2*sha256.Size {
		return data
	}
	head, tail := data[:at], data[at+2*sha256.Size:]
	sum := sha256.Sum256(slices.Concat(head, tail))
	return slices.Concat(head, []byte(hex.EncodeToString(sum[:])), tail)
}

// FuzzPath stores any path: it comes back as it was, and what is shown is text.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"a.pcap", "a\nb", "caf\xe9", `back\slash`, `\x1b`, `\\`, "a\u202eb", "", "\x00"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		shown, raw := manifest.EncodePath(path)
		if back, err := manifest.DecodePath(shown, raw); err != nil || back != path {
			t.Errorf("%q is stored as %q, %q and comes back as %q, %v", path, shown, raw, back, err)
		}
		if !utf8.ValidString(shown) || strings.ContainsAny(shown, "\x00\x1b\r\n\u202e") {
			t.Errorf("%q is shown as %q", path, shown)
		}
	})
}
