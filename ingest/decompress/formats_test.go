package decompress_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"pcapmill/ingest/decompress"
)

func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What bzip2 1.0.8 makes of: bzipDigits `0123456789` thirty times (-1), bzipHello
// "hello hello hello hello, bzip2\n" (-9), bzipZeros a million zero bytes (-9),
// bzipNothing no byte at all.
const (
	bzipDigits  = "425a6831314159265359bd26df7200000e88007fe0200054400c04d550c26721e43d87d0c4330d4370fe1c83177245385090bd26df72"
	bzipHello   = "425a683931415926535918b018e100000659800010400410001264c0102000310340d012930269ea44687aba16ecb410097c5dc914e1424062c06384"
	bzipZeros   = "425a683931415926535979d39e480007a8c040c00000020008200030cc09aa69952436a9490f17724538509079d39e48"
	bzipNothing = "425a683917724538509000000000"
)

// What xz 5.4.1 -C sha256 makes of "abc", lz4 1.9.4 -l (legacy) of "hello", and
// lz4 of nothing.
const (
	xzABC      = "fd377a585a00000ae1fb0ca10200210116000000742fe5a30100026162630000ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad00013303a181e44d189b4b9a01000000000a595a"
	lz4Hello   = "02214c18060000005068656c6c6f"
	lz4Nothing = "04224d186440a700000000055dcc02"
)

func digits() []byte { return bytes.Repeat([]byte("0123456789"), 30) }

func lz4ed(t testing.TB, data []byte, options ...lz4.Option) []byte {
	t.Helper()
	var out bytes.Buffer
	w := lz4.NewWriter(&out)
	if err := w.Apply(append(options, lz4.ConcurrencyOption(1))...); err != nil {
		t.Fatal(err)
	}
	write(t, w, data)
	return out.Bytes()
}

func xzed(t testing.TB, data []byte, cfg xz.WriterConfig) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := cfg.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, data)
	return out.Bytes()
}

// packet-like data: runs, repeats near and far, and noise.
func mixed(n int) []byte {
	noise := text(n)
	var b []byte
	for i := 0; len(b) < n; i++ {
		b = append(b, noise[i*37%n:][:min(40+i%61, n-i*37%n)]...)
		b = append(b, bytes.Repeat([]byte{byte(i)}, i%50)...)
		if i%3 == 0 {
			from := (i * 7919) % len(b)
			b = append(b, b[from:min(from+300, len(b))]...)
		}
	}
	return b[:n]
}

func TestFormats(t *testing.T) {
	data, short := mixed(700_000), mixed(5000)
	skippable := []byte("\x5a\x2a\x4d\x18\x05\x00\x00\x00hello")
	block := func(size lz4.BlockSize) lz4.Option { return lz4.BlockSizeOption(size) }
	for _, test := range []struct {
		name string
		file []byte
		want []byte
	}{
		{"lz4", lz4ed(t, data), data},
		{"lz4 of nothing", fromHex(t, lz4Nothing), nil},
		{"lz4, 64 KiB blocks with checksums", lz4ed(t, data, block(lz4.Block64Kb), lz4.BlockChecksumOption(true)), data},
		{"lz4, dependent blocks", lz4ed(t, data, block(lz4.Block64Kb)), data},
		{"lz4, no content checksum", lz4ed(t, data, lz4.ChecksumOption(false)), data},
		{"lz4 with its size", lz4ed(t, data, lz4.SizeOption(uint64(len(data)))), data},
		{"lz4, stored blocks", lz4ed(t, random(300_000)), random(300_000)},
		{"lz4 frames", join(lz4ed(t, data), lz4ed(t, short), fromHex(t, lz4Nothing)), join(data, short)},
		{"lz4, skippable frames", join(skippable, lz4ed(t, short), skippable, lz4ed(t, short), skippable), join(short, short)},
		{"lz4, padded with zeros", join(lz4ed(t, short), make([]byte, 5000)), short},
		{"lz4 legacy", lz4ed(t, data, lz4.LegacyOption(true)), data},
		{"lz4 legacy, by lz4", fromHex(t, lz4Hello), []byte("hello")},
		{"lz4 legacy, padded", join(fromHex(t, lz4Hello), make([]byte, 4096), fromHex(t, lz4Hello)), []byte("hellohello")},
		{"lz4 legacy, several blocks", lz4ed(t, bytes.Repeat(data, 13), lz4.LegacyOption(true)), bytes.Repeat(data, 13)},
		{"lz4 legacy, then frames", join(fromHex(t, lz4Hello), lz4ed(t, short), skippable, fromHex(t, lz4Hello), fromHex(t, lz4Hello)), join([]byte("hello"), short, []byte("hellohello"))},
		{"xz", xzed(t, data, xz.WriterConfig{}), data},
		{"xz, by xz", fromHex(t, xzABC), []byte("abc")},
		{"xz of nothing", xzed(t, nil, xz.WriterConfig{}), nil},
		{"xz, CRC-32", xzed(t, short, xz.WriterConfig{CheckSum: xz.CRC32}), short},
		{"xz, SHA-256", xzed(t, short, xz.WriterConfig{CheckSum: xz.SHA256}), short},
		{"xz without checksum", xzed(t, short, xz.WriterConfig{NoCheckSum: true}), short},
		{"xz, many blocks", xzed(t, data, xz.WriterConfig{BlockSize: 30_000, DictCap: 1 << 16}), data},
		{"xz, small dictionary", xzed(t, data, xz.WriterConfig{DictCap: 4096}), data},
		{"xz, odd dictionary", xzed(t, data, xz.WriterConfig{DictCap: 3 << 16}), data},
		{"xz, other properties", xzed(t, data, xz.WriterConfig{Properties: &lzma.Properties{LC: 1, LP: 3, PB: 0}}), data},
		{"xz, stored chunks", xzed(t, random(300_000), xz.WriterConfig{}), random(300_000)},
		{"xz streams, padded", join(xzed(t, data, xz.WriterConfig{}), make([]byte, 8), xzed(t, short, xz.WriterConfig{BlockSize: 500}), make([]byte, 400_000)), join(data, short)},
		{"bzip2", fromHex(t, bzipDigits), digits()},
		{"bzip2 of nothing", fromHex(t, bzipNothing), nil},
		{"bzip2 of zeros", fromHex(t, bzipZeros), make([]byte, 1_000_000)},
		{"bzip2 streams", join(fromHex(t, bzipDigits), fromHex(t, bzipNothing), fromHex(t, bzipHello)), join(digits(), []byte("hello hello hello hello, bzip2\n"))},
		{"skippable frames, then zstd", join(skippable, skippable, zstded(t, short)), short},
		{"skippable frames alone", join(skippable, skippable), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, buffer := range []int{1, 999, 1 << 20} {
				if buffer == 1 && len(test.want) > 10_000 {
					continue
				}
				got, r, err := read(t, bytes.NewReader(test.file), decompress.Config{MaxExpand: 1 << 40}, buffer)
				if err != nil || !bytes.Equal(got, test.want) {
					t.Fatalf("buffer %d: %d bytes of %d, %v", buffer, len(got), len(test.want), err)
				}
				if want, _, _ := strings.Cut(test.name, " "); r.Compression() != strings.Trim(want, ",") && want != "skippable" {
					t.Errorf("compression %q", r.Compression())
				}
				if r.InputOffset() != int64(len(test.file)) {
					t.Errorf("buffer %d: input offset %d of %d", buffer, r.InputOffset(), len(test.file))
				}
			}
		})
	}
}

// random is n bytes that do not compress.
func random(n int) []byte {
	b := make([]byte, n)
	state := uint64(88172645463325252)
	for i := range b {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		b[i] = byte(state >> 32)
	}
	return b
}

// files are small captures of every format, and what is in them.
func files(t testing.TB) map[string]struct{ file, data []byte } {
	data := mixed(700)
	return map[string]struct{ file, data []byte }{
		"gzip":       {gzipped(t, data), data},
		"zstd":       {zstded(t, data), data},
		"lz4":        {lz4ed(t, data, lz4.BlockChecksumOption(true), lz4.SizeOption(uint64(len(data)))), data},
		"lz4, plain": {lz4ed(t, data), data},
		"xz, CRC-32": {xzed(t, data, xz.WriterConfig{CheckSum: xz.CRC32}), data},
		"xz, CRC-64": {xzed(t, data, xz.WriterConfig{CheckSum: xz.CRC64, BlockSize: 300}), data},
		"xz, SHA":    {xzed(t, data, xz.WriterConfig{CheckSum: xz.SHA256}), data},
		"bzip2":      {fromHex(t, bzipDigits), digits()},
		"gzip in xz": {xzed(t, gzipped(t, data), xz.WriterConfig{}), data},
		"xz in lz4":  {lz4ed(t, xzed(t, data, xz.WriterConfig{})), data},
	}
}

// TestFlippedBits flips every bit of small files: the checksums of each format
// are verified, so that no flip passes as a clean end with other content.
func TestFlippedBits(t *testing.T) {
	for name, f := range files(t) {
		passed := 0
		for i := range len(f.file) * 8 {
			if strings.Contains(name, " in ") && i%5 > 0 {
				continue // to save time
			}
			file := bytes.Clone(f.file)
			file[i/8] ^= 1 << (i % 8)
			got, r, err := read(t, bytes.NewReader(file), decompress.Config{}, 1<<16)
			if err != nil {
				continue
			}
			if r.Format() == decompress.None {
				if i >= 8*6 {
					t.Errorf("%s: bit %d: taken as not compressed", name, i)
				}
				continue
			}
			if passed++; !bytes.Equal(got, f.data) {
				t.Errorf("%s: bit %d: %d other bytes without an error", name, i, len(got))
			}
		}
		// Bits that mean nothing: gzip's time, flags and system, zstd's and bzip2's
		// unused ones, the first of padding that decides whether there is padding.
		if passed > 90 {
			t.Errorf("%s: %d flips go unnoticed", name, passed)
		}
	}
}

// TestCutEverywhere cuts files at every place: nothing but the true beginning
// comes out, and never a clean end.
func TestCutEverywhere(t *testing.T) {
	for name, f := range files(t) {
		most := 0
		for cut := 6; cut < len(f.file); cut++ {
			got, r, err := read(t, bytes.NewReader(f.file[:cut]), decompress.Config{}, 100)
			var damage *decompress.StreamError
			if !errors.As(err, &damage) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s cut at %d: %v", name, cut, err)
			}
			if damage.Offset != int64(len(got)) || damage.InputOffset > int64(cut) || damage.Format != r.Format() {
				t.Fatalf("%s cut at %d: %v after %d bytes", name, cut, err, len(got))
			}
			if !bytes.HasPrefix(f.data, got) && len(got) >= 10 { // fewer do not tell the format within
				t.Fatalf("%s cut at %d: other bytes come out", name, cut)
			}
			most = max(most, len(got))
		}
		if most < len(f.data)/2 && name != "zstd" && name != "bzip2" { // whose blocks are all or nothing
			t.Errorf("%s: no more than %d of %d bytes survive any cut", name, most, len(f.data))
		}
	}
}

// TestTrailing holds that bytes behind a whole stream are told from damage.
func TestTrailing(t *testing.T) {
	for name, f := range files(t) {
		if strings.Contains(name, " in ") {
			continue
		}
		for _, junk := range []string{"garbage", "\x00\x00\x00\x00garbage"} {
			if junk[0] == 0 && (name == "zstd" || name == "bzip2") {
				continue // zeros are junk there
			}
			got, _, err := read(t, strings.NewReader(string(f.file)+junk), decompress.Config{}, 1<<16)
			var damage *decompress.StreamError
			if !errors.Is(err, decompress.ErrTrailing) || !errors.As(err, &damage) || !bytes.Equal(got, f.data) {
				t.Errorf("%s: %v after %d bytes of %d", name, err, len(got), len(f.data))
			}
		}
	}
}

// damagedPieces are files with single fields replaced by values that contradict
// the rest.
func damagedPieces(t testing.TB) map[string][]byte {
	patch := func(file []byte, at int, with string) []byte {
		file = bytes.Clone(file)
		if at < 0 {
			at += len(file)
		}
		copy(file[at:], with)
		return file
	}
	data := mixed(3000)
	l, x := lz4ed(t, data, lz4.SizeOption(3000), lz4.BlockChecksumOption(true)), xzed(t, data, xz.WriterConfig{})
	return map[string][]byte{
		"lz4, header checksum":           patch(l, 14, "\x00"),
		"lz4, block larger":              patch(l, 15, "\x00\x00\x50\x00"),
		"lz4, stored and larger":         patch(l, 15, "\x00\x00\x50\x80"),
		"lz4, content checksum":          patch(l, -4, "\x00\x00\x00\x00"),
		"lz4, block checksum":            patch(l, -12, "\x00\x00\x00\x00"),
		"lz4 legacy, bad block":          patch(fromHex(t, lz4Hello), 8, "\xff\xff\xff\xff\xff\xff"),
		"lz4, block out of range":        fromHex(t, "04224d186040820600000014616105000000000000"),
		"xz, stream flags":               patch(x, 6, "\x01"),
		"xz, block checksum":             patch(x, len(x)-28-12, "\x00\x00\x00\x00"),
		"xz, footer magic":               patch(x, -2, "AB"),
		"xz, footer, other length":       patch(x, -8, "\x05"),
		"xz, first chunk resets nothing": patch(fromHex(t, xzABC), 24, "\x02"),
		"xz, unknown chunk":              patch(fromHex(t, xzABC), 24, "\x7f"),
		"xz, LZMA without properties":    patch(fromHex(t, xzABC), 24, "\xa0"),
	}
}

// TestDamagedPieces stops where the contradiction is.
func TestDamagedPieces(t *testing.T) {
	for name, file := range damagedPieces(t) {
		got, _, err := read(t, bytes.NewReader(file), decompress.Config{}, 1<<16)
		var damage *decompress.StreamError
		if !errors.As(err, &damage) || damage.Offset != int64(len(got)) {
			t.Errorf("%s: %v after %d bytes", name, err, len(got))
		}
	}
}

// unsupportedVariants are heads of files that are refused, by what is said of them.
func unsupportedVariants() map[string][]byte {
	dictionary := []byte{0x04, 0x22, 0x4d, 0x18, 0x61, 0x40, 1, 0, 0, 0}
	return map[string][]byte{
		"checksum type 2": xzStreamHeader(2),                                                            // reserved
		"filter 0x4":      join(xzStreamHeader(1), xzBlockHeader([]byte{2, 1, 4, 0, 0x21, 1, 0x16, 0})), // xz --x86 --lzma2
		"a dictionary":    append(dictionary, lz4HeaderSum(dictionary[4:])),
	}
}

// TestUnsupportedVariants are refused by name.
func TestUnsupportedVariants(t *testing.T) {
	for name, b := range unsupportedVariants() {
		_, _, err := read(t, bytes.NewReader(b), decompress.Config{}, 100)
		var unsupported *decompress.UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Detail != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	var unsupported *decompress.UnsupportedError
	frame := "\x28\xb5\x2f\xfd\x21\x07\x05\x29\x00\x00hello" // with dictionary 7
	if _, _, err := read(t, strings.NewReader(frame), decompress.Config{}, 100); !errors.As(err, &unsupported) || unsupported.Format != decompress.Zstd {
		t.Errorf("zstd with a dictionary: %v", err)
	}
}

// TestLayers removes one compression after the other, told by content, up to the
// limit.
func TestLayers(t *testing.T) {
	data := mixed(100_000)
	once := gzipped(t, data)
	twice := xzed(t, once, xz.WriterConfig{})
	thrice := lz4ed(t, twice)
	four := zstded(t, thrice)
	five := gzipped(t, four)
	for i, file := range [][]byte{once, twice, thrice, four} {
		want := []string{"gzip", "gzip+xz", "gzip+xz+lz4", "gzip+xz+lz4+zstd"}[i]
		got, r, err := read(t, bytes.NewReader(file), decompress.Config{}, 1<<16)
		if err != nil || !bytes.Equal(got, data) || r.Compression() != want || r.InputOffset() != int64(len(file)) {
			t.Errorf("%s: %d bytes, %q, %v", want, len(got), r.Compression(), err)
		}
	}
	var layers *decompress.LayersError
	r, err := decompress.Open(bytes.NewReader(five), decompress.Config{})
	if !errors.As(err, &layers) || layers.Limit != 4 || r.Compression() != "gzip+xz+lz4+zstd+gzip"[len("gzip+"):] {
		t.Errorf("five layers: %v", err)
	}
	if got, _, err := read(t, bytes.NewReader(five), decompress.Config{MaxLayers: 5}, 1<<16); err != nil || !bytes.Equal(got, data) {
		t.Errorf("five layers of five: %v", err)
	}
	if _, err := decompress.Open(bytes.NewReader(twice), decompress.Config{MaxLayers: 1}); !errors.As(err, &layers) {
		t.Errorf("two layers of one: %v", err)
	}
	bz := gzipped(t, fromHex(t, bzipDigits))
	if got, r, err := read(t, bytes.NewReader(bz), decompress.Config{}, 10); err != nil || !bytes.Equal(got, digits()) || r.Compression() != "bzip2+gzip" {
		t.Errorf("bzip2 in gzip: %v", err)
	}
	var unsupported *decompress.UnsupportedError
	if _, err := decompress.Open(bytes.NewReader(gzipped(t, []byte("PK\x03\x04...."))), decompress.Config{}); !errors.As(err, &unsupported) || unsupported.Format != decompress.Zip {
		t.Errorf("zip in gzip: %v", err)
	}
}

// TestDamageInLayers names the layer that is damaged, and where the innermost
// stream stood.
func TestDamageInLayers(t *testing.T) {
	data := mixed(300_000)
	inner := gzipped(t, data)
	badInner := bytes.Clone(inner)
	badInner[len(badInner)/2] ^= 0xff
	outer := lz4ed(t, inner, lz4.BlockSizeOption(lz4.Block64Kb))
	for name, test := range map[string]struct {
		file []byte
		want decompress.Format
	}{
		"inner": {lz4ed(t, badInner), decompress.Gzip},
		"outer": {outer[:len(outer)-100], decompress.LZ4},
	} {
		got, _, err := read(t, bytes.NewReader(test.file), decompress.Config{}, 1<<16)
		var damage *decompress.StreamError
		if !errors.As(err, &damage) || damage.Format != test.want || damage.Offset != int64(len(got)) || len(got) == 0 || damage.InputOffset > int64(len(test.file)) {
			t.Errorf("%s: %v after %d bytes", name, err, len(got))
		}
		if test.want == decompress.LZ4 && !bytes.HasPrefix(data, got) {
			t.Errorf("%s: other bytes", name)
		}
	}
}

func TestNames(t *testing.T) {
	for format, want := range map[decompress.Format]string{
		decompress.None: "none", decompress.XZ: "xz", decompress.Bzip2: "bzip2", decompress.LZW: "compress", 99: "invalid",
	} {
		if fmt.Sprint(format) != want {
			t.Errorf("%d is %q", format, format)
		}
	}
	for prefix, want := range map[string]decompress.Format{
		"BZh9": decompress.Bzip2, "BZh0": decompress.None, "BZh": decompress.None, "BZhello": decompress.None,
		"\x04\x22\x4d\x18": decompress.LZ4, "\x02\x21\x4c\x18": decompress.LZ4, "\xfd7zXZ\x00": decompress.XZ,
		"\x5f\x2a\x4d\x18": decompress.Zstd, "\x60\x2a\x4d\x18": decompress.None,
		"\xd4\xc3\xb2\xa1\x02\x00\x04\x00": decompress.None, "\x0a\x0d\x0d\x0a": decompress.None,
	} {
		if got := decompress.Detect([]byte(prefix)); got != want {
			t.Errorf("%q is %v, want %v", prefix, got, want)
		}
	}
}
