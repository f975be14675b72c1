package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Mode says what to do about guards that a kernel lacks.
type Mode string

const (
	Auto    Mode = ""        // take what there is, and say what is missing
	Off     Mode = "off"     // take nothing
	Require Mode = "require" // refuse to go on without all of it
)

// ModeOf is the mode that the flags --no-sandbox and --require-sandbox ask for.
func ModeOf(no, require bool) (Mode, error) {
	switch {
	case no && require:
		return Auto, errors.New("--no-sandbox and --require-sandbox exclude each other")
	case no:
		return Off, nil
	case require:
		return Require, nil
	}
	return Auto, nil
}

// Config is what a part still needs. All paths must exist, but those of Reread, whose
// folders must.
type Config struct {
	Mode     Mode
	Read     []string // files to be read; a folder with all below it
	Reread   []string // files to be read that others may take the place of: their folders are opened for reading files, not for listing
	Write    []string // folders in which files are made, written, renamed and removed, and read
	BindTCP  []uint16 // ports to listen on, any address: for metrics. Without, there are no IP sockets at all
	NetAdmin bool     // Capture alone: keep CAP_NET_ADMIN too, which switching on hardware timestamps needs
}

// Validate checks what can be checked without the system.
func (c Config) Validate() error {
	if c.Mode != Auto && c.Mode != Off && c.Mode != Require {
		return fmt.Errorf("sandbox mode %q is none of off, require and the default", c.Mode)
	}
	for _, path := range slices.Concat(c.Read, c.Reread, c.Write) {
		if path == "" {
			return errors.New("the sandbox was given an empty path")
		}
	}
	if slices.Contains(c.BindTCP, 0) {
		return errors.New("the sandbox needs the number of the port to listen on: port 0 would be any")
	}
	return nil
}

// ErrSandbox is wrapped by every error of this package: the process cannot be closed as asked.
var ErrSandbox = errors.New("rights cannot be given up")

// ErrIncomplete is wrapped where Require finds that a guard is missing.
var ErrIncomplete = fmt.Errorf("%w: the sandbox is incomplete", ErrSandbox)

// Report says what was taken, for the manifest and the log.
type Report struct {
	Mode         string   `json:"mode"`                   // auto, off or require
	NoNewPrivs   bool     `json:"no_new_privs"`           //
	Landlock     int      `json:"landlock_abi,omitempty"` // version of the kernel's interface that is in force, 0 none
	Capabilities []string `json:"capabilities"`           // those kept
	Seccomp      bool     `json:"seccomp"`                //
	Missing      []string `json:"missing,omitempty"`      // what this system would not give, and why
	Notes        []string `json:"notes,omitempty"`        // what is less than it could be and does no harm
}

// String is one line, to be said after the word sandbox.
func (r Report) String() string {
	if r.Mode == string(Off) {
		return "off"
	}
	var parts []string
	if r.NoNewPrivs {
		parts = append(parts, "no new privileges")
	}
	if r.Landlock > 0 {
		parts = append(parts, fmt.Sprintf("Landlock %d", r.Landlock))
	}
	if r.Seccomp {
		parts = append(parts, "seccomp")
	}
	if kept := strings.Join(r.Capabilities, ", "); kept == "" {
		parts = append(parts, "no capabilities")
	} else {
		parts = append(parts, "capabilities: "+kept)
	}
	line := strings.Join(parts, "; ")
	if len(r.Missing) > 0 {
		line += "; missing: " + strings.Join(r.Missing, "; ")
	}
	return line
}

// demand refuses a report with missing guards where all are required.
func (r Report) demand() (Report, error) {
	if r.Mode == string(Require) && len(r.Missing) > 0 {
		return r, fmt.Errorf("%w: %s; leave out --require-sandbox to go on without", ErrIncomplete, strings.Join(r.Missing, "; "))
	}
	return r, nil
}

func (m Mode) name() string {
	if m == Auto {
		return "auto"
	}
	return string(m)
}
