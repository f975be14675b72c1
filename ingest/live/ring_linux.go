//go:build !nounsafe

package live

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"pcapmill/ingest/packet"
)

// ring is one socket and the memory that it shares with the kernel. Blocks are handed out in the
// kernel's order and may come back in any.
type ring struct {
	capture    *Capture
	number     int // of Config.Rings
	fd         int
	mem        []byte
	blockBytes int
	blocks     int
	next       int    // block to be read next
	held       []bool // blocks that are in batches
	out        int    // how many that are
	closed     bool   // the memory goes when no block is held any more
	caught     packet.Nanos
}

// blockStatusUser is TP_STATUS_USER: the block is ours.
const blockStatusUser = 1

// openRing makes a socket with a ring that hears nothing yet: it has no protocol until it is bound.
func (c *Capture) openRing(number int) (*ring, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, refused(err)
	}
	r := &ring{capture: c, number: number, fd: fd, blockBytes: c.cfg.BlockBytes, blocks: c.cfg.Blocks, held: make([]bool, c.cfg.Blocks)}
	if err := r.setUp(&c.cfg); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return r, nil
}

func (r *ring) setUp(cfg *Config) error {
	if err := attach(r.fd, dropAll); err != nil {
		return fmt.Errorf("attaching a filter: %w", err)
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("asking for TPACKET_V3, which needs Linux 3.2: %w", err)
	}
	const frame = 2048 // means nothing in version 3, but must divide the block
	request := unix.TpacketReq3{
		Block_size: uint32(r.blockBytes), Block_nr: uint32(r.blocks),
		Frame_size: frame, Frame_nr: uint32(r.blockBytes / frame * r.blocks),
		Retire_blk_tov: uint32(cfg.Retire / time.Millisecond),
	}
	size := r.blockBytes * r.blocks
	if err := unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return fmt.Errorf("a ring of %d blocks of %d bytes, %d MiB: %w", r.blocks, r.blockBytes, size>>20, err)
	}
	mem, err := unix.Mmap(r.fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping a ring of %d MiB: %w", size>>20, err)
	}
	r.mem = mem
	return nil
}

// bind lets the socket hear frames of an interface, of all with index 0.
func (r *ring) bind(index int) error {
	const all = unix.ETH_P_ALL>>8 | unix.ETH_P_ALL&0xff<<8 // network order
	err := unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index})
	if errors.Is(err, unix.ENODEV) {
		return ErrNoInterface
	}
	return err
}

// bound returns the index of the interface that the socket is bound to: below 0 where that is
// gone.
func (r *ring) bound() int {
	address, err := unix.Getsockname(r.fd)
	if at, ok := address.(*unix.SockaddrLinklayer); ok && err == nil {
		return at.Ifindex
	}
	return -1
}

// promiscuous asks the interface for frames to others, until the socket is closed.
func (r *ring) promiscuous(index, option int) error {
	request := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	return unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, option, &request)
}

func (r *ring) block(i int) []byte { return r.mem[i*r.blockBytes : (i+1)*r.blockBytes] }

// ready reports whether the next block is ours to read.
func (r *ring) ready() bool {
	return !r.closed && !r.held[r.next] && loadShared(r.block(r.next), blockStatusAt)&blockStatusUser != 0
}

// empty reports whether every frame that is in the ring has been handed out: the next
// block is the kernel's and has none. (The kernel fills the block that is next for us, and
// counts in it; one it has not opened yet still has a count from before.)
func (r *ring) empty() bool {
	b := r.block(r.next)
	return !r.held[r.next] && loadShared(b, blockStatusAt)&blockStatusUser == 0 && loadShared(b, blockPacketsAt) == 0
}

// first returns the time of the first frame of the next block, which must be ready.
func (r *ring) first() packet.Nanos {
	b := r.block(r.next)
	if at := uint64(word(b, blockFirstAt)); at <= uint64(len(b)-frameHeader) {
		return packet.Nanos(word(b[at:], frameSecAt))*nanosPerSecond + packet.Nanos(word(b[at:], frameNanoAt))
	}
	return 0
}

// hand takes the next block out.
func (r *ring) hand() (block int) {
	block = r.next
	r.held[block] = true
	r.out++
	r.next = (r.next + 1) % r.blocks
	return block
}

// release implements blockOwner.
func (r *ring) release(b *Batch) {
	c := r.capture
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.Frames == nil {
		return // released before
	}
	c.free = append(c.free, b.Frames[:0])
	b.Frames = nil
	r.giveBack(b.block)
}

// giveBack returns a block to the kernel.
func (r *ring) giveBack(block int) {
	r.held[block] = false
	r.out--
	storeShared(r.block(block), blockStatusAt, 0)
	if r.closed {
		r.unmap()
	}
}

// statistics returns what the kernel counted since the last call; packets include drops.
func (r *ring) statistics() (packets, drops, freezes int64, err error) {
	s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("asking for the ring's counts: %w", err)
	}
	return int64(s.Packets), int64(s.Drops), int64(s.Freeze_q_cnt), nil
}

// wentDown reports, once, that the interface went down.
func (r *ring) wentDown() bool {
	code, err := unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	return err == nil && code != 0
}

// close closes the socket. The memory stays mapped as long as batches point into it, and
// with it the kernel's side of the socket: that is made deaf first.
func (r *ring) close(index int, promiscuous bool) {
	if r.closed {
		return
	}
	r.closed = true
	_ = attach(r.fd, dropAll)
	if promiscuous {
		_ = r.promiscuous(index, unix.PACKET_DROP_MEMBERSHIP)
	}
	_ = unix.Close(r.fd)
	r.unmap()
}

func (r *ring) unmap() {
	if r.out == 0 && r.mem != nil {
		_ = unix.Munmap(r.mem)
		r.mem = nil
	}
}
