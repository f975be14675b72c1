//go:build !nounsafe

package sandbox

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// lastCapability is more than any kernel has: sets are of 64 bits.
const lastCapability = 63

var capabilityNames = map[int]string{unix.CAP_NET_RAW: "CAP_NET_RAW", unix.CAP_NET_ADMIN: "CAP_NET_ADMIN"}

// dropCapabilities empties all sets but for those to keep, as far as the process has
// them, and returns the names of what is left. The bounding set needs CAP_SETPCAP to
// empty; with no_new_privs and without exec nothing can be drawn from it.
func dropCapabilities(keep []int) (kept, notes []string, err error) {
	permitted, err := capget()
	if err != nil {
		return nil, nil, fmt.Errorf("reading capabilities: %w", err)
	}
	switch err := dropBounding(); {
	case errors.Is(err, unix.EPERM):
		notes = append(notes, "the bounding set stays, as there is no CAP_SETPCAP to empty it; no_new_privs keeps it out of reach")
	case err != nil:
		return nil, nil, fmt.Errorf("emptying the bounding set: %w", err)
	}
	if err := prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0); err != nil && !errors.Is(err, unix.EINVAL) { // older than 4.3
		return nil, nil, fmt.Errorf("emptying ambient capabilities: %w", err)
	}
	var set uint64
	for _, c := range keep {
		if bit := uint64(1) << c; permitted&bit != 0 {
			set |= bit
			kept = append(kept, capabilityNames[c])
		}
	}
	slices.Sort(kept)
	switch err := capset(set); {
	case errors.Is(err, unix.EPERM) && permitted == set: // as under SystemCallFilter=~@privileged
		notes = append(notes, "capset is forbidden already; there is no capability to give up")
	case err != nil:
		return nil, nil, fmt.Errorf("giving up capabilities: %w", err)
	}
	return kept, notes, nil
}

// dropBounding takes each capability that the kernel knows out of the bounding set.
func dropBounding() error {
	for c := range lastCapability + 1 {
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(c), 0, 0, 0)
		if err != nil {
			return nil // the kernel's last one was before
		}
		if has == 0 {
			continue
		}
		if err := prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0); err != nil {
			return err
		}
	}
	return nil
}
