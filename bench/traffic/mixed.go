package traffic

import (
	"math"
	"time"

	"pcapmill/ingest/packet"
)

// The mixed profile. Shares are of flows.
//
//	TCP    70.0 %   5 % of all unanswered or refused, the rest real exchanges
//	UDP    28.0 %   18 % DNS, NTP and DHCP pairs, 10 % QUIC
//	other   2.0 %   ICMP echo, some SCTP
//	IPv6   20 %     in each of them
//
// Of the exchanges most are TLS; some are HTTP, SSH and DNS. Clients mostly connect
// to servers that they have looked up seconds before.
//
// Exchanges have a log-normal body and a heavy tail of flows with 310 packets
// and more; the tail's mean is set, flow by flow, so that the capture ends with
// its budget of packets, and the share of full segments so that the mean packet
// comes to meanPacket bytes.
const (
	tailShare = 0.0175 // of exchanges: 1.3 % of all flows
	tailMin   = 310    // packets
	otherMean = 7.3    // packets per flow without the tail
)

func spawnMixed(e *engine, c *conversation) {
	six := e.rng.chance(0.2)
	switch kind := e.rng.float(); {
	case kind < 0.05:
		e.failed(c, six)
	case kind < 0.70:
		e.exchange(c, six)
	case kind < 0.88:
		e.lookup(c, six)
	case kind < 0.98:
		e.quic(c, six)
	case kind < 0.995:
		e.pinged(c, six)
		c.think = 1e9
		startPairs(c, pingProtocol(six), 2*e.rng.within(1, 4), echo)
	default:
		e.endpoints(c, six, 50123)
		c.think = 2e9
		startPairs(c, packet.ProtoSCTP, 2*e.rng.within(1, 5), sctpData)
		c.flow.State = ""
	}
}

func pingProtocol(six bool) uint8 {
	if six {
		return packet.ProtoICMPv6
	}
	return packet.ProtoICMP
}

// failed is a connection attempt that comes to nothing.
func (e *engine) failed(c *conversation, six bool) {
	e.endpoints(c, six, e.webPort())
	if e.rng.chance(0.3) {
		startTCP(e, c, 2, endRefused)
		return
	}
	startTCP(e, c, 1+e.rng.below(3), endNoAnswer)
}

// webPort draws the port of a TCP server whose traffic is all TLS.
func (e *engine) webPort() uint16 {
	switch draw := e.rng.float(); {
	case draw < 0.86:
		return 443
	case draw < 0.93:
		return 993
	}
	return 8443
}

// exchange is a TCP conversation.
func (e *engine) exchange(c *conversation, six bool) {
	n := e.flowLength()
	style := e.steer(n)
	switch use := e.application(n, style); use {
	case overHTTP:
		e.visit(c, six, 80)
		e.speakHTTP(c)
	case overSSH:
		e.visit(c, six, 22)
		e.speakSSH(c)
	case overDNS:
		p := e.strangers()
		e.connect(c, six, pair{p.client, resolver(p.client)}, 53)
		e.speakDNS(c, p.server)
	default:
		e.visit(c, six, e.webPort())
		e.speakTLS(c, n)
	}
	c.style = style
	startExchange(e, c, n)
	c.pace(n, e.lifetime(n))
}

// application draws what an exchange of n packets is for. Short ones have no room
// for a key exchange; who uploads or types does so under encryption.
func (e *engine) application(n int, s style) app {
	draw := e.rng.float()
	switch {
	case s == browse && n < 12 && draw < 0.04:
		return overDNS
	case s == browse && draw < 0.24 || s == download && draw < 0.15:
		return overHTTP
	case s == interact && draw < 0.3 || n >= 20 && draw > 0.97:
		return overSSH
	}
	return overTLS
}

// startExchange makes c a TCP conversation of n packets with an ending that
// leaves room for it.
func startExchange(e *engine, c *conversation, n int) {
	end := endFIN
	draw := e.rng.float()
	switch {
	case n == 1:
		end = endNoAnswer
	case n == 2:
		end = endRefused
	case n == 3 || draw < 0.03:
		end = endOpen
	case n < 6 && draw < 0.6 || draw < 0.07:
		end = endAbort
	case n < 6 || draw < 0.12:
		end = endAborted
	}
	startTCP(e, c, n, end)
}

// flowLength draws the packets of an exchange.
func (e *engine) flowLength() int {
	if e.rng.chance(tailShare) {
		tail := math.Max(1.05*tailMin, (e.share()-otherMean)/(tailShare*0.75))
		return tailMin + int((tail-tailMin)*math.Min(e.rng.heavy(), 60))
	}
	n := int(math.Round(e.rng.logNormal(7.5, 0.56)))
	if n < 6 && e.rng.chance(0.7) {
		return 6
	}
	return max(n, 3)
}

// steer draws the style of an exchange of n packets: full segments are the less
// likely the more the mean packet of all that is planned exceeds its aim.
func (e *engine) steer(n int) style {
	if n < 40 {
		return browse
	}
	bulk := 0.3 + 40*(1-e.mix.mean()/meanPacket)
	switch draw := e.rng.float(); {
	case draw < 0.8*bulk:
		return download
	case draw < bulk:
		return upload
	case draw > 0.8:
		return browse
	}
	return interact
}

// mix predicts the mean packet from the packets planned in each style and the
// mean of those already written.
type mix struct {
	planned [tiny + 1]int64
	written [tiny + 1]packet.Tally
}

// mean returns the predicted mean packet in bytes.
func (m *mix) mean() float64 {
	prior := [...]float64{browse: 330, download: 1000, upload: 1000, interact: 160, tiny: 82}
	var packets, size float64
	for s, n := range m.planned {
		mean := prior[s]
		if w := m.written[s]; w.Packets > 2000 {
			mean = float64(w.WireBytes) / float64(w.Packets)
		}
		packets += float64(n)
		size += float64(n) * mean
	}
	return size / max(packets, 1)
}

// lifetime draws how long an exchange of n packets lasts.
func (e *engine) lifetime(n int) time.Duration {
	seconds := min(e.rng.logNormal(2, 1), 60)
	if n >= tailMin {
		seconds = min(e.rng.logNormal(20, 0.8), 240)
	}
	return time.Duration(seconds * 1e9)
}

// quic is a long encrypted exchange over UDP.
func (e *engine) quic(c *conversation, six bool) {
	n := e.flowLength()
	e.visit(c, six, 443)
	c.style = e.steer(n)
	startDatagrams(e, c, n)
	c.pace(n, e.lifetime(n))
}

// sctpData is one SCTP DATA chunk (RFC 9260, section 3.3.1) of 32 bytes.
func sctpData(e *engine, c *conversation, s *step) []byte {
	e.out.VerificationTag = c.base
	b := append(e.body[:0], 0, 3, 0, 48)
	b = be32(b, s.seq)
	b = append(b, 0, 1, 0, byte(s.seq), 0, 0, 0, 0)
	e.body = append(b, e.pool[c.base%poolSize:][:32]...)
	return e.body
}
