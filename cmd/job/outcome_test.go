package job

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
)

func TestOutcomeOf(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("some/file: %w", err) }
	cut := &decompress.StreamError{Format: decompress.Gzip, Offset: 500, InputOffset: 99, Err: io.ErrUnexpectedEOF}
	broken := &decompress.StreamError{Format: decompress.Zstd, Offset: 600, Err: errors.New("bad block")}
	for name, test := range map[string]struct {
		err    error
		opened bool
		want   Outcome
	}{
		"clean":       {nil, true, Outcome{Kind: manifest.Complete}},
		"not ours":    {wrap(&capfile.FormatError{Reason: capfile.ReasonEmpty, Offset: 3}), false, Outcome{manifest.Rejected, "empty", 3, ""}},
		"damage":      {wrap(&capfile.DamageError{Reason: capfile.ReasonTruncated, Offset: 77, Detail: "why"}), true, Outcome{manifest.Partial, "truncated", 77, "why"}},
		"cut gzip":    {wrap(&capfile.DamageError{Reason: capfile.ReasonReadFailed, Offset: 40, Err: cut}), true, Outcome{manifest.Partial, "gzip_truncated", 500, "unexpected EOF (stored offset 99)"}},
		"broken zstd": {wrap(broken), false, Outcome{manifest.Rejected, "zstd_damaged", 600, "bad block (stored offset 0)"}},
		"limit":       {wrap(&capfile.LimitError{Reason: capfile.ReasonInterfaceLimit, Offset: 9, Limit: 4}), true, Outcome{manifest.Limit, "interface_limit", 9, "the limit is 4"}},
		"limit first": {wrap(&capfile.FormatError{Reason: capfile.ReasonReadFailed, Err: &decompress.ExpansionError{Format: decompress.Zstd, Size: 8, Offset: 8, InputOffset: 1, Ratio: 2}}), false, Outcome{manifest.Limit, "expansion_limit", 8, "zstd: compressed stream expands beyond the limit: 8 bytes out of 1, more than 2:1"}},
		"packing":     {wrap(&decompress.UnsupportedError{Format: decompress.XZ}), false, Outcome{manifest.Rejected, "unsupported_compression", 0, "compression xz not supported: decompress it first, for instance with bsdcat"}},
		"changed":     {wrap(input.ErrChanged), true, Outcome{manifest.Partial, "changed_while_read", 123, "the file is not what it was when it was opened"}},
		"missing":     {&fs.PathError{Op: "open", Path: "some/file", Err: fs.ErrNotExist}, false, Outcome{manifest.Rejected, "not_found", 123, "file does not exist"}},
		"forbidden":   {&fs.PathError{Op: "open", Path: "some/file", Err: fs.ErrPermission}, false, Outcome{manifest.Rejected, "permission_denied", 123, "permission denied"}},
		"other":       {wrap(errors.New("odd")), false, Outcome{manifest.Rejected, "open_failed", 123, "odd"}},
		"disk":        {wrap(&fs.PathError{Op: "read", Path: "some/file", Err: errors.New("I/O error")}), true, Outcome{manifest.Partial, "read_failed", 123, "I/O error"}},
	} {
		if got := outcomeOf(test.err, "some/file", test.opened, 123); got != test.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, test.want)
		}
	}
}

func TestHighestExitCodeWins(t *testing.T) {
	for _, test := range []struct {
		outcomes []string
		failed   bool
		want     int
	}{
		{nil, false, 0},
		{[]string{manifest.Complete, manifest.CompleteWithNotes}, false, 0},
		{[]string{manifest.Partial, manifest.Complete}, false, 3},
		{[]string{manifest.Rejected, manifest.Partial}, false, 4},
		{[]string{manifest.Limit, manifest.Rejected}, false, 5},
		{[]string{manifest.Limit}, true, 7},
	} {
		m := &manifest.Manifest{SelfChecks: []manifest.SelfCheck{{OK: true}, {OK: !test.failed}}}
		for _, o := range test.outcomes {
			m.Inputs = append(m.Inputs, manifest.Input{Outcome: o})
		}
		if got := exitOf(m); got != test.want {
			t.Errorf("%v, failed check %v: %d, want %d", test.outcomes, test.failed, got, test.want)
		}
	}
}

// TestUnusableAgreesWithTheWalk walks a frame of every link type there can be.
func TestUnusableAgreesWithTheWalk(t *testing.T) {
	var walker packet.Walker
	frame := make([]byte, 64)
	for link := range packet.LinkType(300) {
		var v packet.View
		out := walker.Walk(frame, 64, link, &v)
		walked := out != packet.UnsupportedLink && out != packet.OtherLink
		if usable := !unusable(&packet.Interface{Link: link}); usable != walked {
			t.Errorf("%v: usable %v, walked %v", link, usable, walked)
		}
	}
	if !unusable(&packet.Interface{Link: packet.LinkEthernet, Note: "absurd time resolution"}) {
		t.Error("an interface with a note counts as usable")
	}
}
