package source_test

import (
	"io"
	"net/netip"
	"os"
	"slices"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// layer is one tuple in a packet.
type layer struct {
	src, dst netip.Addr
	protocol int32
	depth    uint8
}

// has reports whether an event is on the layer, in either direction.
func (l layer) has(e *label.Event) bool {
	return l.protocol == e.Protocol && (l.src == e.Src && l.dst == e.Dst || l.src == e.Dst && l.dst == e.Src)
}

func anyHas(layers []layer, e *label.Event) bool {
	return slices.ContainsFunc(layers, func(l layer) bool { return l.has(e) })
}

// layersByPacket walks a capture; packets count from 1.
func layersByPacket(t *testing.T, path string) map[int64][]layer {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := decompress.Open(f, decompress.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := capfile.NewReader(in, capfile.Config{})
	if err != nil {
		t.Fatal(err)
	}
	all, number, w := map[int64][]layer{}, int64(0), packet.Walker{SkipChecksums: true}
	for block := new(packet.Block); err == nil; {
		block.Reset()
		err = c.Fill(block)
		for i := range block.Records {
			number++
			rec := &block.Records[i]
			v := packet.View{Offset: rec.Offset}
			out := w.Walk(block.Data[rec.Offset:][:rec.CapLen], rec.WireLen, c.Interfaces()[rec.Interface].Link, &v)
			for carries := out == packet.InFlow; carries && out == packet.InFlow; {
				all[number] = append(all[number], layer{netip.AddrFrom16(v.Src).Unmap(), netip.AddrFrom16(v.Dst).Unmap(), int32(v.Protocol), v.Depth})
				var inner packet.View
				if carries = v.MayCarry() && !v.IsFragment(); carries {
					carries, out = w.Inner(block.Data, &v, &inner)
					v = inner
				}
			}
		}
	}
	if err != io.EOF {
		t.Logf("%s: %v", path, err)
	}
	return all
}
