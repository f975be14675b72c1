package packet_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"pcapmill/ingest/packet"
)

// oracle is what gopacket's decoders say of one frame. It lets them decode one
// header after another up to the first transport header, so that none of those
// that fail badly on hostile input (tunnels, application protocols) is reached.
type oracle struct {
	frame     []byte
	layers    []gopacket.Layer
	err       error // of the decoder that failed
	stopped   bool  // the next header is none that the walk knows
	truncated bool
	within    uint8 // version of the IP header before the first of layers, if any
	options   gopacket.DecodeOptions
}

var errOraclePanic = errors.New("gopacket panicked")

// ask decodes a frame with gopacket.
func ask(frame []byte, link packet.LinkType) *oracle {
	o := &oracle{frame: frame, options: gopacket.NoCopy}
	first, ok := oracleLinks[link]
	if !ok {
		o.err = fmt.Errorf("gopacket has no link type %v", link)
		return o
	}
	o.decode(first, frame)
	return o
}

// decode lets gopacket decode data, panics included.
func (o *oracle) decode(first gopacket.Decoder, data []byte) {
	defer func() {
		if r := recover(); r != nil {
			o.err = fmt.Errorf("%w: %v", errOraclePanic, r)
		}
	}()
	o.err = first.Decode(data, o)
}

// oracleLinks are gopacket's decoders of the link types.
var oracleLinks = map[packet.LinkType]gopacket.Decoder{
	packet.LinkEthernet: layers.LinkTypeEthernet,
	packet.LinkNull:     layers.LinkTypeNull,
	packet.LinkLoop:     layers.LinkTypeLoop,
	packet.LinkSLL:      layers.LinkTypeLinuxSLL,
	packet.LinkRaw:      layers.LinkTypeRaw,
	packet.LinkRawBSD:   layers.LinkTypeRaw,
	packet.LinkRawOpen:  layers.LinkTypeRaw,
	packet.LinkIPv4:     layers.IPProtocolIPv4,
	packet.LinkIPv6:     layers.IPProtocolIPv6,
}

// The methods of gopacket.PacketBuilder.

func (o *oracle) SetTruncated()                                 { o.truncated = true }
func (o *oracle) AddLayer(l gopacket.Layer)                     { o.layers = append(o.layers, l) }
func (o *oracle) SetLinkLayer(gopacket.LinkLayer)               {}
func (o *oracle) SetNetworkLayer(gopacket.NetworkLayer)         {}
func (o *oracle) SetTransportLayer(gopacket.TransportLayer)     {}
func (o *oracle) SetApplicationLayer(gopacket.ApplicationLayer) {}
func (o *oracle) SetErrorLayer(gopacket.ErrorLayer)             {}
func (o *oracle) DumpPacketData()                               {}
func (o *oracle) DecodeOptions() *gopacket.DecodeOptions        { return &o.options }
func (o *oracle) last() gopacket.Layer                          { return o.layers[len(o.layers)-1] }
func (o *oracle) NextDecoder(next gopacket.Decoder) error {
	if next == nil || !o.wanted(next) {
		o.stopped = true
		return nil
	}
	return next.Decode(o.last().LayerPayload(), o)
}

// seenTransport reports whether a transport header was decoded, if with errors.
func (o *oracle) seenTransport() bool {
	return slices.ContainsFunc(o.layers, func(l gopacket.Layer) bool {
		switch l.LayerType() {
		case layers.LayerTypeTCP, layers.LayerTypeUDP, layers.LayerTypeSCTP, layers.LayerTypeICMPv4, layers.LayerTypeICMPv6:
			return true
		}
		return false
	})
}

// cutTransport reports whether the transport header was too short to decode:
// gopacket then keeps an empty one.
func (o *oracle) cutTransport() bool {
	text := o.err.Error()
	return strings.HasPrefix(text, "Invalid TCP header") || strings.HasPrefix(text, "Invalid UDP header") ||
		strings.HasPrefix(text, "Invalid SCTP common header")
}

// wanted reports whether the header that next decodes is one of those that the
// walk reads.
func (o *oracle) wanted(next gopacket.Decoder) bool {
	switch next := next.(type) {
	case layers.EthernetType:
		return slices.Contains(oracleEther, next)
	case layers.PPPType:
		return next == layers.PPPTypeIPv4 || next == layers.PPPTypeIPv6 || next == layers.PPPTypeMPLSUnicast || next == layers.PPPTypeMPLSMulticast
	case layers.PPPoECode:
		return next == layers.PPPoECodeSession
	case layers.ProtocolFamily:
		return true
	case layers.IPProtocol:
		return o.wanted(next.LayerType())
	case gopacket.LayerType:
		if o.inIPv4() && (slices.Contains(oracleExtensions, next) || next == layers.LayerTypeIPSecAH && o.layerCount(next) > 0) {
			return false // gopacket would follow it; the walk steps over one AH behind IPv4, and over no other extension
		}
		return slices.Contains(oracleLayers, next) || slices.Contains(oracleExtensions, next) || !o.seenIP() && slices.Contains(oracleLink, next)
	}
	return o.last().LayerType() == layers.LayerTypeMPLS
}

// inIPv4 reports whether an IPv4 header has been decoded.
func (o *oracle) inIPv4() bool { return o.within == 4 || o.layerCount(layers.LayerTypeIPv4) > 0 }

// seenIP reports whether an IP header has been decoded.
func (o *oracle) seenIP() bool {
	return o.within != 0 || o.layerCount(layers.LayerTypeIPv4)+o.layerCount(layers.LayerTypeIPv6) > 0
}

func (o *oracle) layerCount(t gopacket.LayerType) (n int) {
	for _, l := range o.layers {
		if l.LayerType() == t {
			n++
		}
	}
	return n
}

// extensions returns how many IPv6 extension headers have been decoded.
func (o *oracle) extensions() int {
	n := o.layerCount(layers.LayerTypeIPSecAH)
	for _, t := range oracleExtensions {
		n += o.layerCount(t)
	}
	return n
}

var oracleEther = []layers.EthernetType{
	layers.EthernetTypeIPv4, layers.EthernetTypeIPv6, layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ,
	layers.EthernetTypeMPLSUnicast, layers.EthernetTypeMPLSMulticast, layers.EthernetTypePPPoESession,
	layers.EthernetTypeLLC,
}

// oracleLink are the headers that may stand before the first IP header, and that
// one itself: tunnels are not opened.
var oracleLink = []gopacket.LayerType{
	layers.LayerTypeIPv4, layers.LayerTypeIPv6, layers.LayerTypeDot1Q, layers.LayerTypeMPLS,
	layers.LayerTypePPPoE, layers.LayerTypeLLC,
}

var oracleLayers = []gopacket.LayerType{
	layers.LayerTypeSNAP, layers.LayerTypeTCP, layers.LayerTypeUDP, layers.LayerTypeSCTP,
	layers.LayerTypeICMPv4, layers.LayerTypeICMPv6, layers.LayerTypeIPSecAH,
}

// oracleExtensions are extension headers in IPv6 only.
var oracleExtensions = []gopacket.LayerType{
	layers.LayerTypeIPv6HopByHop, layers.LayerTypeIPv6Routing, layers.LayerTypeIPv6Destination,
	layers.LayerTypeIPv6Fragment,
}

// verdict is what a header walk says of a frame, as far as both sides can say it.
type verdict struct {
	Outcome          packet.Outcome
	Version          uint8
	Src, Dst         string
	Protocol         uint8
	SrcPort, DstPort uint16
	ICMPType, Code   uint8
	TTL, TOS         uint8
	Flags, Window    uint16
	Seq, Ack         uint32
	IPLen            uint32
	PayloadLen       uint32
	PayloadCap       uint32
	L3, L4, Payload  int // offsets in the frame
	First, Later     bool
	VLANs            string
	Labels           string
}

// ipText writes an address as we do: net.IP would take ::ffff:1.2.3.4 for IPv4.
func ipText(ip net.IP) string {
	a, _ := netip.AddrFromSlice(ip)
	return a.String()
}

// at returns the offset of a part of the frame.
func (o *oracle) at(part []byte) int { return cap(o.frame) - cap(part) }

// verdict translates gopacket's layers. wire is the frame's length on the wire,
// which gopacket is not told.
func (o *oracle) verdict(wire uint32) verdict {
	var d verdict
	o.frame = o.frame[:len(o.frame):len(o.frame)]
	d.Outcome = packet.NonIP
	if o.err != nil {
		d.Outcome = packet.MalformedL2
	}
	for _, l := range slices.Clone(o.layers) {
		switch l := l.(type) {
		case *layers.IPv4:
			o.ipv4(l, wire, &d)
		case *layers.IPv6:
			o.ipv6(l, wire, &d)
		default:
			o.afterIP(l, &d)
		}
	}
	switch {
	case d.Outcome != packet.InFlow:
	case o.err != nil && isExtension(d.Protocol) && d.Version == 6:
		d.Outcome = packet.MalformedL3
	case o.err != nil && (!o.seenTransport() || o.cutTransport()):
		d.Outcome = packet.MalformedL4
	case d.Protocol == packet.ProtoIGMP && !d.Later:
		o.header(&d, min(8, int(d.PayloadLen))) // the part that all versions share
	}
	d.VLANs, d.Labels = o.tags()
	if d.Outcome != packet.InFlow {
		return verdict{Outcome: d.Outcome}
	}
	return d
}

// pppoe returns the PPPoE header, if there is one.
func (o *oracle) pppoe() *layers.PPPoE {
	for _, l := range o.layers {
		if l, ok := l.(*layers.PPPoE); ok {
			return l
		}
	}
	return nil
}

// tags returns the VLAN identifiers and MPLS labels before the first IP header.
func (o *oracle) tags() (vlans, labels string) {
	var v, m []uint32
	for _, l := range o.layers {
		switch l := l.(type) {
		case *layers.Dot1Q:
			v = append(v, uint32(l.VLANIdentifier))
		case *layers.MPLS:
			m = append(m, l.Label)
		}
	}
	return fmt.Sprint(v), fmt.Sprint(m)
}

// ipv4 takes an IPv4 header. Its version is checked here, as gopacket does not.
func (o *oracle) ipv4(l *layers.IPv4, wire uint32, d *verdict) {
	d.Outcome = packet.InFlow
	if l.Version != 4 || len(l.LayerContents()) < 20 || l.IHL < 5 || l.Length < 20 || int(l.IHL)*4 > int(l.Length) || len(l.LayerContents()) != int(l.IHL)*4 {
		d.Outcome = packet.MalformedL3
		return
	}
	d.Version, d.TTL, d.TOS, d.Protocol = 4, l.TTL, l.TOS, uint8(l.Protocol)
	d.Src, d.Dst = ipText(l.SrcIP), ipText(l.DstIP)
	d.L3 = o.at(l.LayerContents())
	d.IPLen = uint32(l.Length)
	d.Later = l.FragOffset != 0
	d.First = !d.Later && l.Flags&layers.IPv4MoreFragments != 0
	o.segment(d, d.L3+int(l.IHL)*4, wire)
	if d.First {
		o.firstFragment(d)
	}
}

// firstFragment decodes the transport header of a first fragment, which
// gopacket does not do by itself.
func (o *oracle) firstFragment(d *verdict) {
	if o.err != nil {
		return
	}
	b := o.frame[min(d.L4, len(o.frame)):]
	b = b[:min(len(b), int(d.PayloadCap))]
	sub := &oracle{frame: o.frame, within: d.Version}
	if next := layers.IPProtocol(d.Protocol); sub.wanted(next.LayerType()) {
		sub.decode(next, b)
	}
	o.err, o.layers = sub.err, append(o.layers, sub.layers...)
	for _, l := range sub.layers { // another fragment header among them comes here again
		o.afterIP(l, d)
	}
}

func (o *oracle) ipv6(l *layers.IPv6, wire uint32, d *verdict) {
	d.Outcome = packet.InFlow
	if l.Version != 6 || len(l.LayerContents()) < 40 {
		d.Outcome = packet.MalformedL3
		return
	}
	d.Version, d.TTL, d.TOS, d.Protocol = 6, l.HopLimit, l.TrafficClass, uint8(l.NextHeader)
	d.Src, d.Dst = ipText(l.SrcIP), ipText(l.DstIP)
	d.L3 = o.at(l.LayerContents())
	d.IPLen = uint32(l.Length) + 40
	o.segment(d, d.L3+40, wire)
}

// segment sets where the transport segment starts and how long it is.
func (o *oracle) segment(d *verdict, at int, wire uint32) {
	end := min(d.L3+int(d.IPLen), int(wire))
	d.L4, d.Payload = at, at
	d.PayloadLen = uint32(max(0, end-at))
	d.PayloadCap = uint32(max(0, min(end, len(o.frame))-at))
}

// afterIP takes what follows the IP header. The first header that is malformed
// decides: gopacket goes on behind an extension header that is longer than the
// datagram, and finds a transport header there.
func (o *oracle) afterIP(l gopacket.Layer, d *verdict) {
	if d.Outcome != packet.InFlow {
		return
	}
	switch l := l.(type) {
	case *layers.IPv6HopByHop:
		o.extension(d, l.NextHeader, l.LayerContents())
	case *layers.IPv6Destination:
		o.extension(d, l.NextHeader, l.LayerContents())
	case *layers.IPv6Routing:
		o.extension(d, l.NextHeader, l.LayerContents())
	case *layers.IPSecAH:
		o.extension(d, l.NextHeader, l.LayerContents())
	case *layers.IPv6Fragment:
		o.extension(d, l.NextHeader, l.LayerContents())
		if l.FragmentOffset != 0 {
			d.Later = true
			return
		}
		d.First = d.First || l.MoreFragments
		o.firstFragment(d)
	case *layers.TCP:
		d.SrcPort, d.DstPort = uint16(l.SrcPort), uint16(l.DstPort)
		d.Seq, d.Ack, d.Window = l.Seq, l.Ack, l.Window
		d.Flags = tcpFlags(l)
		o.header(d, int(l.DataOffset)*4)
		if l.DataOffset < 5 {
			d.Outcome = packet.MalformedL4
		}
	case *layers.UDP:
		d.SrcPort, d.DstPort = uint16(l.SrcPort), uint16(l.DstPort)
		if l.Length > 0 {
			d.PayloadLen = min(d.PayloadLen, uint32(l.Length))
			d.PayloadCap = min(d.PayloadCap, uint32(l.Length))
		}
		if l.Length > 0 && l.Length < 8 {
			d.Outcome = packet.MalformedL4
		}
		o.header(d, 8)
	case *layers.SCTP:
		d.SrcPort, d.DstPort = uint16(l.SrcPort), uint16(l.DstPort)
		o.header(d, 12)
	case *layers.ICMPv4:
		d.ICMPType, d.Code = l.TypeCode.Type(), l.TypeCode.Code()
		d.SrcPort, d.DstPort, _ = packet.ICMPPorts(packet.ProtoICMP, d.ICMPType, d.Code)
		o.icmp(d)
	case *layers.ICMPv6:
		d.ICMPType, d.Code = l.TypeCode.Type(), l.TypeCode.Code()
		d.SrcPort, d.DstPort, _ = packet.ICMPPorts(packet.ProtoICMPv6, d.ICMPType, d.Code)
		o.icmp(d)
	}
}

// extension steps over an extension header.
func (o *oracle) extension(d *verdict, next layers.IPProtocol, contents []byte) {
	d.Protocol = uint8(next)
	if int(d.PayloadLen) < len(contents) {
		d.Outcome = packet.MalformedL3
		return
	}
	o.header(d, len(contents))
	d.L4 = d.Payload
}

// icmp takes an ICMP header, of which the first half must be there. gopacket does
// not subtract a hop-by-hop header from the IPv6 length, so it may have seen more.
func (o *oracle) icmp(d *verdict) {
	if d.PayloadLen < 4 {
		d.Outcome = packet.MalformedL4
		return
	}
	o.header(d, min(8, int(d.PayloadLen)))
}

// header takes size bytes off the front of the payload.
func (o *oracle) header(d *verdict, size int) {
	if int(d.PayloadLen) < size {
		d.Outcome = packet.MalformedL4
		return
	}
	d.Payload += min(size, int(d.PayloadCap))
	d.PayloadLen -= uint32(size)
	d.PayloadCap -= uint32(min(size, int(d.PayloadCap)))
}

func isExtension(protocol uint8) bool {
	return slices.Contains([]uint8{0, 43, 44, 51, 60}, protocol)
}

func tcpFlags(l *layers.TCP) (f uint16) {
	for i, set := range []bool{l.FIN, l.SYN, l.RST, l.PSH, l.ACK, l.URG, l.ECE, l.CWR, l.NS} {
		if set {
			f |= 1 << i
		}
	}
	return f
}
