package capfile_test

import (
	"bytes"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// FuzzWriteBack writes what was read of any file as pcapng and reads it again:
// times, lengths, bytes and interfaces are the same.
func FuzzWriteBack(f *testing.F) {
	for _, file := range samples(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		first := readAll(t, bytes.NewReader(file), fuzzConfig, 4096)
		if len(first.packets) == 0 {
			return
		}
		var out bytes.Buffer
		w, err := capfile.NewPcapngWriter(&out, capfile.PcapngConfig{})
		must(t, err)
		for _, face := range first.interfaces {
			link := face.Link
			if link > 0xffff { // wider than pcapng can say
				return
			}
			_, err := w.AddInterface(capfile.DefaultInterface(link))
			must(t, err)
		}
		for _, p := range first.packets {
			if p.time == packet.NoTime || p.time < 0 {
				return // of which only simple packets are without a time
			}
			must(t, w.WritePacket(int(p.iface), p.time, p.wire, []byte(p.data)))
		}
		must(t, w.Close())
		again := readAll(t, bytes.NewReader(out.Bytes()), capfile.Config{}, 4096)
		if again.err != nil || len(again.packets) != len(first.packets) {
			t.Fatalf("%d packets written, %d read: %v", len(first.packets), len(again.packets), again.err)
		}
		for i := range first.packets {
			if again.packets[i] != first.packets[i] {
				t.Errorf("packet %d: %+v, written %+v", i, again.packets[i], first.packets[i])
			}
		}
	})
}
