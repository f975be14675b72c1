package packet

// TunnelType is how a layer is carried inside another one.
type TunnelType uint8

// The tunnels that are looked into.
const (
	TunnelNone     TunnelType = iota
	TunnelIPIP                // IP in IP, all four combinations (RFC 2003, 4213, 2473)
	TunnelGRE                 // RFC 2784, 2890
	TunnelPPTP                // GRE version 1 (RFC 2637)
	TunnelERSPAN              // types I to III
	TunnelEoIP                // MikroTik
	TunnelVXLAN               // RFC 7348
	TunnelVXLANGPE            // draft-ietf-nvo3-vxlan-gpe
	TunnelGeneve              // RFC 8926
	TunnelGTPU                // 3GPP TS 29.281
	TunnelL2TP                // RFC 2661, 3931
	TunnelTeredo              // RFC 4380
	TunnelEtherIP             // RFC 3378
	TunnelMPLS                // pseudowire or IP behind MPLS in UDP (RFC 7510)
	numTunnels
)

var tunnelNames = [numTunnels]string{
	"none", "ipip", "gre", "pptp", "erspan", "eoip", "vxlan", "vxlan_gpe", "geneve", "gtp_u", "l2tp", "teredo", "etherip", "mpls",
}

// String returns the tunnel's name.
func (t TunnelType) String() string {
	if t < numTunnels {
		return tunnelNames[t]
	}
	return "invalid_tunnel"
}

// TunnelNames returns the names of all tunnels, indexed by TunnelType.
func TunnelNames() []string { return append([]string(nil), tunnelNames[:]...) }

// HasID reports whether tunnels of this type carry an identifier.
func (t TunnelType) HasID() bool {
	switch t {
	case TunnelNone, TunnelIPIP, TunnelTeredo, TunnelEtherIP:
		return false
	}
	return true
}
