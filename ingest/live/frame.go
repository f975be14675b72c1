package live

import (
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// maxPrefix is a cooked header with a VLAN tag behind it.
const maxPrefix = sll2Bytes + tagBytes

const (
	sll2Bytes = 20
	tagBytes  = 4
	macsBytes = 12 // of an Ethernet header, before the tag
)

// Frame is a captured frame: Prefix[:PrefixLen], then Data. It is valid until its Batch
// is released.
type Frame struct {
	Prefix    [maxPrefix]byte // a cooked header, or addresses and the VLAN tag put back
	PrefixLen int
	Data      []byte       // lies in the ring
	Time      packet.Nanos // UTC
	WireLen   int          // bytes of the whole frame, Prefix included
	Interface int          // index in the system
	Hardware  bool         // Time is of the network card's clock
	Flags     uint32       // direction and kind of receiver, as pcapng's epb_flags; 0: not known
}

// flagsOf are the flags of the kernel's types of packets, PACKET_HOST to PACKET_OUTGOING.
var flagsOf = [...]uint32{
	capfile.FlagInbound | capfile.FlagUnicast,
	capfile.FlagInbound | capfile.FlagBroadcast,
	capfile.FlagInbound | capfile.FlagMulticast,
	capfile.FlagInbound | capfile.FlagPromiscuous,
	capfile.FlagOutbound,
}

// Len returns the number of captured bytes.
func (f *Frame) Len() int { return f.PrefixLen + len(f.Data) }

// Append appends the captured bytes to dst.
func (f *Frame) Append(dst []byte) []byte {
	return append(append(dst, f.Prefix[:f.PrefixLen]...), f.Data...)
}

// cut shortens the frame to n captured bytes.
func (f *Frame) cut(n int) {
	if f.PrefixLen > n {
		f.PrefixLen = n
	}
	if n -= f.PrefixLen; len(f.Data) > n {
		f.Data = f.Data[:n]
	}
}

// Batch is the frames of one block, in the order in which the kernel put them there, which
// is that of their times but for frames received by several processors.
type Batch struct {
	Frames []Frame
	Ring   int // 0 to Config.Rings-1

	owner blockOwner
	block int
}

// blockOwner takes a block back, and the memory of its frames.
type blockOwner interface{ release(b *Batch) }

// Release gives the block back to the kernel; Frames must not be used from then on. It may
// be called by any goroutine. To call it again does nothing, nor does it for batches that
// others than Capture made.
func (b *Batch) Release() {
	if b.owner != nil {
		b.owner.release(b)
	}
}
