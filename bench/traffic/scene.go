package traffic

import (
	"net/netip"
	"sort"

	"pcapmill/ingest/packet"
)

// scene collects conversations that overlap in time, to be written in time order
// to a capture with several interfaces. It keeps all packets in memory and so is
// for small captures.
type scene struct {
	frames []scenePacket
	flows  []*Session
	truth  Truth
}

// scenePacket is one collected packet.
type scenePacket struct {
	Recorded
	face    int
	outcome packet.Outcome
}

// channel is the PacketWriter of one interface of a scene.
type channel struct {
	scene   *scene
	face    int
	snap    int // captured bytes at most; 0: all
	outcome packet.Outcome
}

// WritePacket implements PacketWriter.
func (c channel) WritePacket(ts packet.Nanos, wireLen uint32, data []byte) error {
	if c.snap > 0 && len(data) > c.snap {
		data = data[:c.snap]
	}
	c.scene.frames = append(c.scene.frames, scenePacket{
		Recorded{ts, wireLen, append([]byte(nil), data...)}, c.face, c.outcome,
	})
	return nil
}

// on returns a writer of packets that end in a flow.
func (s *scene) on(face int) channel { return channel{scene: s, face: face, outcome: packet.InFlow} }

// stray adds a packet that is in no flow.
func (s *scene) stray(face int, at packet.Nanos, out packet.Outcome, frame []byte) {
	c := channel{scene: s, face: face, outcome: out}
	_ = c.WritePacket(at, uint32(len(frame)), frame)
}

// session starts a conversation whose truth the scene counts at the end.
func (s *scene) session(w PacketWriter, start packet.Nanos, client, server, state string, opts ...Option) *Session {
	return s.between(w, start, endpoint(client), endpoint(server), state, opts...)
}

// between is session with ends that are no text.
func (s *scene) between(w PacketWriter, start packet.Nanos, client, server netip.AddrPort, state string, opts ...Option) *Session {
	session := NewSession(w, start, client, server, opts...)
	session.Truth.State = state
	s.flows = append(s.flows, session)
	return session
}

// endpoint parses "address:port" or an address alone.
func endpoint(text string) netip.AddrPort {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(a, 0)
	}
	return netip.MustParseAddrPort(text)
}

// play gives the packets to write in time order and counts them.
func (s *scene) play(write func(*scenePacket) error) error {
	sort.SliceStable(s.frames, func(i, j int) bool { return s.frames[i].Time < s.frames[j].Time })
	for i := range s.frames {
		f := &s.frames[i]
		if err := write(f); err != nil {
			return err
		}
		s.truth.count(f.Time, len(f.Data), int(f.WireLen), f.outcome)
	}
	for _, f := range s.flows {
		s.truth.close(&f.Truth)
	}
	return nil
}
