package capfile_test

import (
	"bytes"
	"io"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// benchPackets is the number of packets in a benchmark capture.
const benchPackets = 100_000

// sizes repeats the packet sizes of a benchmark capture: small ones only, or a
// mix with a mean near 450 bytes.
func sizes(small bool) []int {
	if small {
		return []int{64, 66, 74, 100}
	}
	return []int{66, 66, 1514, 74, 90, 1514, 66, 200, 66, 583}
}

func pcapFile(tb testing.TB, cfg capfile.PcapConfig, count int, sizes []int) []byte {
	var file bytes.Buffer
	w, err := capfile.NewPcapWriter(&file, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	data := make([]byte, 2048)
	for i := range count {
		n := sizes[i%len(sizes)]
		if err := w.WritePacket(start+int64(i)*1000, uint32(n), data[:n]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

func pcapngFile(tb testing.TB, cfg capfile.InterfaceConfig, count int, sizes []int) []byte {
	var file bytes.Buffer
	w, err := capfile.NewPcapngWriter(&file, capfile.PcapngConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.AddInterface(cfg); err != nil {
		tb.Fatal(err)
	}
	data := make([]byte, 2048)
	for i := range count {
		n := sizes[i%len(sizes)]
		if err := w.WritePacket(0, start+int64(i)*1000, uint32(n), data[:n]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

// start is 2023-11-26 12:00 UTC.
const start = int64(1_701_000_000_000_000_000)

// drain reads a whole capture through one Block and returns its packets.
func drain(tb testing.TB, src io.Reader, b *packet.Block) int {
	r, err := capfile.NewReader(src, capfile.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	n := 0
	for err == nil {
		b.Data, b.Records = b.Data[:0], b.Records[:0]
		err = r.Fill(b)
		n += len(b.Records)
	}
	if err != io.EOF {
		tb.Fatal(err)
	}
	return n
}

func BenchmarkRead(b *testing.B) {
	micros, nanos := capfile.DefaultPcapConfig(), capfile.DefaultPcapConfig()
	micros.Nanosecond = false
	swapped := nanos
	swapped.BigEndian = true
	microsNG, binaryNG := capfile.DefaultInterface(1), capfile.DefaultInterface(1)
	microsNG.TSResol, binaryNG.TSResol = 6, 0x80|32
	for _, bench := range []struct {
		name string
		file []byte
	}{
		{"pcap/micros/mixed", pcapFile(b, micros, benchPackets, sizes(false))},
		{"pcap/nanos/small", pcapFile(b, nanos, benchPackets, sizes(true))},
		{"pcap/bigendian/small", pcapFile(b, swapped, benchPackets, sizes(true))},
		{"pcapng/nanos/mixed", pcapngFile(b, capfile.DefaultInterface(1), benchPackets, sizes(false))},
		{"pcapng/micros/small", pcapngFile(b, microsNG, benchPackets, sizes(true))},
		{"pcapng/binary/small", pcapngFile(b, binaryNG, benchPackets, sizes(true))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			block := packet.Block{Data: make([]byte, 0, capfile.DefaultBuffer)}
			src := bytes.NewReader(bench.file)
			b.SetBytes(int64(len(bench.file)))
			b.ReportAllocs()
			packets := 0
			for b.Loop() {
				src.Reset(bench.file)
				packets += drain(b, src, &block)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(packets), "ns/packet")
		})
	}
}

// BenchmarkCopy is what moving the bytes of BenchmarkRead costs alone: the part
// of it that no reader can save.
func BenchmarkCopy(b *testing.B) {
	for _, small := range []bool{false, true} {
		b.Run(map[bool]string{false: "mixed", true: "small"}[small], func(b *testing.B) {
			file := pcapFile(b, capfile.DefaultPcapConfig(), benchPackets, sizes(small))
			buffer := make([]byte, capfile.DefaultBuffer)
			src := bytes.NewReader(file)
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				src.Reset(file)
				for n := 1; n > 0; {
					n, _ = src.Read(buffer)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchPackets, "ns/packet")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	data := make([]byte, 450)
	b.Run("pcap", func(b *testing.B) {
		w, err := capfile.NewPcapWriter(io.Discard, capfile.DefaultPcapConfig())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := w.WritePacket(start, 450, data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pcapng", func(b *testing.B) {
		w, err := capfile.NewPcapngWriter(io.Discard, capfile.PcapngConfig{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.AddInterface(capfile.DefaultInterface(1)); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := w.WritePacket(0, start, 450, data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
