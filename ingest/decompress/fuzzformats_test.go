package decompress_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"pcapmill/ingest/decompress"
)

// fuzzFormat checks on any bytes behind a format's magic number that nothing
// panics or takes memory beyond the bytes there are, that the errors are ours, and
// that a cut stream gives the beginning of what the whole one gives.
func fuzzFormat(f *testing.F, magic string, format decompress.Format, seeds ...[]byte) {
	for _, seed := range seeds {
		f.Add(bytes.TrimPrefix(seed, []byte(magic)), uint16(len(seed)/2))
	}
	cfg := decompress.Config{MaxExpand: 1100, ExpandGrace: 1 << 20, MaxWindow: 1 << 20}
	f.Fuzz(func(t *testing.T, rest []byte, cut uint16) {
		file := append([]byte(magic), rest...)
		var got []byte
		var r *decompress.Reader
		var err error
		n := allocated(func() { got, r, err = read(t, bytes.NewReader(file), cfg, 1<<16) })
		if most := uint64(24<<20 + 400*len(file) + 8*len(got)); n > most {
			t.Errorf("%d bytes allocated for %d of input and %d of output", n, len(file), len(got))
		}
		if err != nil && !ours(err) {
			t.Errorf("foreign error %v", err)
		}
		if r == nil {
			return
		}
		if outer := r.Format(); outer != format && (outer != decompress.None || format != decompress.Bzip2) && !(outer == decompress.LZ4 && format == decompress.Zstd) {
			t.Errorf("taken for %v", outer)
		}
		at := len(magic) + int(cut)
		if at >= len(file) {
			return
		}
		part, _, _ := read(t, bytes.NewReader(file[:at]), cfg, 999)
		// Of a block that is cut more may come out than of one whose whole is wrong.
		if n := min(len(part), len(got)); !bytes.Equal(part[:n], got[:n]) && len(part) >= 10 {
			t.Errorf("cut at %d of %d: %d bytes that are not the beginning of the %d", at, len(file), len(part), len(got))
		}
	})
}

func ours(err error) bool {
	var damage *decompress.StreamError
	var expansion *decompress.ExpansionError
	var unsupported *decompress.UnsupportedError
	var window *decompress.WindowError
	var layers *decompress.LayersError
	return errors.As(err, &damage) || errors.As(err, &expansion) || errors.As(err, &unsupported) ||
		errors.As(err, &window) || errors.As(err, &layers)
}

func FuzzGzip(f *testing.F) {
	data := mixed(500)
	fuzzFormat(f, "\x1f\x8b", decompress.Gzip, gzipped(f, data), join(gzipped(f, data), gzipped(f, nil), make([]byte, 9)), gzipped(f, gzipped(f, data)))
}

func FuzzZstd(f *testing.F) {
	data := mixed(500)
	fuzzFormat(f, "\x28\xb5\x2f\xfd", decompress.Zstd, zstded(f, data), join(zstded(f, data), zstded(f, data[:9])), zstded(f, make([]byte, 9000)))
}

func FuzzLZ4(f *testing.F) {
	data := mixed(500)
	fuzzFormat(f, "\x04\x22\x4d\x18", decompress.LZ4,
		lz4ed(f, data), lz4ed(f, data, lz4.BlockChecksumOption(true), lz4.SizeOption(500)), lz4ed(f, mixed(70_000), lz4.BlockSizeOption(lz4.Block64Kb), lz4.ChecksumOption(false)),
		join(lz4ed(f, data), fromHex(f, lz4Hello)), lz4ed(f, random(50)))
}

func FuzzLZ4Legacy(f *testing.F) {
	data := mixed(500)
	fuzzFormat(f, "\x02\x21\x4c\x18", decompress.LZ4, fromHex(f, lz4Hello), lz4ed(f, data, lz4.LegacyOption(true)), join(fromHex(f, lz4Hello), lz4ed(f, data)))
}

func FuzzSkippable(f *testing.F) {
	skippable := []byte("\x50\x2a\x4d\x18\x05\x00\x00\x00hello")
	fuzzFormat(f, "\x50\x2a\x4d\x18", decompress.Zstd, skippable, join(skippable, lz4ed(f, mixed(99))), join(skippable, skippable, zstded(f, mixed(99))))
}

func FuzzXZ(f *testing.F) {
	data := mixed(500)
	fuzzFormat(f, "\xfd7zXZ\x00", decompress.XZ, fromHex(f, xzABC), xzed(f, data, xz.WriterConfig{BlockSize: 200}), xzed(f, data, xz.WriterConfig{NoCheckSum: true}),
		xzed(f, data, xz.WriterConfig{CheckSum: xz.CRC32, DictCap: 4096}), xzed(f, random(300), xz.WriterConfig{CheckSum: xz.SHA256}), hugeXZ(2))
}

func FuzzBzip2(f *testing.F) {
	fuzzFormat(f, "BZh", decompress.Bzip2, fromHex(f, bzipDigits), fromHex(f, bzipHello), fromHex(f, bzipZeros), join(fromHex(f, bzipNothing), fromHex(f, bzipDigits)))
}

// FuzzLZMA2 compares our LZMA2 decoder with another one: as far as both go, they
// make the same, and what the other takes for whole, ours does too, but for properties that
// LZMA2 forbids and the other does not look at.
func FuzzLZMA2(f *testing.F) {
	for _, data := range [][]byte{mixed(500), make([]byte, 3000), random(300), text(5000), nil} {
		var out bytes.Buffer
		w, err := lzma.Writer2Config{DictCap: 1 << 16}.NewWriter2(&out)
		if err != nil {
			f.Fatal(err)
		}
		write(f, w, data)
		f.Add(out.Bytes())
	}
	f.Add([]byte("\xe0\v\xb7\x00\x15\x80\x00\x00o\xfd\xff\xff\xa3\xb7\xffG>H\x15r9aQ\xb8@\xea0D\x00")) // lc + lp = 6
	header := join(xzStreamHeader(0), xzBlockHeader([]byte{2, 0, 0x21, 1, 8, 0, 0, 0}))                // dictionary of 64 KiB
	f.Fuzz(func(t *testing.T, data []byte) {
		theirs, whole := lzma2(data)
		got, _, err := read(t, bytes.NewReader(join(header, data)), decompress.Config{MaxLayers: 1}, 1<<10)
		var layers *decompress.LayersError
		if errors.As(err, &layers) {
			return
		}
		if n := min(len(got), len(theirs)); !bytes.Equal(got[:n], theirs[:n]) {
			t.Errorf("%d bytes, the other decoder makes %d others", len(got), len(theirs))
		}
		if whole && len(got) < len(theirs) && !forbidden(data) {
			t.Errorf("%d bytes of %d: %v", len(got), len(theirs), err)
		}
	})
}

// forbidden reports whether a chunk sets properties with lc + lp > 4, which LZMA2 does not have
// (The .xz File Format 1.1.0, 5.3.1, and the LZMA2 decoder of XZ Utils).
func forbidden(data []byte) bool {
	for len(data) >= 3 && data[0] != 0 {
		control, skip := data[0], 0
		switch {
		case control >= 0xc0 && len(data) >= 6:
			if p := int(data[5]); p%9+p/9%5 > 4 {
				return true
			}
			skip = 6 + int(data[3])<<8 + int(data[4]) + 1
		case control >= 0x80 && len(data) >= 5:
			skip = 5 + int(data[3])<<8 + int(data[4]) + 1
		default:
			skip = 3 + int(data[1])<<8 + int(data[2]) + 1
		}
		data = data[min(skip, len(data)):]
	}
	return false
}

// lzma2 is what the other decoder makes, and whether it met the end.
func lzma2(data []byte) ([]byte, bool) {
	r, err := lzma.Reader2Config{DictCap: 1 << 16}.NewReader2(bytes.NewReader(data))
	if err != nil {
		return nil, false
	}
	var out bytes.Buffer
	_, err = io.Copy(&out, io.LimitReader(r, 64<<20))
	return out.Bytes(), err == nil && r.EOS()
}
