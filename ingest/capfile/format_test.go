package capfile_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pcapmill/ingest/capfile"
)

func TestRejected(t *testing.T) {
	lfs := "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 12345\n"
	for _, test := range []struct {
		name, file string
		reason     capfile.Reason
		offset     int64
		detail     string
	}{
		{"empty", "", capfile.ReasonEmpty, 0, ""},
		{"one byte", "\xd4", capfile.ReasonUnknownMagic, 0, "only 1 bytes: d4"},
		{"three bytes of a magic", "\xd4\xc3\xb2", capfile.ReasonUnknownMagic, 0, "only 3 bytes"},
		{"magic only", "\xd4\xc3\xb2\xa1", capfile.ReasonCutHeader, 4, "4 of 24"},
		{"23 bytes", string(pcapHeader(little, micros, 1, 1)[:23]), capfile.ReasonCutHeader, 23, "23 of 24"},
		{"pcapng magic only", "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00", capfile.ReasonCutHeader, 8, "8 of 12"},
		{"pcapng without byte order", "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x11\x22\x33\x44", capfile.ReasonBadBlock, 8, "byte-order magic"},
		{"unknown magic", "\xde\xad\xbe\xef................", capfile.ReasonUnknownMagic, 0, "magic deadbeef"},
		{"text", "this is not a capture\n", capfile.ReasonText, 0, `"this is not a ca"`},
		{"text with escapes", "\x1b[31mred", capfile.ReasonUnknownMagic, 0, "magic 1b5b3331"},
		{"LFS pointer", lfs, capfile.ReasonLFSPointer, 0, "git lfs pull"},
		{"gzip in gzip", "\x1f\x8b\x08\x00\x00\x00", capfile.ReasonCompressed, 0, "gzip data"},
		{"snoop", "snoop\x00\x00\x00\x00\x00\x00\x02", capfile.ReasonUnsupportedVariant, 0, "RFC 1761"},
		{"text-mode transfer", "\x0d\x0a\x0d\x0d\x0a\x1c\x00\x00", capfile.ReasonUnsupportedVariant, 0, "text-mode"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, src := range map[string]io.Reader{
				"whole": strings.NewReader(test.file), "byte by byte": iotest.OneByteReader(strings.NewReader(test.file)),
			} {
				_, err := capfile.NewReader(src, capfile.Config{})
				var format *capfile.FormatError
				if !errors.As(err, &format) || format.Reason != test.reason || format.Offset != test.offset ||
					!strings.Contains(format.Detail, test.detail) {
					t.Errorf("%s: %v, want %s at %d with %q", name, err, test.reason, test.offset, test.detail)
				}
			}
		})
	}
}

func TestSourceFails(t *testing.T) {
	broken := errors.New("disk on fire")
	file := join(pcapHeader(little, micros, 65535, 1), record(little, 1, 0, 3, "abc"), record(little, 2, 0, 3, "def"))
	for cut := range file {
		got := readAll(t, io.MultiReader(bytes.NewReader(file[:cut]), iotest.ErrReader(broken)), capfile.Config{}, 8192)
		if !errors.Is(got.err, broken) {
			t.Fatalf("cut at %d: %v", cut, got.err)
		}
		var format *capfile.FormatError
		var damage *capfile.DamageError
		switch {
		case cut < 24:
			if !errors.As(got.err, &format) || format.Reason != capfile.ReasonReadFailed {
				t.Errorf("cut at %d: %v", cut, got.err)
			}
		case !errors.As(got.err, &damage) || damage.Reason != capfile.ReasonReadFailed || damage.Offset != int64(24+19*((cut-24)/19)):
			t.Errorf("cut at %d: %v", cut, got.err)
		}
	}
}

// stuck is a source that never returns anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// liar is a source that breaks io.Reader's contract.
type liar struct{}

func (liar) Read(p []byte) (int, error) { return len(p) + 1, nil }

func TestSourceMisbehaves(t *testing.T) {
	for name, bad := range map[string]io.Reader{"stuck": stuck{}, "liar": liar{}} {
		got := readAll(t, io.MultiReader(bytes.NewReader(pcapHeader(little, micros, 1, 1)), bad), capfile.Config{}, 8192)
		var damage *capfile.DamageError
		if !errors.As(got.err, &damage) || damage.Reason != capfile.ReasonReadFailed || damage.Err == nil {
			t.Errorf("%s: %v", name, got.err)
		}
	}
}

func TestConfig(t *testing.T) {
	if err := capfile.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	file := pcapHeader(little, micros, 1, 1)
	for _, bad := range []capfile.Config{{MaxPacket: 16<<20 + 1}, {MaxBlock: 31}, {MaxInterfaces: -1}, {TotalInterfaces: -1}} {
		if _, err := capfile.NewReader(bytes.NewReader(file), bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	if _, err := capfile.NewReader(bytes.NewReader(file), capfile.Config{MaxPacket: 16 << 20}); err != nil {
		t.Error(err)
	}
}
