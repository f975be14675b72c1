package traffic

import (
	"time"

	"pcapmill/ingest/packet"
)

// telecom is an SCTP association (RFC 9260): four-way start, data, shutdown.
func telecom(s *scene) error {
	c := s.session(s.on(trunk), after(15*time.Second), "10.40.0.1:50124", "10.40.0.2:50123", "")
	start := []byte{0, 0, 0, 1, 0, 0, 0x80, 0, 0, 10, 0, 10, 0, 0, 0, 1} // tag, window, streams, first TSN
	cookie := []byte{0, 7, 0, 8, 1, 2, 3, 4}
	c.Chunks(Forward, 0, append([]byte{1, 0, 0, 20}, start...))
	c.Chunks(Reverse, 1, append(append([]byte{2, 0, 0, 28}, start...), cookie...))
	c.Chunks(Forward, 1, []byte{10, 0, 0, 8, 1, 2, 3, 4})
	c.Chunks(Reverse, 1, []byte{11, 0, 0, 4})
	for i := range byte(5) {
		c.Chunks(Forward, 1, []byte{0, 3, 0, 20, 0, 0, 0, 1 + i, 0, 1, 0, i, 0, 0, 0, 0, 'd', 'a', 't', 'a'})
		c.Chunks(Reverse, 1, []byte{3, 0, 0, 16, 0, 0, 0, 1 + i, 0, 0, 0x80, 0, 0, 0, 0, 0})
		c.Wait(time.Second)
	}
	c.Chunks(Forward, 1, []byte{7, 0, 0, 8, 0, 0, 0, 0})
	c.Chunks(Reverse, 1, []byte{8, 0, 0, 4})
	c.Chunks(Forward, 1, []byte{14, 0, 0, 4})
	return c.Err()
}

// damaged is a wrong checksum, packets cut by the capture, and packets whose
// headers contradict themselves.
func damaged(s *scene) error {
	bad := s.session(s.on(lan), after(40*time.Second), "192.0.2.90:40001", "192.0.2.91:7", "S0", Broken(BadL4Checksum))
	bad.Datagram(Forward, []byte("wrong sum"))
	s.truth.BadChecksums++

	short := s.on(lan)
	short.snap = 96
	cut := s.session(short, after(41*time.Second), "192.0.2.92:40002", "192.0.2.93:9", "S0")
	for range 3 {
		cut.Datagram(Forward, make([]byte, 1200))
	}

	whole := TCP(endpoint("192.0.2.94:40003"), endpoint("192.0.2.95:80"), packet.SYN, 1, 0, 1024, nil)
	s.stray(lan, after(42*time.Second), packet.MalformedL2, whole[:9])
	s.stray(lan, after(43*time.Second), packet.MalformedL3, patched(whole, 14, 0x43))       // header of 12 bytes
	s.stray(lan, after(44*time.Second), packet.MalformedL3, patched(whole, 14, 0x4f)[:40])  // options beyond the end
	s.stray(lan, after(45*time.Second), packet.MalformedL4, patched(whole, 14+20+12, 0x10)) // data offset of 4 bytes
	s.stray(trunk, after(46*time.Second), packet.MalformedL2, Ethernet(etherVLAN, []byte{0}))
	return cut.Err()
}

// patched returns a copy of the frame with one byte changed.
func patched(frame []byte, at int, value byte) []byte {
	b := append([]byte(nil), frame...)
	b[at] = value
	return b
}
