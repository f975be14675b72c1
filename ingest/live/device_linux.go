//go:build !nounsafe

package live

import (
	"encoding/binary"
	"math"
	"slices"

	"golang.org/x/sys/unix"
)

// Commands of linux/ethtool.h that answer with one number.
const (
	ethtoolSettings = 0x01
	ethtoolTSO      = 0x1e
	ethtoolGSO      = 0x23
	ethtoolFlags    = 0x25
	ethtoolGRO      = 0x2b
	flagLRO         = 1 << 15
)

// offloads returns those that are on and make packets larger than on the wire: the kernel
// joins received ones (gro, lro) before, and cuts sent ones (gso, tso) after they are
// captured.
func offloads(fd int, name string) (on []string) {
	for _, o := range []struct {
		name    string
		command uint32
		mask    uint32
	}{{"gro", ethtoolGRO, ^uint32(0)}, {"gso", ethtoolGSO, ^uint32(0)}, {"lro", ethtoolFlags, flagLRO}, {"tso", ethtoolTSO, ^uint32(0)}} {
		value := []uint32{o.command, 0}
		if ethtool(fd, name, value) == nil && value[1]&o.mask != 0 {
			on = append(on, o.name)
		}
	}
	return on
}

// speed returns an interface's rate in Mbit/s, 0 where it is not known.
func speed(fd int, name string) int64 {
	settings := [11]uint32{ethtoolSettings} // struct ethtool_cmd
	if ethtool(fd, name, settings[:]) != nil {
		return 0
	}
	var low, high [4]byte // the rate is in the first half of either, in the machine's order
	binary.NativeEndian.PutUint32(low[:], settings[3])
	binary.NativeEndian.PutUint32(high[:], settings[7])
	mbit := int64(half(high[:], 0))<<16 | int64(half(low[:], 0))
	if mbit == math.MaxUint32 || mbit == math.MaxUint16 {
		return 0
	}
	return mbit
}

// driver returns the name of the interface's driver, empty where it has none.
func driver(fd int, name string) string {
	info, err := unix.IoctlGetEthtoolDrvinfo(fd, name)
	if err != nil {
		return ""
	}
	return cString(info.Driver[:])
}

// stamps returns the sources of time stamps of received frames. The kernel has its own for
// every interface.
func stamps(fd int, name string) []string {
	all := []string{TimestampsSoftware}
	info, err := unix.IoctlGetEthtoolTsInfo(fd, name)
	if err == nil && info.So_timestamping&unix.SOF_TIMESTAMPING_RAW_HARDWARE != 0 && info.Rx_filters&(1<<unix.HWTSTAMP_FILTER_ALL) != 0 {
		all = append(all, TimestampsHardware)
	}
	return all
}

// stampAll has the network card stamp all received frames. It returns how the card was set
// up before, nil where it was so already.
func stampAll(fd int, name string) (before *unix.HwTstampConfig, err error) {
	if !slices.Contains(stamps(fd, name), TimestampsHardware) {
		return nil, unix.EOPNOTSUPP
	}
	if before, err = unix.IoctlGetHwTstamp(fd, name); err != nil {
		before = &unix.HwTstampConfig{}
	}
	if before.Rx_filter == unix.HWTSTAMP_FILTER_ALL {
		return nil, nil
	}
	now := *before
	now.Rx_filter = unix.HWTSTAMP_FILTER_ALL
	return before, unix.IoctlSetHwTstamp(fd, name, &now)
}
