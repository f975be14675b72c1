package stream_test

import (
	"testing"

	"pcapmill/stages/stream"
)

// BenchmarkAdd measures a segment of 1460 bytes.
func BenchmarkAdd(b *testing.B) {
	for _, c := range []struct {
		name string
		swap int
	}{{"in order", 0}, {"every other one late", 1460}} {
		b.Run(c.name, func(b *testing.B) {
			cfg := stream.DefaultConfig()
			cfg.Bytes = 1 << 50
			p, at := newPlayer(cfg), 0
			b.ReportAllocs()
			for i := 0; i < b.N; i += 2 {
				p.send(at+c.swap, 1460)
				p.send(at+1460-c.swap, 1460)
				at += 2920
			}
		})
	}
}
