package packet

// Outsider is a packet, or a layer of one, that is in no flow, and why.
type Outsider struct {
	Origin Origin // of the packet, with its Face
	Time   Nanos  // as a View has it
	Clock  Nanos  // when it became known

	Offset  uint32 // of the frame in Block.Data
	CapLen  uint32 // bytes of it present
	Here    uint32 // of these, those that are in Block.Data
	WireLen uint32 // bytes the frame had
	Before  uint32 // how many of Block.Views come before it

	Outcome Outcome
	Fault   Fault
	Depth   uint8 // tunnel headers around the layer
	At      int32 // offset within the frame of the header that is wrong; -1 where it is not there
}
