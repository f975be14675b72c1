//go:build !nounsafe

package live

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"pcapmill/ingest/packet"
)

// List returns the interfaces of this network namespace by index, and Any behind them. Nothing but
// the reason why they cannot be captured needs a capability.
func List() ([]Interface, error) {
	n, err := openNetlink()
	if err != nil {
		return nil, err
	}
	defer n.close()
	links, err := n.links()
	if err != nil {
		return nil, fmt.Errorf("asking for interfaces: %w", err)
	}
	addresses, err := n.addresses()
	if err != nil {
		return nil, fmt.Errorf("asking for addresses: %w", err)
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("asking for interfaces: %w", err)
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	whyNot := permitted()
	all := make([]Interface, 0, len(links)+1)
	for _, l := range links {
		i := l.describe(fd)
		if i.Addresses = addresses[l.index]; i.WhyNot == "" {
			i.WhyNot = whyNot
		}
		all = append(all, i)
	}
	every := Interface{Name: Any, Link: packet.LinkSLL2, State: "up", Timestamps: []string{TimestampsSoftware}, WhyNot: whyNot}
	return append(all, every), nil
}

// permitted says why there are no packet sockets, empty where there are.
func permitted() string {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		err = refused(err)
		if errors.Is(err, ErrPermission) {
			return "CAP_NET_RAW is missing: " + setcap("cap_net_raw")
		}
		return err.Error()
	}
	_ = unix.Close(fd)
	return ""
}

// describe says what is known of an interface; fd is of any socket.
func (l *link) describe(fd int) Interface {
	kind, _ := linkOf(l.hardware)
	i := Interface{
		Name: l.name, Index: l.index, Link: kind, Hardware: l.hardware, Kind: l.kind,
		MAC: l.mac.String(), MTU: l.mtu, State: l.state(), Driver: driver(fd, l.name), SpeedMbit: speed(fd, l.name),
		RxPackets: int64(l.counts.rxPackets), RxBytes: int64(l.counts.rxBytes),
		RxDropped: int64(l.counts.rxDropped), RxMissed: int64(l.counts.rxMissed),
		TxPackets: int64(l.counts.txPackets), TxBytes: int64(l.counts.txBytes), TxDropped: int64(l.counts.txDropped),
		Offloads: offloads(fd, l.name), Timestamps: stamps(fd, l.name), Note: linkNote(l.hardware),
	}
	if !l.up() {
		i.WhyNot = "it is down: ip link set " + quoted(l.name) + " up"
	}
	return i
}

// operational are the states of RFC 2863 as linux/if.h numbers them.
var operational = [...]string{"unknown", "not present", "down", "lower layer down", "testing", "dormant", "up"}

// state says whether frames come and go. Interfaces without a state of their own are up when
// they are set so.
func (l *link) state() string {
	switch {
	case !l.up():
		return "down"
	case l.operational == 0 || int(l.operational) >= len(operational):
		return "up"
	case l.operational == 2:
		return "no carrier"
	}
	return operational[l.operational]
}
