package input_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
)

// TestFacts reads files of every kind and compares what is known of them with
// what was put in. The hash is always that of the stored bytes, to the last one.
func TestFacts(t *testing.T) {
	plain := pcap(t, 300, many(4000)...)
	big := pcap(t, 100_000, many(30)...) // packets larger than the block that takes them
	flipped := bytes.Clone(plain)
	flipped[24+316*10+8] = 0xff // the eleventh packet claims 4 GB
	flipped[24+316*10+11] = 0xff
	badGzip := gzipped(t, plain)
	badGzip = append(badGzip[:len(badGzip)-8:len(badGzip)-8], 1, 2, 3, 4, 5, 6, 7, 8)
	text := []byte(strings.Repeat("time,src,dst\n", 40_000))
	tests := []struct {
		name        string
		data        []byte
		compression string
		format      string
		packets     int
		opens       bool
		clean       bool
	}{
		{"plain", plain, "none", "pcap", 4000, true, true},
		{"large packets", big, "none", "pcap", 30, true, true},
		{"gzip", gzipped(t, plain), "gzip", "pcap", 4000, true, true},
		{"gzip of several members", gzipped(t, plain[:100], plain[100:70_000], plain[70_000:]), "gzip", "pcap", 4000, true, true},
		{"zstd", zstandard(t, plain), "zstd", "pcap", 4000, true, true},
		{"zstd of several frames", append(zstandard(t, plain[:500]), zstandard(t, plain[500:])...), "zstd", "pcap", 4000, true, true},
		{"header alone", plain[:24], "none", "pcap", 0, true, true},
		{"cut in a packet", plain[:24+316*7+20], "none", "pcap", 7, true, false},
		{"damaged early", flipped, "none", "pcap", 10, true, false},
		{"gzip with a wrong checksum", badGzip, "gzip", "pcap", 4000, true, false},
		{"zstd cut", zstandard(t, plain)[:900], "zstd", "", 0, false, false},
		{"empty", nil, "none", "", 0, false, false},
		{"three bytes", []byte{1, 2, 3}, "none", "", 0, false, false},
		{"text", text, "none", "", 0, false, false},
		{"LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"), "none", "", 0, false, false},
		{"gzip of text", gzipped(t, text), "gzip", "", 0, false, false},
		{"bzip2", append([]byte("BZh9"), text...), "bzip2", "", 0, false, false},
		{"xz", append([]byte("\xfd7zXZ\x00"), text...), "xz", "", 0, false, false},
	}
	for _, tt := range tests {
		for _, mode := range []input.HashMode{input.HashSHA256, input.HashNone} {
			t.Run(tt.name+"/"+string(mode), func(t *testing.T) {
				noLeak(t)
				path := write(t, t.TempDir(), "x.pcap", tt.data)
				cfg := input.DefaultConfig()
				cfg.Hash = mode
				c, err := input.Open(path, nil, cfg)
				if (err == nil) != tt.opens {
					t.Fatalf("Open: %v", err)
				}
				packets := 0
				if err == nil {
					packets, err = drain(c)
				}
				if packets != tt.packets || (err == nil) != tt.clean {
					t.Errorf("%d packets, want %d; %v", packets, tt.packets, err)
				}
				if err != nil && !strings.HasPrefix(err.Error(), path+": ") {
					t.Errorf("error does not begin with the path: %v", err)
				}
				facts, err := c.Close()
				if err != nil {
					t.Errorf("Close: %v", err)
				}
				want := ""
				if mode == input.HashSHA256 {
					want = sha(tt.data)
				}
				if facts.SHA256 != want || facts.Bytes != int64(len(tt.data)) || facts.Compression != tt.compression || facts.Format != tt.format {
					t.Errorf("facts %+v", facts)
				}
				if again, err := c.Close(); err != nil || again.Bytes != 0 {
					t.Errorf("second Close: %+v %v", again, err)
				}
			})
		}
	}
}

// TestDamageInside: of a compressed file that damage ends early the whole stream counts,
// hashed or not. The rest of it is longer as stored than what is read ahead.
func TestDamageInside(t *testing.T) {
	const size = 100_000
	data := pcap(t, size, many(10)...)
	noise := rand.NewChaCha8([32]byte{})
	for at := 24 + 16; at < len(data); at += 16 + size {
		noise.Read(data[at : at+size]) //nolint:errcheck // it never fails
	}
	copy(data[24+16+size+8:], "\xff\xff\xff\xff") // the second packet claims 4 GB
	for name, stored := range map[string][]byte{"gzip": gzipped(t, data), "zstd": zstandard(t, data)} {
		for _, mode := range []input.HashMode{input.HashSHA256, input.HashNone} {
			path := write(t, t.TempDir(), name, stored)
			cfg := input.DefaultConfig()
			cfg.Hash = mode
			c, err := input.Open(path, nil, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := drain(c); n != 1 || err == nil {
				t.Errorf("%s: %d packets, %v", name, n, err)
			}
			facts, err := c.Close()
			if err != nil || facts.Stream != int64(len(data)) || facts.Info.Bytes.Sum() != facts.Stream || facts.Bytes != int64(len(stored)) {
				t.Errorf("%s, hash %s: a stream of %d bytes, want %d: %+v %v", name, mode, facts.Stream, len(data), facts, err)
			}
			if mode == input.HashSHA256 && facts.SHA256 != sha(stored) {
				t.Errorf("%s: hash %s", name, facts.SHA256)
			}
		}
	}
}

// TestStopEarly closes captures before their end: the hash is still the file's.
func TestStopEarly(t *testing.T) {
	noLeak(t)
	data := pcap(t, 300, many(20_000)...)
	path := write(t, t.TempDir(), "x.pcap", data)
	for fills := range 4 {
		c, err := input.Open(path, nil, input.DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		for range fills {
			b := &packet.Block{Data: make([]byte, 0, 100_000)}
			if err := c.Fill(b); err != nil {
				t.Fatal(err)
			}
			clear(b.Data[:cap(b.Data)]) // whoever got the block may do with it what he wants
		}
		facts, err := c.Close()
		if err != nil || facts.SHA256 != sha(data) || facts.Bytes != int64(len(data)) {
			t.Errorf("after %d fills: %+v %v", fills, facts, err)
		}
	}
}

func TestAbandon(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	paths := []string{
		write(t, dir, "a", pcap(t, 300, many(20_000)...)), write(t, dir, "b", []byte("text")),
		write(t, dir, "c", gzipped(t, pcap(t, 60, 1))), filepath.Join(dir, "missing"),
	}
	for _, path := range paths {
		c, err := input.Open(path, nil, input.DefaultConfig())
		if err == nil {
			if err := c.Fill(&packet.Block{}); err != nil && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
		}
		c.Abandon()
		c.Abandon()
		if facts, err := c.Close(); err != nil || facts.SHA256 != "" {
			t.Errorf("%s: Close after Abandon: %+v %v", path, facts, err)
		}
	}
}

func TestStdin(t *testing.T) {
	data := gzipped(t, pcap(t, 300, many(500)...))
	sources := map[string]io.Reader{
		"at once":             bytes.NewReader(data),
		"byte by byte":        iotest.OneByteReader(bytes.NewReader(data)),
		"data with the error": iotest.DataErrReader(bytes.NewReader(data)),
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			c, err := input.Open(input.Stdin, src, input.DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			if n, err := drain(c); n != 500 || err != nil {
				t.Errorf("%d packets, %v", n, err)
			}
			facts, err := c.Close()
			if err != nil || facts.SHA256 != sha(data) || facts.Bytes != int64(len(data)) {
				t.Errorf("%+v %v", facts, err)
			}
		})
	}
}

// TestSourceFails lets standard input fail at every stage of opening and reading.
func TestSourceFails(t *testing.T) {
	data := pcap(t, 300, many(20)...)
	broken := errors.New("cable unplugged")
	for _, whole := range [][]byte{data, gzipped(t, data), zstandard(t, data)} {
		for at := 0; at < len(whole); at += 1 + at/3 {
			noLeak(t)
			src := io.MultiReader(bytes.NewReader(whole[:at]), iotest.ErrReader(broken))
			c, err := input.Open(input.Stdin, src, input.DefaultConfig())
			if err == nil {
				_, err = drain(c)
			}
			if !errors.Is(err, broken) {
				t.Errorf("at %d of %d: %v", at, len(whole), err)
			}
			if facts, err := c.Close(); err != nil || facts.SHA256 != sha(whole[:at]) || facts.Bytes != int64(at) {
				t.Errorf("at %d of %d: %+v %v", at, len(whole), facts, err)
			}
		}
	}
}

// TestSourceLies gives counts that no reader may give.
func TestSourceLies(t *testing.T) {
	for _, n := range []int{-1, 1 << 30} {
		noLeak(t)
		c, err := input.Open(input.Stdin, liar(n), input.DefaultConfig())
		if err == nil {
			t.Errorf("count %d: no error", n)
		}
		if _, err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

type liar int

func (l liar) Read([]byte) (int, error) { return int(l), nil }

// TestChanged changes a file between its opening and its closing.
func TestChanged(t *testing.T) {
	data := pcap(t, 300, many(3000)...)
	more := pcap(t, 300, many(3001)...)
	tests := map[string]func(t *testing.T, path string){
		"appended": func(t *testing.T, path string) {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.Write(more[len(data):]); err != nil {
				t.Fatal(err)
			}
		},
		"truncated": func(t *testing.T, path string) {
			if err := os.Truncate(path, 50_000); err != nil {
				t.Fatal(err)
			}
		},
		"replaced by its like": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			other := write(t, filepath.Dir(path), "other", data)
			if err := os.Chtimes(other, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(other, path); err != nil {
				t.Fatal(err)
			}
		},
		"written to": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			later := info.ModTime().Add(1)
			if err := os.Chtimes(path, later, later); err != nil {
				t.Fatal(err)
			}
		},
		"removed": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	}
	says := map[string]string{
		"appended": "it grew from 948024 to 948340 bytes; read and hashed are the first 948024", "truncated": "it shrank from 948024 to 50000 bytes",
		"replaced by its like": "another file has its name now", "removed": "the file is gone", "written to": "it was written to",
	}
	for name, change := range tests {
		for _, mode := range []input.HashMode{input.HashSHA256, input.HashNone} {
			t.Run(name+"/"+string(mode), func(t *testing.T) {
				noLeak(t)
				path := write(t, t.TempDir(), "x.pcap", data)
				cfg := input.DefaultConfig()
				cfg.Hash = mode
				c, err := input.Open(path, nil, cfg)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Fill(&packet.Block{}); err != nil {
					t.Fatal(err)
				}
				change(t, path)
				if _, err := drain(c); err != nil && name != "truncated" {
					t.Error(err)
				}
				facts, err := c.Close()
				if !errors.Is(err, input.ErrChanged) || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), says[name]) {
					t.Errorf("%+v %v", facts, err)
				}
				if name == "appended" && mode == input.HashSHA256 && (facts.SHA256 != sha(data) || facts.Info.Packets != 3000) {
					t.Errorf("what was appended is in: %d packets, %+v", facts.Info.Packets, facts)
				}
			})
		}
	}
	t.Run("left alone", func(t *testing.T) {
		path := write(t, t.TempDir(), "x.pcap", data)
		c, err := input.Open(path, nil, input.DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestOpenErrors(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	tests := []struct {
		path string
		is   func(error) bool
	}{
		{filepath.Join(dir, "missing"), func(err error) bool { return errors.Is(err, fs.ErrNotExist) }},
		{filepath.Join(dir, "no\nsuch\x1b[2Jfile"), func(err error) bool {
			return errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(err.Error(), "\n\x1b")
		}},
		{dir, func(err error) bool { return strings.Contains(err.Error(), "is a directory") }},
		{write(t, dir, "text", []byte("hello, world")), func(err error) bool {
			var format *capfile.FormatError
			return errors.As(err, &format) && format.Reason == capfile.ReasonText
		}},
		{write(t, dir, "lfs.pcap", []byte("version https://git-lfs.github.com/spec/v1\n")), func(err error) bool {
			var format *capfile.FormatError
			return errors.As(err, &format) && format.Reason == capfile.ReasonLFSPointer
		}},
		{write(t, dir, "x.pcap.zip", []byte("PK\x03\x04............")), func(err error) bool {
			var unsupported *decompress.UnsupportedError
			return errors.As(err, &unsupported) && unsupported.Format == decompress.Zip
		}},
	}
	for _, tt := range tests {
		for _, mode := range []input.HashMode{input.HashSHA256, input.HashNone} {
			cfg := input.DefaultConfig()
			cfg.Hash = mode
			c, err := input.Open(tt.path, nil, cfg)
			if err == nil || !tt.is(err) {
				t.Errorf("%q: %v", tt.path, err)
			}
			if _, err := c.Close(); err != nil {
				t.Errorf("%q: Close: %v", tt.path, err)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	good := input.DefaultConfig()
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*input.Config){
		"hash":       func(c *input.Config) { c.Hash = "md5" },
		"no hash":    func(c *input.Config) { c.Hash = "" },
		"capfile":    func(c *input.Config) { c.Capfile.MaxPacket = 1 << 31 },
		"decompress": func(c *input.Config) { c.Decompress.MaxExpand = -1 },
	} {
		c := input.DefaultConfig()
		if spoil(&c); c.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
