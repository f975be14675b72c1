//go:build !nounsafe

package sandbox

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Rights over files. What is handled and not allowed is denied, so running programs,
// making devices, pipes and sockets, and commands to devices are denied everywhere.
const (
	readFile = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readAll  = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	writeAll = readAll | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_SYM |
		unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REFER

	// ofFile are the rights that a rule for a single file may hold.
	ofFile = readFile | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

// handled are the rights that each ABI brought: an older kernel refuses unknown ones.
func handled(abi int) rulesetAttr {
	attr := rulesetAttr{files: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1} // all of ABI 1
	if abi >= 2 {
		attr.files |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.files |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		attr.ports = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if abi >= 5 {
		attr.files |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		attr.scopes = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return attr
}

// knownABI is the newest one whose rights are listed above. A newer kernel takes them too.
const knownABI = 7

// landlock closes the file system but for the grants. It returns the ABI in force, 0
// where the kernel has none, and what is missing.
func landlock(cfg Config, grants grants) (int, []string, error) {
	abi, err := askLandlock(unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EPERM) {
		return 0, []string{"this kernel has no Landlock, or it is switched off (boot with lsm=landlock,…): files and TCP are open"}, nil
	}
	if err != nil {
		return 0, nil, fmt.Errorf("asking for Landlock: %w", err)
	}
	abi = min(abi, knownABI)
	attr := handled(abi)
	missing := lacking(abi)
	if abi >= 6 && !signalsFixed() {
		attr.scopes &^= unix.LANDLOCK_SCOPE_SIGNAL
		missing = append(missing, "this kernel's Landlock would keep our own threads from signalling each other (erratum 2): seccomp alone guards signals")
	}
	if abi == 1 && len(cfg.Write) > 0 {
		missing = append(missing, "Landlock 1 forbids renaming between folders, which publishing needs: files and TCP are open")
		return 0, missing, nil
	}
	if err := confine(attr, cfg, grants); err != nil {
		return 0, nil, fmt.Errorf("closing files with Landlock: %w", err)
	}
	return abi, missing, nil
}

// lacking says what an older ABI leaves open.
func lacking(abi int) []string {
	var missing []string
	if abi < 3 {
		missing = append(missing, "Landlock before Linux 6.2 does not see truncating")
	}
	if abi < 4 {
		missing = append(missing, "Landlock before Linux 6.7 does not see TCP")
	}
	if abi < 5 {
		missing = append(missing, "Landlock before Linux 6.10 does not see commands to devices")
	}
	if abi < 6 {
		missing = append(missing, "Landlock before Linux 6.12 does not see abstract sockets")
	}
	return missing
}

// signalsFixed reports whether threads of a process that each entered a domain of their
// own may still signal each other, which Go's scheduler needs.
func signalsFixed() bool {
	const erratum = 1 << (2 - 1)
	errata, err := askLandlock(unix.LANDLOCK_CREATE_RULESET_ERRATA)
	return err == nil && errata&erratum != 0
}

func confine(attr rulesetAttr, cfg Config, grants grants) error {
	ruleset, err := createRuleset(attr)
	if err != nil {
		return err
	}
	defer unix.Close(ruleset)
	for _, g := range grants {
		if err := allowBelow(ruleset, g.fd, g.access&attr.files); err != nil {
			return fmt.Errorf("%s: %w", g.path, err)
		}
	}
	for _, port := range cfg.BindTCP {
		if attr.ports == 0 {
			break // this ABI does not see TCP
		}
		if err := allowPort(ruleset, port, unix.LANDLOCK_ACCESS_NET_BIND_TCP); err != nil {
			return fmt.Errorf("port %d: %w", port, err)
		}
	}
	return restrictSelf(ruleset)
}
