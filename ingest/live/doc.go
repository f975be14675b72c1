// Package live captures frames from network interfaces: AF_PACKET sockets with rings of
// TPACKET_V3, without libpcap and cgo. It needs Linux; elsewhere every function says so.
//
//	c, err := live.Open(cfg)
//	for {
//		b, err := c.Next(ctx, time.Second) // a block of a ring, nil when none came
//		… b.Frames …                       // they point into the ring
//		b.Release()                        // the kernel may fill the block again
//	}
//	c.Stop()                           // no more frames; Next returns the rest, then io.EOF
//	c.Close()
//
// # Rings
//
// A ring is memory that the kernel fills and this process reads, in blocks:
//
//	┌ block ┬ header ┬ frame: header, sockaddr_ll, bytes ┬ frame … ┐
//	   the kernel's until it is full, or has been open for Config.Retire with a frame in it;
//	   then ours until it is released. Where all are ours, the kernel drops frames and counts them.
//
// Sockets hear nothing before they are bound, and by then they have their filter: no frame
// of before, or that the filter rejects, is ever in a ring. Several rings share the frames
// of one interface by a hash over addresses and ports that is the same for both
// directions, so that a flow's frames stay in order.
//
// # What is lost is counted
//
// Stats.Packets = Read + Filtered + Malformed + Drops + what is in the rings and not read
// yet, exactly. The kernel's own counts begin anew at each reading and its packets
// include its drops (packet(7), PACKET_STATISTICS); both are added up here.
// While an interface is down or gone nothing can be counted: an Event says from when to when.
//
// # Bytes that the kernel keeps elsewhere
//
// The kernel takes the outermost VLAN tag out of a frame before anybody sees it. It is put
// back (Frame.Prefix), and filters are rewritten (filter_rewrite.go) so that they
// decide of the frame as it was. Frames of `any`, and of links whose headers differ from
// frame to frame, begin with a Linux cooked header of version 2 made from what the socket
// says of them.
//
// # Time
//
// Frames have the kernel's CLOCK_REALTIME, taken when it received them, or the clock
// of the network card. Capture.Caught says how far time has come; see there.
package live
