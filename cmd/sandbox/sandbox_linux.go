//go:build !nounsafe

package sandbox

import (
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// closed mirrors a state of the process that cannot be taken back.
var closed atomic.Bool

// role is one of the two parts of live mode.
type role struct {
	keep  []int    // capabilities that stay
	files []string // of the system, for reading; those that are not there are passed over
	calls policy
}

// Analysis takes all but reading and writing the named files and listening on the named
// ports. It returns what was taken, and an error where a path is not there or not to be
// used, or mode Require finds something missing. After an error the process is closed in
// part and should end.
func Analysis(cfg Config) (Report, error) {
	return wrap(cfg, role{
		files: systemFiles,
		calls: policy{streams: len(cfg.BindTCP) > 0},
	})
}

// Capture is Analysis for the part that reads an interface: CAP_NET_RAW stays, for an
// interface that comes back must be opened anew, and so do packet and netlink sockets.
func Capture(cfg Config) (Report, error) {
	keep := []int{unix.CAP_NET_RAW}
	if cfg.NetAdmin {
		keep = append(keep, unix.CAP_NET_ADMIN)
	}
	return wrap(cfg, role{
		keep:  keep,
		files: systemFiles,
		calls: policy{packets: true, streams: len(cfg.BindTCP) > 0},
	})
}

// systemFiles is what Go and we read of the system while running: the process's own
// state, and the zone of times for people.
var systemFiles = []string{"/proc/self", "/etc/localtime", "/usr/share/zoneinfo"}

// wrap marks errors as ours.
func wrap(cfg Config, r role) (Report, error) {
	report, err := enter(cfg, r)
	if err != nil && !errors.Is(err, ErrSandbox) {
		err = fmt.Errorf("%w: %w", ErrSandbox, err)
	}
	return report, err
}

func enter(cfg Config, r role) (Report, error) {
	report := Report{Mode: cfg.Mode.name()}
	if err := cfg.Validate(); err != nil {
		return report, err
	}
	if cfg.Mode == Off {
		return report, nil
	}
	if !closed.CompareAndSwap(false, true) {
		return report, errors.New("the sandbox is closed already: it takes no second list of what is allowed")
	}
	grants, err := open(cfg, r)
	if err != nil {
		return report, err
	}
	defer grants.close()
	if err := take(&report, cfg, r, grants); err != nil {
		return report, err
	}
	if err := usable(cfg); err != nil {
		return report, err
	}
	return report.demand()
}

// take applies each guard. Landlock and seccomp need no_new_privs before them, seccomp
// comes last because it may forbid what the others do.
func take(report *Report, cfg Config, r role, grants grants) error {
	if err := noNewPrivs(); err != nil {
		if errors.Is(err, unix.ENOTSUP) {
			report.Missing = append(report.Missing, "this binary was built with cgo, which hides threads from Go: build with CGO_ENABLED=0")
			return nil
		}
		return err
	}
	report.NoNewPrivs = true
	abi, why, err := landlock(cfg, grants)
	if err != nil {
		return err
	}
	report.Landlock = abi
	report.Missing = append(report.Missing, why...)
	if report.Capabilities, report.Notes, err = dropCapabilities(r.keep); err != nil {
		return err
	}
	why, err = seccomp(r.calls)
	report.Seccomp = err == nil && len(why) == 0
	report.Missing = append(report.Missing, why...)
	return err
}

func noNewPrivs() error {
	if err := prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	return nil
}
