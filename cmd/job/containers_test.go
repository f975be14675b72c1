package job_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"

	"pcapmill/bench/sharedtest"
	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/stages"
)

// packed compresses data by the formats named, one after the other.
func packed(t *testing.T, data []byte, formats ...string) []byte {
	t.Helper()
	for _, format := range formats {
		var b bytes.Buffer
		var err error
		switch format {
		case "gzip":
			w := gzip.NewWriter(&b)
			_, err = w.Write(data)
			err = joined(err, w.Close())
		case "lz4":
			w := lz4.NewWriter(&b)
			_, err = w.Write(data)
			err = joined(err, w.Close())
		case "xz":
			w, newErr := xz.NewWriter(&b)
			if newErr != nil {
				t.Fatal(newErr)
			}
			_, err = w.Write(data)
			err = joined(err, w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		data = b.Bytes()
	}
	return data
}

func joined(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func parts(t *testing.T, r *job.Report) string {
	t.Helper()
	var hashes []string
	for _, table := range r.Tables {
		for _, p := range table.Parts {
			hashes = append(hashes, p.SHA256)
		}
	}
	return strings.Join(hashes, " ")
}

// TestCompressedInputs holds that compression changes no byte of the tables, and
// that the manifest names every layer.
func TestCompressedInputs(t *testing.T) {
	plain := demo(t)
	want := ""
	for _, layers := range [][]string{{}, {"gzip"}, {"lz4"}, {"xz"}, {"gzip", "xz"}, {"lz4", "gzip", "xz", "gzip"}} {
		o := options(t, map[string][]byte{"a": packed(t, plain, layers...)}, "a")
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil || r.Exit != job.ExitOK {
			t.Fatalf("%v: exit %d, %v", layers, r.Exit, err)
		}
		if want == "" {
			want = parts(t, &r)
		}
		if parts(t, &r) != want {
			t.Errorf("%v: other tables", layers)
		}
		if got := manifesttest.Read(t, o.Out).Inputs[0].Format; got != strings.Join(append([]string{"pcapng"}, layers...), "+") {
			t.Errorf("%v: format %q", layers, got)
		}
	}
}

// TestCompressionLimits holds outcome and exit code of inputs that go over a
// limit or are damaged, and that what was read before is kept.
func TestCompressionLimits(t *testing.T) {
	plain := demo(t)
	xzFile := packed(t, plain, "xz")
	for name, test := range map[string]struct {
		file    []byte
		limit   func(*job.Options)
		exit    int
		reason  string
		packets bool
	}{
		"expansion": {packed(t, plain, "gzip"), func(o *job.Options) { o.Input.Decompress.MaxOutput = int64(len(plain) / 2) }, job.ExitLimit, "expansion_limit", true},
		"ratio": {packed(t, plain, "gzip"), func(o *job.Options) {
			o.Input.Decompress.MaxExpand, o.Input.Decompress.ExpandGrace = 1, int64(len(plain)/2)
		}, job.ExitLimit, "expansion_limit", true},
		"layers":   {packed(t, plain, "gzip", "gzip", "gzip", "gzip", "gzip"), nil, job.ExitLimit, "layers_limit", false},
		"cut":      {xzFile[:len(xzFile)/2], nil, job.ExitPartial, "xz_truncated", true},
		"flipped":  {append(bytes.Clone(xzFile[:len(xzFile)-30]), make([]byte, 30)...), nil, job.ExitPartial, "xz_damaged", true},
		"trailing": {append(packed(t, plain, "lz4"), "and more"...), nil, job.ExitPartial, "trailing_data", true},
		"header":   {append([]byte("\xfd7zXZ\x00"), "no such thing"...), nil, job.ExitRejected, "xz_damaged", false},
	} {
		o := options(t, map[string][]byte{"a": test.file}, "a")
		if test.limit != nil {
			test.limit(&o)
		}
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil || r.Exit != test.exit {
			t.Errorf("%s: exit %d, %v", name, r.Exit, err)
			continue
		}
		in := r.Inputs[0]
		if in.Outcome.Reason != test.reason || in.Packets() > 0 != test.packets || in.Facts.Bytes != int64(len(test.file)) {
			t.Errorf("%s: %+v, %d packets", name, in.Outcome, in.Packets())
		}
	}
}

// TestCraftedContainers reads one capture in every container and compression: the
// flows of all are those of the plain file.
func TestCraftedContainers(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "captures", "formats", "crafted_container")
	want := ""
	for _, name := range []string{
		"pcap_usec_le.pcap", "compressed.pcap.bz2", "compressed.pcap.gz", "compressed.pcap.lz4", "compressed.pcap.xz",
		"compressed.pcap.zst", "compressed.pcapng.gz", "compressed.pcapng.zst", "compressed_multi_member.pcap.gz", "wrong_extension.txt",
	} {
		o := options(t, nil)
		o.Args = []string{filepath.Join(dir, name)}
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil || r.Exit != job.ExitOK || r.Inputs[0].Packets() != 16 {
			t.Errorf("%s: exit %d, %v", name, r.Exit, err)
			continue
		}
		if want == "" {
			want = parts(t, &r)
		}
		if parts(t, &r) != want {
			t.Errorf("%s: other flows", name)
		}
	}
}

// TestChangedInputs changes a file while it is read: what was read stays, as the
// flows of other inputs hang on it, and the outcome says so.
func TestChangedInputs(t *testing.T) {
	long := bytes.Repeat(demo(t), 150) // sections of one pcapng file
	for name, test := range map[string]struct {
		change func(path string) error
		says   string
	}{
		"grown": {func(path string) error {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.Write(long)
			return joined(err, f.Close())
		}, "it grew from"},
		"replaced": {func(path string) error { return replace(path, long[:100]) }, "another file has its name now"},
		"shrunk":   {func(path string) error { return os.Truncate(path, 100) }, "it shrank from"},
	} {
		o := options(t, map[string][]byte{"a": long}, "a")
		progress := new(stages.Progress)
		changed := make(chan error, 1)
		go func() {
			for progress.Packets.Load() == 0 {
				runtime.Gosched()
			}
			changed <- test.change(o.Args[0])
		}()
		r, err := job.Run(context.Background(), o, job.IO{Progress: progress})
		if failed := <-changed; err != nil || failed != nil {
			t.Fatalf("%s: %v, %v", name, err, failed)
		}
		in := r.Inputs[0]
		if r.Exit != job.ExitPartial || in.Outcome.Reason != "changed_while_read" || !strings.Contains(in.Outcome.Detail, test.says) || in.Packets() == 0 {
			t.Errorf("%s: exit %d, %+v, %d packets", name, r.Exit, in.Outcome, in.Packets())
		}
		sum := sha256.Sum256(long)
		if name != "shrunk" && (in.Facts.SHA256 != hex.EncodeToString(sum[:]) || in.Facts.Bytes != int64(len(long))) {
			t.Errorf("%s: hash and size are not those of what was there at first: %d bytes", name, in.Facts.Bytes)
		}
	}
}

func replace(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
