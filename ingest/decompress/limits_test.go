package decompress_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"runtime"
	"testing"

	"github.com/ulikunitz/xz"

	"pcapmill/ingest/decompress"
)

// xzStreamHeader is a stream header with a checksum type.
func xzStreamHeader(check byte) []byte {
	b := append([]byte("\xfd7zXZ\x00"), 0, check)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[6:8]))
}

// xzBlockHeader adds its checksum to a block header.
func xzBlockHeader(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(body, crc32.ChecksumIEEE(body))
}

// lz4HeaderSum is the checksum of a short frame descriptor: the second byte of
// its xxHash32, written out from the specification for inputs under 16 bytes.
func lz4HeaderSum(b []byte) byte {
	const p1, p2, p3, p4, p5 = 2654435761, 2246822519, 3266489917, 668265263, 374761393
	h := uint32(len(b)) + p5
	for ; len(b) >= 4; b = b[4:] {
		h += binary.LittleEndian.Uint32(b) * p3
		h = (h<<17 | h>>15) * p4
	}
	for _, c := range b {
		h += uint32(c) * p5
		h = (h<<11 | h>>21) * p1
	}
	h ^= h >> 15
	h *= p2
	h ^= h >> 13
	h *= p3
	return byte((h ^ h>>16) >> 8)
}

// hugeXZ is a stream of blocks that all claim a dictionary of 4 GiB and hold one
// stored byte each.
func hugeXZ(blocks int) []byte {
	b := xzStreamHeader(0)
	for range blocks {
		b = append(b, xzBlockHeader([]byte{2, 0, 0x21, 1, 40, 0, 0, 0})...)
		b = append(b, 1, 0, 0, 'x', 0, 0, 0, 0) // a chunk, the end, padding
	}
	return b
}

// allocated runs f and returns what it allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestClaims holds that sizes that are only claimed get no memory, however often
// they are claimed.
func TestClaims(t *testing.T) {
	zstdFrame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x09, 0x00, 0x00, 'x'} // window of 128 MiB
	zstdSingle := []byte{0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0x01, 0x00, 0x00, 0x08, 0x09, 0x00, 0x00, 'x'}
	lz4Frame := fromHexPlain("04224d18607073" + "ffff3f00" + "10") // blocks of 4 MiB; one of 4 MiB less one announced
	legacy := fromHexPlain("02214c18" + "ffff7f00" + "10")
	for name, test := range map[string]struct {
		file []byte
		most uint64
	}{
		"xz, a block of 4 GiB":         {hugeXZ(1), 1 << 20},
		"xz, 50,000 blocks of 4 GiB":   {hugeXZ(50_000), 8 << 20},
		"zstd, 5,000 windows":          {bytes.Repeat(zstdFrame, 5000), 140 << 20},
		"zstd, 5,000 contents claimed": {bytes.Repeat(zstdSingle, 5000), 140 << 20},
		"lz4, a block":                 {lz4Frame, 1 << 20},
		"lz4 legacy, a block":          {legacy, 1 << 20},
		"bzip2, 5,000 streams":         {bytes.Repeat(fromHexPlain(bzipNothing), 5000), 5 << 20},
		"gzip, 5,000 members":          {bytes.Repeat(gzipped(t, nil), 5000), 4 << 20},
	} {
		n := allocated(func() {
			_, _, _ = read(t, bytes.NewReader(test.file), decompress.Config{}, 1<<12)
		})
		if n > test.most {
			t.Errorf("%s: %d bytes of input allocate %d", name, len(test.file), n)
		}
	}
	got, _, err := read(t, bytes.NewReader(hugeXZ(3)), decompress.Config{}, 100)
	if string(got) != "xxx" || err == nil {
		t.Errorf("xz, dictionary of 4 GiB: %q, %v", got, err)
	}
}

func fromHexPlain(s string) []byte {
	b := make([]byte, len(s)/2)
	for i := range b {
		b[i] = unhex(s[2*i])<<4 | unhex(s[2*i+1])
	}
	return b
}

func unhex(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

// TestDictionary reads streams whose dictionary is larger than what is given
// memory, as long as they do not reach back that far.
func TestDictionary(t *testing.T) {
	near, far := text(1<<20), random(3<<20)
	far = append(far, far[:1<<20]...) // repeats from 3 MiB back
	cfg := decompress.Config{MaxWindow: 1 << 20}
	large := xz.WriterConfig{DictCap: 8 << 20}
	if got, _, err := read(t, bytes.NewReader(xzed(t, near, large)), cfg, 1<<16); err != nil || !bytes.Equal(got, near) {
		t.Errorf("near: %d bytes, %v", len(got), err)
	}
	file := xzed(t, far, large)
	var window *decompress.WindowError
	got, _, err := read(t, bytes.NewReader(file), cfg, 1<<16)
	if !errors.As(err, &window) || window.Limit != 1<<20 || window.Offset != int64(len(got)) || !bytes.HasPrefix(far, got) || len(got) < 2<<20 {
		t.Errorf("far: %d bytes, %v", len(got), err)
	}
	if got, _, err := read(t, bytes.NewReader(file), decompress.Config{}, 1<<16); err != nil || !bytes.Equal(got, far) {
		t.Errorf("far, with memory: %d bytes, %v", len(got), err)
	}
	// A layer further in has half as much.
	half := decompress.Config{MaxWindow: 2 << 20}
	if _, _, err := read(t, bytes.NewReader(gzipped(t, file)), half, 1<<16); !errors.As(err, &window) || window.Limit != 1<<20 {
		t.Errorf("far, in gzip: %v", err)
	}
	tooLarge := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x09, 0x00, 0x00, 'x'}
	if _, _, err := read(t, bytes.NewReader(tooLarge), decompress.Config{}, 100); !errors.As(err, &window) || window.Format != decompress.Zstd {
		t.Errorf("zstd window of 256 MiB: %v", err)
	}
}

// TestExpansionOfEveryFormat stops bombs of all formats, and of formats within
// others, where each for itself stays under the ratio.
func TestExpansionOfEveryFormat(t *testing.T) {
	zeros := make([]byte, 8<<20)
	bzip := bytes.Repeat(fromHex(t, bzipZeros), 8)
	quine := gzipped(t, gzipped(t, zeros)) // 8 MiB out of about 100 bytes
	for name, test := range map[string]struct {
		file  []byte
		ratio int64
		at    decompress.Format
	}{
		"zstd":         {zstded(t, zeros), 1100, decompress.Zstd},
		"xz":           {xzed(t, zeros, xz.WriterConfig{}), 1100, decompress.XZ},
		"bzip2":        {bzip, 1100, decompress.Bzip2},
		"gzip":         {gzipped(t, zeros), 900, decompress.Gzip},
		"lz4":          {lz4ed(t, zeros), 200, decompress.LZ4},
		"gzip in gzip": {quine, 1100, decompress.Gzip},
		"gzip in lz4":  {lz4ed(t, gzipped(t, zeros)), 900, decompress.Gzip},
	} {
		cfg := decompress.Config{ExpandGrace: 1 << 20, MaxExpand: test.ratio}
		got, _, err := read(t, bytes.NewReader(test.file), cfg, 1<<16)
		var expansion *decompress.ExpansionError
		if !errors.As(err, &expansion) || expansion.Offset != int64(len(got)) || expansion.Format != test.at || expansion.Ratio != test.ratio {
			t.Errorf("%s: %v after %d bytes", name, err, len(got))
		}
		if len(got) < 1<<20 || len(got) > 4<<20 {
			t.Errorf("%s: stopped after %d bytes", name, len(got))
		}
		if got, _, err := read(t, bytes.NewReader(test.file), decompress.Config{MaxExpand: math.MaxInt64, ExpandGrace: 1}, 1<<16); err != nil || len(got) < len(zeros)-1<<20 {
			t.Errorf("%s, without a limit: %v after %d bytes", name, err, len(got))
		}
		got, _, err = read(t, bytes.NewReader(test.file), decompress.Config{MaxOutput: 3 << 20}, 1<<16)
		if !errors.As(err, &expansion) || expansion.Ratio != 0 || len(got) < 3<<20 || len(got) > 4<<20 {
			t.Errorf("%s, at most 3 MiB: %v after %d bytes", name, err, len(got))
		}
	}
	if got, _, err := read(t, bytes.NewReader(gzipped(t, zeros)), decompress.Config{MaxOutput: 8 << 20}, 1<<16); err != nil || len(got) != len(zeros) {
		t.Errorf("output as large as allowed: %v after %d bytes", err, len(got))
	}
}

// TestExpansionOutside stops a bomb whose inner stream writes nothing.
func TestExpansionOutside(t *testing.T) {
	skip := append([]byte{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 4}, make([]byte, 64<<20)...) // a frame of 64 MiB to skip
	cfg := decompress.Config{ExpandGrace: 1 << 20}
	r, err := decompress.Open(bytes.NewReader(zstded(t, skip)), cfg)
	if err == nil {
		_, err = r.Read(make([]byte, 100))
	}
	var expansion *decompress.ExpansionError
	if !errors.As(err, &expansion) || expansion.Size > 3<<20 || expansion.Offset != 0 {
		t.Errorf("%v", err)
	}
}
