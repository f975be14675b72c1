//go:build !nounsafe

package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"
)

// netlink asks the kernel about interfaces (rtnetlink(7)), in the network namespace in which it
// was opened. One goroutine asks at a time.
type netlink struct {
	fd       int
	sequence uint32
	buf      []byte
}

// link is what the kernel says of an interface.
type link struct {
	index       int
	name        string
	hardware    int // ARPHRD_ number
	flags       uint32
	mtu         int
	mac         net.HardwareAddr
	operational uint8 // IF_OPER_ of RFC 2863
	kind        string
	counts      linkCounts
}

func (l *link) up() bool { return l.flags&unix.IFF_UP != 0 }

func (l *link) loopback() bool { return l.flags&unix.IFF_LOOPBACK != 0 }

const (
	netlinkHeader  = 16
	netlinkBuffer  = 1 << 16
	netlinkSeconds = 5 // an answer comes at once; never wait for ever
	linkHeaderSize = 16
	addrHeaderSize = 8
	attrHeader     = 4
)

func openNetlink() (*netlink, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("asking for interfaces: %w", err)
	}
	n := &netlink{fd: fd, buf: make([]byte, netlinkBuffer)}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: netlinkSeconds}); err != nil {
		n.close()
		return nil, fmt.Errorf("asking for interfaces: %w", err)
	}
	return n, nil
}

func (n *netlink) close() { _ = unix.Close(n.fd) }

// ask sends a request and hands the payload of each answer of the wanted type to take.
func (n *netlink) ask(kind, flags, want uint16, body []byte, take func([]byte)) error {
	n.sequence++
	request := binary.NativeEndian.AppendUint32(nil, uint32(netlinkHeader+len(body)))
	request = binary.NativeEndian.AppendUint16(request, kind)
	request = binary.NativeEndian.AppendUint16(request, unix.NLM_F_REQUEST|flags)
	request = binary.NativeEndian.AppendUint32(request, n.sequence)
	request = binary.NativeEndian.AppendUint32(request, 0)
	if err := unix.Sendto(n.fd, append(request, body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	for {
		size, _, err := unix.Recvfrom(n.fd, n.buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		if done, err := n.answers(n.buf[:size], flags&unix.NLM_F_DUMP == 0, want, take); done || err != nil {
			return err
		}
	}
}

// answers reads the messages of one datagram; done where the last one was among them.
func (n *netlink) answers(b []byte, single bool, want uint16, take func([]byte)) (done bool, err error) {
	for len(b) >= netlinkHeader {
		size := int(word(b, 0))
		if size < netlinkHeader || size > len(b) {
			return true, errors.New("a netlink message of a wrong length")
		}
		kind, payload := half(b, 4), b[netlinkHeader:size]
		ours := word(b, 8) == n.sequence
		b = b[min(aligned(size), len(b)):]
		switch {
		case !ours: // of a request that was given up
		case kind == unix.NLMSG_DONE:
			return true, nil
		case kind == unix.NLMSG_ERROR && len(payload) >= 4:
			if code := int32(word(payload, 0)); code != 0 {
				return true, unix.Errno(-code)
			}
			return true, nil
		case kind == want:
			take(payload)
			if single {
				return true, nil
			}
		}
	}
	return false, nil
}

func aligned(n int) int { return (n + 3) &^ 3 }

// attributes calls take for each attribute.
func attributes(b []byte, take func(kind uint16, value []byte)) {
	for len(b) >= attrHeader {
		size := int(half(b, 0))
		if size < attrHeader || size > len(b) {
			return
		}
		take(half(b, 2)&^(unix.NLA_F_NESTED|unix.NLA_F_NET_BYTEORDER), b[attrHeader:size])
		b = b[min(aligned(size), len(b)):]
	}
}

// links returns all interfaces, in the kernel's order.
func (n *netlink) links() (all []*link, err error) {
	err = n.ask(unix.RTM_GETLINK, unix.NLM_F_DUMP, unix.RTM_NEWLINK, make([]byte, linkHeaderSize), func(b []byte) {
		if l := parseLink(b); l != nil {
			all = append(all, l)
		}
	})
	return all, err
}

// byIndex returns an interface; the error is unix.ENODEV where there is none.
func (n *netlink) byIndex(index int) (*link, error) {
	body := make([]byte, linkHeaderSize)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	return n.one(body)
}

// byName returns an interface; the error is unix.ENODEV where there is none.
func (n *netlink) byName(name string) (*link, error) {
	if name == "" || len(name) >= unix.IFNAMSIZ || strings.IndexByte(name, 0) >= 0 {
		return nil, unix.ENODEV
	}
	body := make([]byte, linkHeaderSize, linkHeaderSize+attrHeader+unix.IFNAMSIZ)
	body = binary.NativeEndian.AppendUint16(body, uint16(attrHeader+len(name)+1))
	body = binary.NativeEndian.AppendUint16(body, unix.IFLA_IFNAME)
	body = append(append(body, name...), 0)
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	return n.one(body)
}

func (n *netlink) one(body []byte) (l *link, err error) {
	err = n.ask(unix.RTM_GETLINK, 0, unix.RTM_NEWLINK, body, func(b []byte) { l = parseLink(b) })
	if err == nil && l == nil {
		err = unix.ENODEV
	}
	return l, err
}

// parseLink reads an RTM_NEWLINK message; nil for one that is too short.
func parseLink(b []byte) *link {
	if len(b) < linkHeaderSize {
		return nil
	}
	l := &link{hardware: int(half(b, 2)), index: int(int32(word(b, 4))), flags: word(b, 8)}
	attributes(b[linkHeaderSize:], func(kind uint16, v []byte) {
		switch {
		case kind == unix.IFLA_IFNAME:
			l.name = cString(v)
		case kind == unix.IFLA_MTU && len(v) >= 4:
			l.mtu = int(word(v, 0))
		case kind == unix.IFLA_ADDRESS:
			l.mac = append(net.HardwareAddr(nil), v...)
		case kind == unix.IFLA_OPERSTATE && len(v) >= 1:
			l.operational = v[0]
		case kind == unix.IFLA_STATS64:
			l.counts = parseCounts(v)
		case kind == unix.IFLA_LINKINFO:
			attributes(v, func(kind uint16, v []byte) {
				if kind == unix.IFLA_INFO_KIND {
					l.kind = cString(v)
				}
			})
		}
	})
	return l
}

// parseCounts reads struct rtnl_link_stats64.
func parseCounts(b []byte) (c linkCounts) {
	const used = 16
	if len(b) < 8*used {
		return c
	}
	at := func(i int) uint64 { return binary.NativeEndian.Uint64(b[8*i:]) }
	return linkCounts{
		rxPackets: at(0), txPackets: at(1), rxBytes: at(2), txBytes: at(3),
		rxDropped: at(6), txDropped: at(7), rxMissed: at(15),
	}
}

// addresses returns the addresses of all interfaces, by index.
func (n *netlink) addresses() (map[int][]string, error) {
	all := map[int][]string{}
	err := n.ask(unix.RTM_GETADDR, unix.NLM_F_DUMP, unix.RTM_NEWADDR, make([]byte, addrHeaderSize), func(b []byte) {
		if index, prefix, ok := parseAddress(b); ok {
			all[index] = append(all[index], prefix.String())
		}
	})
	return all, err
}

// parseAddress reads an RTM_NEWADDR message. On a point-to-point link IFA_LOCAL is the
// interface's own address, and IFA_ADDRESS that of the other end.
func parseAddress(b []byte) (index int, prefix netip.Prefix, ok bool) {
	if len(b) < addrHeaderSize {
		return 0, prefix, false
	}
	var own, other netip.Addr
	attributes(b[addrHeaderSize:], func(kind uint16, v []byte) {
		switch a, _ := netip.AddrFromSlice(v); kind {
		case unix.IFA_LOCAL:
			own = a
		case unix.IFA_ADDRESS:
			other = a
		}
	})
	if !own.IsValid() {
		own = other
	}
	return int(word(b, 4)), netip.PrefixFrom(own, int(b[1])), own.IsValid()
}

// cString returns the text before the first zero byte.
func cString(b []byte) string {
	text, _, _ := strings.Cut(string(b), "\x00")
	return text
}
