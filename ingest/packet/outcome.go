package packet

// Outcome says what became of one packet. Every packet read has exactly one.
type Outcome uint8

// The outcomes, in the order in which the manifest lists them.
const (
	InFlow             Outcome = iota // counted in exactly one flow row of depth 0
	Filtered                          // left out by --from/--to, --packets or a filter
	Duplicate                         // dropped as a duplicate of an earlier packet
	NonIP                             // decoded, but not IPv4 or IPv6 (ARP, LLDP, STP, …)
	UnsupportedLink                   // link type that is not known here
	OtherLink                         // link type of something else than networks that carry IP (USB, Bluetooth, CAN, …)
	MalformedL2                       // link-layer header cut short or contradictory
	MalformedL3                       // IP header, or IPv6 extension header, cut short or contradictory
	MalformedL4                       // transport header cut short or contradictory
	FragmentUnresolved                // fragment whose datagram never became whole
	OverLimit                         // a resource limit left no place for it
	NumOutcomes
)

// outcomeNames are the manifest keys of the outcomes.
var outcomeNames = [NumOutcomes]string{
	"in_flow", "filtered", "duplicate", "non_ip", "unsupported_link", "other_link",
	"malformed_l2", "malformed_l3", "malformed_l4", "fragment_unresolved", "over_limit",
}

// String returns the outcome's manifest key.
func (o Outcome) String() string {
	if o < NumOutcomes {
		return outcomeNames[o]
	}
	return "invalid_outcome"
}

// Tally counts packets and their bytes.
type Tally struct {
	Packets       int64 // packets
	CapturedBytes int64 // bytes present in the capture
	WireBytes     int64 // original frame bytes
}

// Add counts one packet.
func (t *Tally) Add(captured, wire uint32) {
	t.Packets++
	t.CapturedBytes += int64(captured)
	t.WireBytes += int64(wire)
}

// Plus adds the counts of u.
func (t *Tally) Plus(u Tally) {
	t.Packets += u.Packets
	t.CapturedBytes += u.CapturedBytes
	t.WireBytes += u.WireBytes
}

// Accounting is the disposition of every packet of an input or a run. The
// conservation law is that Read equals the sum over By, in all three counts.
type Accounting struct {
	Read Tally
	By   [NumOutcomes]Tally
}

// Plus adds the counts of b.
func (a *Accounting) Plus(b *Accounting) {
	a.Read.Plus(b.Read)
	for i := range a.By {
		a.By[i].Plus(b.By[i])
	}
}

// Disposed returns the sum over all outcomes.
func (a *Accounting) Disposed() Tally {
	var t Tally
	for i := range a.By {
		t.Plus(a.By[i])
	}
	return t
}

// Conserved reports whether every packet read has exactly one outcome.
func (a *Accounting) Conserved() bool { return a.Read == a.Disposed() }
