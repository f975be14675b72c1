package decompress_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"pcapmill/ingest/decompress"
)

// text is n bytes that compress like packets do, a little.
func text(n int) []byte {
	b := make([]byte, n)
	state := uint32(1)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state>>24) & 0x3f
	}
	return b
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	write(t, w, data)
	return out.Bytes()
}

func zstded(t testing.TB, data []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, append(options, zstd.WithEncoderConcurrency(1))...)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, data)
	return out.Bytes()
}

func write(t testing.TB, w io.WriteCloser, data []byte) {
	t.Helper()
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// read opens and reads everything, with buffers of the given size.
func read(t testing.TB, src io.Reader, cfg decompress.Config, buffer int) ([]byte, *decompress.Reader, error) {
	t.Helper()
	r, err := decompress.Open(src, cfg)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	var out []byte
	p := make([]byte, buffer)
	for {
		n, err := r.Read(p)
		out = append(out, p[:n]...)
		if r.Offset() != int64(len(out)) {
			t.Fatalf("offset %d after %d bytes", r.Offset(), len(out))
		}
		if err == io.EOF {
			return out, r, nil
		}
		if err != nil {
			return out, r, err
		}
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestOpen(t *testing.T) {
	data := text(700_000)
	skippable := []byte("\x53\x2a\x4d\x18\x05\x00\x00\x00hello")
	for _, test := range []struct {
		name   string
		file   []byte
		format decompress.Format
		want   []byte
	}{
		{"plain", data, decompress.None, data},
		{"empty", nil, decompress.None, nil},
		{"one byte", []byte{0x1f}, decompress.None, []byte{0x1f}},
		{"gzip", gzipped(t, data), decompress.Gzip, data},
		{"gzip of nothing", gzipped(t, nil), decompress.Gzip, nil},
		{"gzip members", join(gzipped(t, data), gzipped(t, nil), gzipped(t, data[:7])), decompress.Gzip, join(data, data[:7])},
		{"gzip, padded with zeros", join(gzipped(t, data), make([]byte, 300_000)), decompress.Gzip, data},
		{"gzip, zeros between members", join(gzipped(t, data), make([]byte, 512), gzipped(t, data)), decompress.Gzip, join(data, data)},
		{"gzip in gzip", gzipped(t, gzipped(t, data)), decompress.Gzip, data},
		{"zstd", zstded(t, data), decompress.Zstd, data},
		{"zstd of nothing", zstded(t, nil, zstd.WithZeroFrames(true)), decompress.Zstd, nil},
		{"zstd frames", join(zstded(t, data), zstded(t, data[:7])), decompress.Zstd, join(data, data[:7])},
		{"zstd, skippable frames", join(skippable, zstded(t, data), skippable), decompress.Zstd, data},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, buffer := range []int{1 << 12, 1 << 20} {
				got, r, err := read(t, bytes.NewReader(test.file), decompress.Config{}, buffer)
				if err != nil || !bytes.Equal(got, test.want) || r.Format() != test.format {
					t.Fatalf("buffer %d: %d bytes of %d, %v, %v", buffer, len(got), len(test.want), r.Format(), err)
				}
				if r.InputOffset() != int64(len(test.file)) {
					t.Errorf("buffer %d: input offset %d of %d", buffer, r.InputOffset(), len(test.file))
				}
			}
			got, _, err := read(t, iotest.OneByteReader(bytes.NewReader(test.file[:min(len(test.file), 5000)])), decompress.Config{}, 4096)
			if len(test.file) <= 5000 && (err != nil || !bytes.Equal(got, test.want)) {
				t.Errorf("byte by byte: %d bytes, %v", len(got), err)
			}
		})
	}
}

func TestUnsupported(t *testing.T) {
	for magic, format := range map[string]decompress.Format{
		"PK\x03\x04....": decompress.Zip, "PK\x05\x06....": decompress.Zip,
		"7z\xbc\xaf\x27\x1c": decompress.SevenZip, "Rar!\x1a\x07\x00": decompress.RAR,
		"\xff\x06\x00\x00sNaPpY": decompress.Snappy, "LZIP\x01": decompress.Lzip, "\x1f\x9d\x90": decompress.LZW,
	} {
		_, err := decompress.Open(strings.NewReader(magic), decompress.Config{})
		var unsupported *decompress.UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Format != format {
			t.Errorf("%q: %v, want %v", magic, err, format)
		} else if want := "compression " + format.String() + " not supported"; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", magic, err, want)
		}
	}
}

// TestCut cuts compressed files at every place: what could be decompressed comes
// first, and the end is never clean.
func TestCut(t *testing.T) {
	data := text(3000)
	for name, file := range map[string][]byte{"gzip": gzipped(t, data), "zstd": zstded(t, data)} {
		for cut := 4; cut < len(file); cut++ {
			got, _, err := read(t, bytes.NewReader(file[:cut]), decompress.Config{}, 100)
			var damage *decompress.StreamError
			if !errors.As(err, &damage) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s cut at %d: %v", name, cut, err)
			}
			if damage.Offset != int64(len(got)) || damage.InputOffset > int64(cut) || !bytes.HasPrefix(data, got) {
				t.Fatalf("%s cut at %d: %v after %d bytes", name, cut, err, len(got))
			}
		}
	}
}

func TestDamage(t *testing.T) {
	data := text(300_000)
	flip := func(file []byte, at int) []byte {
		file = bytes.Clone(file)
		file[at] ^= 0x55
		return file
	}
	z, g := zstded(t, data), gzipped(t, data)
	for name, test := range map[string]struct {
		file  []byte
		whole bool // all data comes before the damage
	}{
		"gzip, bad checksum":          {flip(g, len(g)-6), true},
		"gzip, bad length":            {flip(g, len(g)-2), true},
		"gzip, bad data":              {flip(g, len(g)/2), false},
		"gzip, bad header":            {[]byte("\x1f\x8bnot really compressed"), false},
		"gzip, garbage behind":        {join(g, []byte("garbage")), true},
		"gzip, garbage after padding": {join(g, make([]byte, 100), []byte("g")), true},
		"gzip, bad second member":     {join(g, g[:5]), true},
		"zstd, bad checksum":          {flip(z, len(z)-1), false}, // the last block is withheld
		"zstd, garbage behind":        {join(z, []byte("garbage")), true},
		"zstd, bad block":             {flip(z, len(z)/2), false},
	} {
		got, _, err := read(t, bytes.NewReader(test.file), decompress.Config{}, 1<<16)
		var damage *decompress.StreamError
		if !errors.As(err, &damage) || damage.Offset != int64(len(got)) {
			t.Errorf("%s: %v after %d bytes", name, err, len(got))
		}
		if test.whole && !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes of %d", name, len(got), len(data))
		}
	}
}

func TestSourceFails(t *testing.T) {
	broken := errors.New("disk on fire")
	g := gzipped(t, text(1000))
	for cut := range g {
		_, _, err := read(t, io.MultiReader(bytes.NewReader(g[:cut]), iotest.ErrReader(broken)), decompress.Config{}, 100)
		if !errors.Is(err, broken) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	_, _, err := read(t, io.MultiReader(bytes.NewReader(text(50)), iotest.ErrReader(broken)), decompress.Config{}, 100)
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestExpansion stops a stream that grows beyond the ratio, and lets one pass
// that only gzip's own best is like.
func TestExpansion(t *testing.T) {
	const size = 8 << 20
	zeros := make([]byte, size)
	cfg := decompress.Config{ExpandGrace: 1 << 20}
	got, _, err := read(t, bytes.NewReader(zstded(t, zeros)), cfg, 1<<16)
	var expansion *decompress.ExpansionError
	if !errors.Is(err, decompress.ErrExpansion) || !errors.As(err, &expansion) || expansion.Offset != int64(len(got)) {
		t.Fatalf("zstd: %v after %d bytes", err, len(got))
	}
	if len(got) < 1<<20 || len(got) > 2<<20 {
		t.Errorf("zstd: stopped after %d bytes", len(got))
	}
	if got, _, err := read(t, bytes.NewReader(gzipped(t, zeros)), cfg, 1<<16); err != nil || len(got) != size {
		t.Errorf("gzip: %v after %d bytes", err, len(got))
	}
	if got, _, err := read(t, bytes.NewReader(zstded(t, zeros)), decompress.Config{}, 1<<16); err != nil || len(got) != size {
		t.Errorf("zstd within the grace: %v after %d bytes", err, len(got))
	}
}

// TestWindow gives no memory to windows that are too large, and not more than
// the window to others: what is reserved becomes resident only as it is filled.
func TestWindow(t *testing.T) {
	frame := func(window byte) []byte { // a raw last block of one byte in a window of 2^(10+window>>3)
		return []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, window, 0x09, 0x00, 0x00, 'x'}
	}
	if _, _, err := read(t, bytes.NewReader(frame(18<<3)), decompress.Config{}, 100); err == nil {
		t.Error("a window of 256 MiB is accepted")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, _, err := read(t, bytes.NewReader(frame(17<<3)), decompress.Config{}, 100)
	runtime.ReadMemStats(&after)
	if err != nil || string(got) != "x" {
		t.Errorf("window of 128 MiB: %q, %v", got, err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > decompress.DefaultMaxWindow+4<<20 {
		t.Errorf("window of 128 MiB: %d bytes allocated", n)
	}
}

// TestNoGoroutines leaves none behind, closed or not, read to the end or not.
func TestNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	data := text(1 << 20)
	for _, file := range [][]byte{gzipped(t, data), zstded(t, data)} {
		r, err := decompress.Open(bytes.NewReader(file), decompress.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Read(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%v: %d goroutines, %d before", r.Format(), n, before)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := r.Read(make([]byte, 1000)); err == nil || err == io.EOF {
			t.Errorf("%v: read after Close: %v", r.Format(), err)
		}
	}
}

// TestPlainDoesNotWait passes reads of uncompressed input through.
func TestPlainDoesNotWait(t *testing.T) {
	in, out := io.Pipe()
	go func() { _, _ = out.Write(text(20)) }()
	r, err := decompress.Open(in, decompress.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 100)
	for got := 0; got < 20; {
		n, err := r.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
}

func TestConfig(t *testing.T) {
	if err := decompress.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, bad := range []decompress.Config{{MaxExpand: -1}, {ExpandGrace: -1}, {MaxWindow: 1}, {MaxWindow: 1 << 40}} {
		if _, err := decompress.Open(strings.NewReader(""), bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
