package stream_test

import (
	"testing"

	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// TestFromView takes the payload from the block, and no header that is not whole.
func TestFromView(t *testing.T) {
	b := &packet.Block{Data: []byte("....IP..TCPTCPTCPTCPTCPTCPTabc")}
	v := packet.View{
		Offset: 4, L4: 3, L4Len: 20, PayloadCap: 3, PayloadLen: 9, Protocol: packet.ProtoTCP,
		TCPFlags: packet.ACK, Seq: 5, Ack: 6,
	}
	seg, ok := stream.FromView(b, &v)
	if !ok || string(seg.Payload) != "abc" || seg.Wire != 9 || seg.Seq != 5 || seg.Ack != 6 || seg.Flags != packet.ACK {
		t.Errorf("%v, %+v", ok, seg)
	}
	for name, spoil := range map[string]func(v *packet.View){
		"UDP":        func(v *packet.View) { v.Protocol = packet.ProtoUDP },
		"no header":  func(v *packet.View) { v.L4Len = 0 },
		"cut header": func(v *packet.View) { v.Quality = packet.TruncatedL4 },
	} {
		spoiled := v
		spoil(&spoiled)
		if _, ok := stream.FromView(b, &spoiled); ok {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestValidate refuses what makes no sense.
func TestValidate(t *testing.T) {
	good := stream.DefaultConfig()
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(c *stream.Config){
		"no bytes":        func(c *stream.Config) { c.Bytes = 0 },
		"negative buffer": func(c *stream.Config) { c.Buffer = -1 },
		"negative total":  func(c *stream.Config) { c.Total = -1 },
		"third policy":    func(c *stream.Config) { c.Overlap = 2 },
	} {
		bad := good
		spoil(&bad)
		if bad.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
