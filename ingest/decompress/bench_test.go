package decompress_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ulikunitz/xz"

	"pcapmill/ingest/decompress"
)

func BenchmarkRead(b *testing.B) {
	data := text(8 << 20)
	for name, file := range map[string][]byte{
		"none": data, "gzip": gzipped(b, data), "zstd": zstded(b, data), "lz4": lz4ed(b, data), "xz": xzed(b, data, xz.WriterConfig{}),
	} {
		b.Run(name, func(b *testing.B) {
			p := make([]byte, 256<<10)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := decompress.Open(bytes.NewReader(file), decompress.Config{})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = r.Read(p)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}
