package manifest

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

var errNegative = errors.New("negative count")

// maxListed is far above the number of tables and of capture files of any dataset: readers look for
// each among others.
const maxListed = 1000

// Validate reports the first value that no document of ours can have: what a
// reader relies on without looking, such as paths that stay inside the folder. It
// does no sums; package verify does.
func (m *Manifest) Validate() error {
	if !isHash(m.PlanID) || m.RunID != "" && !isHash(m.RunID) {
		return fmt.Errorf("%w: plan_id or run_id is not a SHA-256", ErrFormat)
	}
	if len(m.Tables) > maxListed || len(m.Captures) > maxListed {
		return fmt.Errorf("%w: %d tables, %d captures", ErrFormat, len(m.Tables), len(m.Captures))
	}
	if strings.Trim(m.Kind, "abcdefghijklmnopqrstuvwxyz_") != "" || len(m.Kind) > 30 {
		return fmt.Errorf("%w: kind %q", ErrFormat, m.Kind)
	}
	for i := range m.Inputs {
		if err := m.Inputs[i].validate(); err != nil {
			return fmt.Errorf("%w: inputs[%d]: %w", ErrFormat, i, err)
		}
	}
	for i := range m.Sources {
		if err := m.Sources[i].validate(); err != nil {
			return fmt.Errorf("%w: sources[%d]: %w", ErrFormat, i, err)
		}
	}
	if err := m.Accounting.validate(); err != nil {
		return fmt.Errorf("%w: accounting: %w", ErrFormat, err)
	}
	if err := m.Live.validate(); err != nil {
		return fmt.Errorf("%w: live: %w", ErrFormat, err)
	}
	for _, c := range m.Captures {
		if c.Packets < 0 || c.CapturedBytes < 0 || c.WireBytes < 0 || c.LimitBytes < 0 || c.LeftOutPackets < 0 || c.LeftOutBytes < 0 || c.UnwritablePackets < 0 {
			return fmt.Errorf("%w: captures: %q: %w", ErrFormat, c.Path, errNegative)
		}
	}
	for _, c := range m.Errors {
		if c.N < 0 {
			return fmt.Errorf("%w: errors: %q: %w", ErrFormat, c.Reason, errNegative)
		}
	}
	return m.validateOutputs()
}

func (l *Live) validate() error {
	switch {
	case l == nil:
		return nil
	case !isLocal(l.Ledger) || strings.Contains(l.Ledger, "/"):
		return fmt.Errorf("ledger %q", l.Ledger)
	case l.Records < 1 || !isHash(l.Head):
		return fmt.Errorf("%d records up to %q", l.Records, l.Head)
	case l.Segments < 0 || l.Through < 0 || l.Sessions < 0:
		return errNegative
	}
	return nil
}

func (in *Input) validate() error {
	switch {
	case in.SHA256 != "" && !isHash(in.SHA256):
		return fmt.Errorf("sha256 %q", in.SHA256)
	case !slices.Contains(Outcomes(), in.Outcome):
		return fmt.Errorf("outcome %q", in.Outcome)
	case in.Bytes < 0 || in.Packets < 0 || in.Offset < 0 || in.LostRanges < int64(len(in.Lost)):
		return errNegative
	case in.Accounting != nil:
		if err := in.Accounting.validate(); err != nil {
			return err
		}
	}
	end := int64(0)
	for _, r := range in.Lost {
		if r.Offset < end || r.Bytes <= 0 {
			return fmt.Errorf("lost range of %d bytes at %d", r.Bytes, r.Offset)
		}
		end = r.Offset + r.Bytes
	}
	_, err := in.RawPath()
	return err
}

func (s *Source) validate() error {
	if !isHash(s.SHA256) {
		return fmt.Errorf("sha256 %q", s.SHA256)
	}
	if s.Bytes < 0 {
		return errNegative
	}
	_, err := DecodePath(s.Path, s.PathHex)
	return err
}

func (a *Accounting) validate() error {
	if a.PacketsRead < 0 || a.CapturedBytes < 0 || a.WireBytes < 0 || a.StreamBytes < 0 {
		return errNegative
	}
	for _, counts := range []Counts{a.Packets, a.CapturedBy, a.WireBy, a.StreamBy} {
		for _, c := range counts {
			if c.N < 0 {
				return fmt.Errorf("%s is %d", c.Outcome, c.N)
			}
		}
	}
	return nil
}

func (m *Manifest) validateOutputs() error {
	seen := map[string]bool{Name: true, ExecutionName: true}
	note := func(p string, bytes int64, sum string) error {
		switch {
		case !isLocal(p):
			return fmt.Errorf("%w: path %q leaves the folder or is not in plain form", ErrFormat, p)
		case seen[p]:
			return fmt.Errorf("%w: path %q twice", ErrFormat, p)
		case bytes < 0 || !isHash(sum):
			return fmt.Errorf("%w: %q: size or sha256", ErrFormat, p)
		}
		seen[p] = true
		return nil
	}
	for i := range m.Files {
		if err := note(m.Files[i].Path, m.Files[i].Bytes, m.Files[i].SHA256); err != nil {
			return err
		}
	}
	for i := range m.Tables {
		t := &m.Tables[i]
		if t.Rows < 0 || !isHash(t.SchemaSHA256) || t.PlanID != "" && !isHash(t.PlanID) || !isLocal(t.Name) || strings.Contains(t.Name, "/") || seen[t.Name] {
			return fmt.Errorf("%w: table %q", ErrFormat, t.Name)
		}
		seen[t.Name] = true
		if t.File != "" && (len(t.Parts) > 0 || !m.lists(t.File)) {
			return fmt.Errorf("%w: table %q is in %q, which is not listed or not all", ErrFormat, t.Name, t.File)
		}
		for _, p := range t.Parts {
			if p.Rows < 0 || !strings.HasPrefix(p.Path, t.Name+"/") {
				return fmt.Errorf("%w: table %q has part %q of %d rows", ErrFormat, t.Name, p.Path, p.Rows)
			}
			if err := note(p.Path, p.Bytes, p.SHA256); err != nil {
				return err
			}
		}
	}
	return nil
}

// lists reports whether a file of that path is one of Files.
func (m *Manifest) lists(path string) bool {
	return slices.ContainsFunc(m.Files, func(f File) bool { return f.Path == path })
}

// isLocal reports whether p is a clean relative path with slashes that names
// something below its folder, on any system.
func isLocal(p string) bool {
	return p != "." && path.Clean(p) == p && filepath.IsLocal(filepath.FromSlash(p)) && !strings.ContainsAny(p, "\\:\x00")
}

func isHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}
