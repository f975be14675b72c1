package fingerprint

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"pcapmill/outputs/text"
)

const (
	// SchemaVersion is that of the JSON document.
	SchemaVersion = 1
	// MaxBytes is what a document may have: some 60,000 fingerprints.
	MaxBytes = 128 << 20

	format   = "pcapmill-fingerprints"
	maxDepth = 5 // ours have 5: document, fingerprints, one of them, its classes, one of these
)

// document is the file; docs/fingerprint.md documents it. Keys are in the order of
// their bytes, here as everywhere in it.
type document struct {
	Fingerprints  []entry `json:"fingerprints"`
	Format        string  `json:"format"`
	RulesVersion  int     `json:"rules_version"`
	SchemaVersion int     `json:"schema_version"`
	VectorVersion int     `json:"vector_version"`
	WindowNanos   int64   `json:"window_ns"` // 0 where there are no fingerprints
}

type entry struct {
	Classes   []Class             `json:"classes"` // for who reads it; Read asks the features
	Features  map[string]*float64 `json:"features"`
	First     int64               `json:"first_window_ns"`
	Flows     int64               `json:"flows"`
	Host      string              `json:"host"`
	Inexact   int64               `json:"inexact_rows"`
	Last      int64               `json:"last_window_ns"`
	Packets   int64               `json:"packets"`
	Parts     int64               `json:"part_rows"`
	Windows   int64               `json:"windows"`
	WireBytes int64               `json:"wire_bytes"`
}

// Write writes fingerprints of windows of one length, in the order of hosts without two
// of one, as Builder returns them: the same fingerprints always give the same bytes. In
// memory is one at a time. Read takes no more than MaxBytes of it.
func Write(w io.Writer, all []*Fingerprint) error {
	length := int64(0)
	if len(all) > 0 {
		length = all[0].WindowNanos
	}
	if err := check(all, length); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	lead := "{\n  \"fingerprints\": [\n    "
	for _, f := range all {
		data, err := json.MarshalIndent(entryOf(f), "    ", "  ")
		if err != nil {
			return err
		}
		out.WriteString(lead) //nolint:errcheck // Flush returns it
		out.Write(data)       //nolint:errcheck // as above
		lead = ",\n    "
	}
	end := "\n  ]"
	if len(all) == 0 {
		end = "{\n  \"fingerprints\": []"
	}
	fmt.Fprintf(out, "%s,\n  \"format\": %q,\n  \"rules_version\": %d,\n  \"schema_version\": %d,\n  \"vector_version\": %d,\n  \"window_ns\": %d\n}\n",
		end, format, RulesVersion, SchemaVersion, VectorVersion, length)
	return out.Flush()
}

// check is what Write and Read ask of fingerprints.
func check(all []*Fingerprint, length int64) error {
	for i, f := range all {
		if err := f.Validate(); err != nil {
			return fmt.Errorf("fingerprint %d: %w", i, err)
		}
		if f.WindowNanos != length {
			return fmt.Errorf("%w: %d and %d ns", ErrMixed, length, f.WindowNanos)
		}
		if i > 0 && all[i-1].Host.Compare(f.Host) >= 0 {
			return fmt.Errorf("%w: host %s follows %s", ErrFormat, f.Host, all[i-1].Host)
		}
	}
	return nil
}

func entryOf(f *Fingerprint) entry {
	e := entry{
		Features: make(map[string]*float64, len(features)), Host: f.Host.String(),
		First: f.First, Last: f.Last, Windows: f.Windows, Parts: f.Parts, Inexact: f.Inexact,
		Packets: f.Packets, WireBytes: f.WireBytes, Flows: f.Flows,
	}
	e.Classes, _ = Classify(f.Vector)
	for i := range features {
		e.Features[features[i].Name] = nil
		if f.Vector[i].Known {
			e.Features[features[i].Name] = &f.Vector[i].X
		}
	}
	return e
}

// Read reads and checks a document that may come from anywhere: at most MaxBytes, no
// deeper than ours, no key twice, none unknown, none missing. Errors are ErrFormat,
// ErrVersion, ErrTooLarge, ErrMixed or r's.
func Read(r io.Reader) ([]*Fingerprint, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, MaxBytes)
	}
	if err := walk(data); err != nil {
		return nil, err
	}
	if err := versions(data); err != nil {
		return nil, err
	}
	var d document
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrFormat, text.Escape(err.Error()))
	}
	all := make([]*Fingerprint, 0, len(d.Fingerprints))
	for i := range d.Fingerprints {
		f, err := d.Fingerprints[i].fingerprint(d.WindowNanos)
		if err != nil {
			return nil, fmt.Errorf("fingerprint %d: %w", i, err)
		}
		all = append(all, f)
	}
	return all, check(all, d.WindowNanos)
}

// versions looks at these alone: of other versions, nothing else is known.
func versions(data []byte) error {
	var head struct {
		Format        string `json:"format"`
		SchemaVersion int    `json:"schema_version"`
		VectorVersion int    `json:"vector_version"`
	}
	err := json.Unmarshal(data, &head)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s", ErrFormat, text.Escape(err.Error()))
	case head.Format != format:
		return fmt.Errorf("%w: format is %.40q", ErrFormat, head.Format)
	case head.SchemaVersion != SchemaVersion:
		return fmt.Errorf("%w: schema %d, this build knows %d", ErrVersion, head.SchemaVersion, SchemaVersion)
	case head.VectorVersion != VectorVersion:
		return fmt.Errorf("%w: vector %d, this build knows %d", ErrVersion, head.VectorVersion, VectorVersion)
	}
	return nil
}

func (e *entry) fingerprint(length int64) (*Fingerprint, error) {
	host, err := netip.ParseAddr(e.Host)
	if err != nil || host.String() != e.Host {
		return nil, fmt.Errorf("%w: host %.80q is no address", ErrFormat, e.Host)
	}
	f := &Fingerprint{
		Host: host, WindowNanos: length, First: e.First, Last: e.Last, Windows: e.Windows,
		Parts: e.Parts, Inexact: e.Inexact, Packets: e.Packets, WireBytes: e.WireBytes, Flows: e.Flows,
		Vector: make(Vector, len(features)),
	}
	if len(e.Features) != len(features) {
		return nil, fmt.Errorf("%w: %d features, want %d", ErrFormat, len(e.Features), len(features))
	}
	for i := range features {
		x, ok := e.Features[features[i].Name]
		if !ok {
			return nil, fmt.Errorf("%w: no feature %s", ErrFormat, features[i].Name)
		}
		if x != nil {
			f.Vector[i] = known(*x)
		}
	}
	return f, nil
}

// walk refuses what encoding/json would take: deep nesting, a key twice, more behind the end.
func walk(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var open []level
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return fmt.Errorf("%w: nothing there", ErrFormat)
		}
		if err != nil {
			return fmt.Errorf("%w: %s", ErrFormat, text.Escape(err.Error()))
		}
		if open, err = step(open, token); err != nil {
			return err
		}
		if len(open) == 0 {
			break
		}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more follows its end", ErrFormat)
	}
	return nil
}

// level is an object or array that is not closed.
type level struct {
	keys  map[string]bool // nil: an array
	value bool            // a key has been read
}

func step(open []level, token json.Token) ([]level, error) {
	delim, _ := token.(json.Delim)
	if delim == '}' || delim == ']' {
		return open[:len(open)-1], nil
	}
	if n := len(open); n > 0 && open[n-1].keys != nil {
		at := &open[n-1]
		if at.value = !at.value; at.value {
			key, _ := token.(string) // the decoder takes nothing else
			if strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
				return nil, fmt.Errorf("%w: %.40q is no key", ErrFormat, key) // encoding/json would take "Host" for "host"
			}
			if at.keys[key] {
				return nil, fmt.Errorf("%w: %.40q stands there twice", ErrFormat, key)
			}
			at.keys[key] = true
			return open, nil
		}
	}
	if delim == 0 {
		return open, nil
	}
	if len(open) == maxDepth {
		return nil, fmt.Errorf("%w: nested deeper than %d", ErrTooLarge, maxDepth)
	}
	opened := level{}
	if delim == '{' {
		opened.keys = map[string]bool{}
	}
	return append(open, opened), nil
}
