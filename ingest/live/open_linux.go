//go:build !nounsafe

package live

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"pcapmill/ingest/filter"
	"pcapmill/ingest/packet"
)

// Open starts a capture. Errors are ErrConfig, ErrNoInterface, ErrDown, ErrPermission,
// a *filter.Error, or the system's.
func Open(cfg Config) (*Capture, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Capture{cfg: cfg, wake: -1}
	if err := c.open(); err != nil {
		c.tearDown()
		return nil, err
	}
	return c, nil
}

func (c *Capture) open() (err error) {
	if c.netlink, err = openNetlink(); err != nil {
		return err
	}
	if c.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("opening a capture: %w", err)
	}
	if err := c.find(); err != nil {
		return err
	}
	if err := c.compile(); err != nil {
		return err
	}
	now := time.Now()
	c.watched, c.lastGood = now, now.UnixNano()
	c.clock.step(now)
	return c.start()
}

// find looks for the interface, which must be up.
func (c *Capture) find() error {
	c.info = Info{
		Interface: c.cfg.Interface, SnapLen: c.cfg.SnapLen, Rings: c.cfg.Rings, BlockBytes: c.cfg.BlockBytes,
		Blocks: c.cfg.Blocks, Retire: c.cfg.Retire, Timestamps: c.cfg.Timestamps,
	}
	if c.cfg.Interface == Any {
		return c.findAll()
	}
	l, err := lookUp(c.netlink, c.cfg.Interface)
	if err != nil {
		return err
	}
	if !l.up() {
		return fmt.Errorf("%w: %s (ip link set %s up)", ErrDown, quoted(l.name), quoted(l.name))
	}
	c.adopt(l)
	return nil
}

// findAll prepares a capture of all interfaces.
func (c *Capture) findAll() error {
	all, err := c.netlink.links()
	if err != nil {
		return fmt.Errorf("asking for interfaces: %w", err)
	}
	for _, l := range all {
		if l.loopback() {
			c.loopback = l.index
		}
	}
	c.link, c.layout = packet.LinkSLL2, layout{framing: framingCooked, snapLen: c.cfg.SnapLen}
	c.info.Link = c.link
	if c.cfg.Promiscuous {
		c.info.Notes = append(c.info.Notes, "any does not put interfaces into promiscuous mode")
	}
	return nil
}

// adopt makes an interface the one that is captured.
func (c *Capture) adopt(l *link) {
	c.device, c.counts = *l, l.counts
	kind, framing := linkOf(l.hardware)
	c.link, c.layout = kind, layout{framing: framing, snapLen: c.cfg.SnapLen}
	c.info.Index, c.info.Link, c.info.Hardware, c.info.MTU = l.index, kind, l.hardware, l.mtu
	c.info.MAC, c.info.Promiscuous = l.mac.String(), c.cfg.Promiscuous
	if note := linkNote(l.hardware); note != "" && len(c.info.Notes) == 0 {
		c.info.Notes = append(c.info.Notes, note)
	}
}

// lookUp returns an interface by its name; the error says which there are.
func lookUp(n *netlink, name string) (*link, error) {
	l, err := n.byName(name)
	if err == nil {
		return l, nil
	}
	if !errors.Is(err, unix.ENODEV) {
		return nil, fmt.Errorf("asking for the interface %s: %w", quoted(name), err)
	}
	var names []string
	if all, err := n.links(); err == nil {
		for _, l := range all {
			names = append(names, quoted(l.name))
		}
	}
	return nil, fmt.Errorf("%w: %s; there are %s", ErrNoInterface, quoted(name), listed(append(names, Any)))
}

// maxListed keeps an error's line readable where containers have hundreds of interfaces.
const maxListed = 20

func listed(names []string) string {
	if over := len(names) - maxListed; over > 0 {
		return strings.Join(names[:maxListed], ", ") + fmt.Sprintf(" and %d more", over)
	}
	return strings.Join(names, ", ")
}

// quoted returns a name as it is where it can be mistaken for nothing else.
func quoted(name string) string {
	if q := strconv.Quote(name); q != `"`+name+`"` || strings.ContainsAny(name, " ,;'()") || name == "" {
		return q
	}
	return name
}

// LinkOf returns the link type that frames of an interface will have.
func LinkOf(name string) (packet.LinkType, error) {
	if name == Any {
		return packet.LinkSLL2, nil
	}
	n, err := openNetlink()
	if err != nil {
		return 0, err
	}
	defer n.close()
	l, err := lookUp(n, name)
	if err != nil {
		return 0, err
	}
	kind, _ := linkOf(l.hardware)
	return kind, nil
}

// compile prepares the filter for the link type.
func (c *Capture) compile() error {
	program := c.cfg.Program
	if c.cfg.Filter != nil {
		compiled, err := c.cfg.Filter.Compile(c.link)
		if err != nil {
			return err
		}
		if compiled.RejectsAll() { // its author meant something else, and would wait for ever
			return fmt.Errorf("%w: filter %q: no %v packet can match", ErrConfig, c.cfg.Filter, c.link)
		}
		program = compiled.Program()
		c.info.Filter = c.cfg.Filter.String()
	}
	c.program, c.inKernel = program, nil
	if program == nil {
		c.inKernel = keepAll(c.cfg.SnapLen + linkSlack)
		return nil
	}
	sum := sha256.Sum256([]byte(program.DDD()))
	c.info.FilterSHA256, c.info.FilterIn = hex.EncodeToString(sum[:]), inTheKernel
	kernel, err := c.kernelFilter(program)
	if err != nil {
		c.filterHere(err)
		return nil
	}
	c.inKernel, c.program = kernel, nil
	return nil
}

const (
	inTheKernel = "kernel"
	inUserSpace = "user space: "
)

// kernelFilter returns the program that decides in the kernel, with an error where none does so
// exactly.
func (c *Capture) kernelFilter(program filter.Program) ([]bpf.RawInstruction, error) {
	if c.layout.framing == framingCooked {
		switch {
		case c.cfg.Program != nil:
			return nil, errors.New("the kernel has no cooked headers, and what the program knows of them is not known")
		case !netOffsetsReachAll():
			return nil, errors.New("before Linux 6.17 filters reach only the first bytes behind a link header that differs")
		}
	}
	kernel, err := socketFilter(program, c.layout.framing, c.cfg.SnapLen)
	if err != nil {
		return nil, err
	}
	return kernel, checkSize(kernel)
}

// netOffsetsReachAll reports whether loads relative to the network header see all of a
// frame: before, they did not see what lies in fragments of its buffer.
func netOffsetsReachAll() bool {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return false
	}
	var major, minor int
	if n, _ := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor); n != 2 {
		return false
	}
	return major > 6 || major == 6 && minor >= 17
}

// filterHere runs the filter on captured frames instead, which are whole then, because the
// kernel's decides of whole frames too.
func (c *Capture) filterHere(why error) {
	c.info.FilterIn = inUserSpace + why.Error()
	c.inKernel = keepAll(maxSnapLen)
	c.layout.snapLen = maxSnapLen
}

// start opens the rings on the interface found.
func (c *Capture) start() error {
	now := wallClock()
	for i := range c.cfg.Rings {
		r, err := c.openRing(i)
		if err != nil {
			c.stop()
			return err
		}
		r.caught = now
		c.rings = append(c.rings, r)
		if i == 0 {
			c.describe(r.fd)
		}
	}
	err := c.listen()
	if err != nil {
		c.stop()
	}
	return err
}

// describe asks what else there is to know of the interface.
func (c *Capture) describe(fd int) {
	if c.cfg.Interface == Any {
		return
	}
	name := c.device.name
	c.info.Driver, c.info.SpeedMbit, c.info.Offloads = driver(fd, name), speed(fd, name), offloads(fd, name)
}

// listen sets up the sockets and lets them hear. Where several share the frames they must be
// bound before they do; until all are, they keep the filter that drops everything, so that
// no frame comes to two.
func (c *Capture) listen() error {
	for _, r := range c.rings {
		if err := c.stampFrames(r); err != nil {
			return err
		}
		if len(c.rings) == 1 {
			if err := c.attach(r); err != nil {
				return err
			}
		}
		if err := r.bind(c.device.index); err != nil {
			return fmt.Errorf("capturing from %s: %w", quoted(c.cfg.Interface), err)
		}
	}
	if len(c.rings) > 1 {
		if err := c.share(); err != nil {
			return err
		}
	}
	if !c.info.Promiscuous {
		return nil
	}
	if err := c.rings[0].promiscuous(c.device.index, unix.PACKET_ADD_MEMBERSHIP); err != nil {
		return fmt.Errorf("putting %s into promiscuous mode: %w", quoted(c.cfg.Interface), err)
	}
	return nil
}

// attach gives a socket its filter; one that the kernel refuses runs here.
func (c *Capture) attach(r *ring) error {
	program := c.inKernel
	if c.device.loopback() || c.loopback != 0 {
		program = onlyOnce(program, c.loopback)
	}
	err := checkSize(program)
	if err == nil {
		err = attach(r.fd, program)
	}
	if err == nil || c.info.FilterIn != inTheKernel {
		return err
	}
	again, compileErr := c.expression()
	if compileErr != nil {
		return compileErr
	}
	c.program = again
	c.filterHere(fmt.Errorf("the kernel refuses it: %w", err))
	return c.attach(r)
}

// expression returns the program that was asked for.
func (c *Capture) expression() (filter.Program, error) {
	if c.cfg.Filter == nil {
		return c.cfg.Program, nil
	}
	compiled, err := c.cfg.Filter.Compile(c.link)
	if err != nil {
		return nil, err
	}
	return compiled.Program(), nil
}

// share makes the sockets a group, whose members get frames by the hash of addresses and
// ports, and gives them their filters.
func (c *Capture) share() error {
	kind := unix.PACKET_FANOUT_HASH
	if c.cfg.Defrag {
		kind |= unix.PACKET_FANOUT_FLAG_DEFRAG
	}
	group := 0
	for i, r := range c.rings {
		mode := kind
		if i == 0 {
			mode |= unix.PACKET_FANOUT_FLAG_UNIQUEID // the kernel finds a free number
		}
		if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_FANOUT, group|mode<<16); err != nil {
			return fmt.Errorf("sharing frames among %d rings: %w", len(c.rings), err)
		}
		if i == 0 {
			number, err := unix.GetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_FANOUT)
			if err != nil {
				return fmt.Errorf("sharing frames among %d rings: %w", len(c.rings), err)
			}
			group = number & 0xffff
		}
	}
	for _, r := range c.rings {
		if err := c.attach(r); err != nil {
			return err
		}
	}
	return nil
}

// stampFrames asks for the time stamps of Config.
func (c *Capture) stampFrames(r *ring) error {
	if c.cfg.Timestamps == TimestampsSoftware || c.cfg.Interface == Any {
		c.info.Timestamps = TimestampsSoftware
		return nil
	}
	if c.cfg.Timestamps == TimestampsHardware && r.number == 0 {
		before, err := stampAll(r.fd, c.device.name)
		switch {
		case errors.Is(err, unix.EPERM):
			return fmt.Errorf("%w: setting up time stamps of hardware needs CAP_NET_ADMIN too: %s", ErrPermission, setcap("cap_net_raw,cap_net_admin"))
		case err != nil:
			return fmt.Errorf("%w: %s has no time stamps of hardware for all frames (%w)", ErrConfig, quoted(c.device.name), err)
		}
		if before != nil && c.stamping == nil {
			c.stamping = before
		}
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_TIMESTAMP, unix.SOF_TIMESTAMPING_RAW_HARDWARE); err != nil {
		return fmt.Errorf("asking for time stamps of hardware: %w", err)
	}
	return nil
}

// refused explains why there is no socket.
func refused(err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return fmt.Errorf("%w: it needs CAP_NET_RAW: %s", ErrPermission, setcap("cap_net_raw"))
	}
	return fmt.Errorf("opening a packet socket: %w", err)
}

// setcap is the command that gives this program capabilities.
func setcap(capabilities string) string {
	path, err := os.Executable()
	if err != nil {
		path = "pcapmill"
	}
	return "sudo setcap " + capabilities + "+ep " + quoted(path)
}
