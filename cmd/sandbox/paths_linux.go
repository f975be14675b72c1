//go:build !nounsafe

package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// grant is a path, open, and the rights over it and all below.
type grant struct {
	path   string
	fd     int
	access uint64
}

type grants []grant

func (gs grants) close() {
	for _, g := range gs {
		unix.Close(g.fd)
	}
}

// open resolves all paths before anything is closed. Links are followed once, now.
func open(cfg Config, r role) (grants, error) {
	var gs grants
	add := func(path string, access uint64) error {
		g, err := openGrant(path, access)
		if err != nil {
			return fmt.Errorf("the sandbox cannot open %s: %w", path, err)
		}
		gs = append(gs, g)
		return nil
	}
	var err error
	for _, path := range cfg.Read {
		err = errors.Join(err, add(path, readAll))
	}
	for _, path := range cfg.Reread {
		err = errors.Join(err, add(filepath.Dir(path), readFile))
	}
	for _, path := range cfg.Write {
		err = errors.Join(err, add(path, writeAll))
	}
	err = errors.Join(err, add("/dev/null", ofFile))
	if err != nil {
		gs.close()
		return nil, err
	}
	for _, path := range r.files {
		if g, err := openGrant(path, readAll); err == nil {
			gs = append(gs, g)
		}
	}
	return gs, nil
}

func openGrant(path string, access uint64) (grant, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return grant{}, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return grant{}, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= ofFile
	}
	return grant{path: path, fd: fd, access: access}, nil
}

// usable asks whether the paths still serve without capabilities: root without them is
// bound by owners and modes as everybody else. access(2) asks of these alone.
func usable(cfg Config) error {
	for _, path := range cfg.Read {
		if err := unix.Faccessat(unix.AT_FDCWD, path, unix.R_OK, unix.AT_EACCESS); err != nil {
			return lost("reading", path, err)
		}
	}
	for _, path := range cfg.Write {
		if err := unix.Faccessat(unix.AT_FDCWD, path, unix.R_OK|unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
			return lost("writing", path, err)
		}
	}
	return nil
}

func lost(what, path string, err error) error {
	return fmt.Errorf("%s %s needs a right of root that the sandbox gives up: %w; "+
		"change its owner to the user that runs this, or use --no-sandbox", what, path, err)
}
