package windows

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pcapmill/model/baseline"
	"pcapmill/outputs/ipnet"
	"pcapmill/outputs/text"
)

// Labels give hosts labels by their addresses: of several prefixes that hold one, the
// longest counts.
type Labels struct {
	of      map[netip.Prefix]string
	lengths []int // of prefixes, descending
}

// What a file of labels can hold.
const (
	mostLabelBytes = 64 << 20
	mostLabels     = 1 << 20
)

// mark is a byte order mark, as spreadsheets begin a file.
const mark = "\ufeff"

// ReadLabels reads a file whose lines are an address or prefix, a comma, and a label, as CSV.
// Empty lines, and those that begin with #, say nothing; the first line may name the columns.
// The error is ErrLabels with the line, or the system's.
func ReadLabels(name string) (*Labels, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	l, err := ParseLabels(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	return l, nil
}

// ParseLabels is ReadLabels of a stream.
func ParseLabels(r io.Reader) (*Labels, error) {
	limited := &io.LimitedReader{R: r, N: mostLabelBytes + 1}
	whole := bufio.NewReader(limited)
	if head, _ := whole.Peek(len(mark)); string(head) == mark {
		_, _ = whole.Discard(len(mark)) // it has been read
	}
	in := csv.NewReader(whole)
	in.Comment, in.FieldsPerRecord, in.TrimLeadingSpace, in.ReuseRecord = '#', 2, true, true
	l := &Labels{of: map[netip.Prefix]string{}}
	for first := true; ; first = false {
		fields, err := in.Read()
		switch {
		case limited.N == 0:
			return nil, fmt.Errorf("%w: more than %d bytes", ErrLabels, int64(mostLabelBytes))
		case errors.Is(err, io.EOF):
			return l, nil
		case err != nil:
			return nil, fmt.Errorf("%w: %w", ErrLabels, err)
		}
		line, _ := in.FieldPos(0)
		if err := l.add(fields[0], fields[1]); err != nil && !(first && heading(fields)) {
			return nil, fmt.Errorf("%w: line %d: %w", ErrLabels, line, err)
		}
	}
}

// heading reports whether a line names the columns.
func heading(fields []string) bool {
	return slices.Contains([]string{"address", "prefix", "address_or_prefix"}, fields[0]) && strings.TrimSpace(fields[1]) == "label"
}

func (l *Labels) add(where, label string) error {
	p, err := prefixOf(strings.TrimSpace(where))
	if err != nil {
		return err
	}
	label = strings.TrimSpace(label)
	switch known, ok := l.of[p]; {
	case label == "" || len(label) > baseline.MaxName || !utf8.ValidString(label) || strings.ContainsFunc(label, unprintable):
		return fmt.Errorf("%q is no label: want 1 to %d bytes that print", label, baseline.MaxName)
	case ok && known != label:
		return fmt.Errorf("%v has the label %q already", p, known)
	case ok:
		return nil
	case len(l.of) >= mostLabels:
		return fmt.Errorf("more than %d prefixes", mostLabels)
	}
	l.of[p] = label
	if at, found := slices.BinarySearchFunc(l.lengths, p.Bits(), func(a, b int) int { return cmp.Compare(b, a) }); !found {
		l.lengths = slices.Insert(l.lengths, at, p.Bits())
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// prefixOf reads a prefix, or an address as one that holds nothing else.
func prefixOf(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		if err == nil && p != p.Masked() {
			err = fmt.Errorf("%s has bits behind its length; %v has none", text.Escape(s), p.Masked())
		}
		return ipnet.Unmap(p), err
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	if a = a.Unmap(); a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%s has a zone, which rows do not", text.Escape(s))
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// Of returns the label of a host; false where it has none.
func (l *Labels) Of(host netip.Addr) (string, bool) {
	host = host.Unmap()
	for _, bits := range l.lengths {
		p, err := host.Prefix(bits)
		if err != nil {
			continue // longer than the address
		}
		if label, ok := l.of[p]; ok {
			return label, true
		}
	}
	return "", false
}
