package traffic

import (
	"fmt"
	"io"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// CaptureWriter is a PacketWriter over a file. Close flushes; it does not close
// the file.
type CaptureWriter interface {
	PacketWriter
	Close() error
}

// NewCapture returns a writer of a capture in the format "pcap" or "pcapng" with
// one Ethernet interface and nanosecond times.
func NewCapture(w io.Writer, format string) (CaptureWriter, error) {
	switch format {
	case "pcap":
		return capfile.NewPcapWriter(w, capfile.DefaultPcapConfig())
	case "pcapng":
		ng, err := capfile.NewPcapngWriter(w, capfile.PcapngConfig{Application: "pcapmill trafficgen"})
		if err != nil {
			return nil, err
		}
		if _, err := ng.AddInterface(capfile.DefaultInterface(packet.LinkEthernet)); err != nil {
			return nil, err
		}
		return onInterface{ng, 0}, nil
	}
	return nil, fmt.Errorf("capture format %q: want pcap or pcapng", format)
}

// onInterface writes all packets to one interface of a pcapng file.
type onInterface struct {
	*capfile.PcapngWriter
	face int
}

// WritePacket implements PacketWriter.
func (o onInterface) WritePacket(ts packet.Nanos, wireLen uint32, data []byte) error {
	return o.PcapngWriter.WritePacket(o.face, ts, wireLen, data)
}

// Recorded is one packet kept in memory.
type Recorded struct {
	Time    packet.Nanos
	WireLen uint32
	Data    []byte
}
