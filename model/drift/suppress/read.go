package suppress

import (
	"fmt"
	"io"
	"slices"
	"time"

	"pcapmill/model/drift"
	"pcapmill/outputs/strictyaml"
)

const (
	maxBytes = 256 << 10 // of a file, which is far more than lists need
	maxText  = 1000      // bytes of a scalar
)

// Read reads a list. Errors are ErrList or r's, and say the line.
func Read(r io.Reader) (List, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	l, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	return l, nil
}

func parse(data []byte) (List, error) {
	top, err := strictyaml.Parse(data, maxBytes)
	if err != nil || strictyaml.Empty(top) {
		return nil, err
	}
	entries, err := strictyaml.List(top, maxBytes)
	if err != nil {
		return nil, strictyaml.Wrong(top, "want a list of entries, each begun by a dash")
	}
	l := make(List, len(entries))
	for i, n := range entries {
		if err := l[i].read(n); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// read reads an entry and checks that it is whole.
func (e *Entry) read(n strictyaml.Node) error {
	*e = Entry{Line: strictyaml.Line(n), Most: drift.Critical}
	forever, matches := false, 0
	err := strictyaml.Mapping(n, "an entry", strictyaml.Keys{
		"match":        func(v strictyaml.Node) (err error) { matches, err = e.readMatch(v); return err },
		"max-severity": e.readMost,
		"max_severity": e.readMost,
		"reason":       func(v strictyaml.Node) (err error) { e.Reason, err = word(v); return err },
		"until":        e.readUntil,
		"forever":      strictyaml.Bool(&forever),
	})
	switch {
	case err != nil:
		return err
	case matches == 0:
		return strictyaml.Wrong(n, "an entry without match would suppress everything")
	case e.Reason == "":
		return strictyaml.Wrong(n, "an entry without a reason")
	case forever && !e.Until.IsZero():
		return strictyaml.Wrong(n, "an entry both until a day and forever")
	case !forever && e.Until.IsZero():
		return strictyaml.Wrong(n, "an entry without an end: say until a day, such as 2026-12-31, or forever: true")
	}
	return nil
}

// readMatch returns how much is asked for.
func (e *Entry) readMatch(n strictyaml.Node) (asked int, err error) {
	err = strictyaml.Mapping(n, "match", strictyaml.Keys{
		"layer":   e.readLayers,
		"host":    e.readHosts,
		"segment": func(v strictyaml.Node) error { return patterns(v, &e.Segments) },
		"subject": func(v strictyaml.Node) error { return patterns(v, &e.Subjects) },
		"key":     func(v strictyaml.Node) error { return patterns(v, &e.Keys) },
	})
	return len(e.Layers) + len(e.Hosts) + len(e.Segments) + len(e.Subjects) + len(e.Keys), err
}

var layers = []drift.Layer{
	drift.Quality, drift.Schema, drift.Volume, drift.Population, drift.Values, drift.Cardinality, drift.Distribution, drift.Behaviour,
}

func (e *Entry) readLayers(n strictyaml.Node) error {
	return words(n, func(v strictyaml.Node, s string) error {
		if !slices.Contains(layers, drift.Layer(s)) {
			return strictyaml.Wrong(v, "layer %q is none of %v", s, layers)
		}
		e.Layers = append(e.Layers, drift.Layer(s))
		return nil
	})
}

func (e *Entry) readHosts(n strictyaml.Node) error {
	return words(n, func(v strictyaml.Node, s string) error {
		network, ok := parseNetwork(s)
		if !ok {
			return strictyaml.Wrong(v, "host %q is neither an address nor a network", s)
		}
		e.Hosts = append(e.Hosts, network)
		return nil
	})
}

func (e *Entry) readMost(n strictyaml.Node) error {
	s, err := word(n)
	if err != nil {
		return err
	}
	if e.Most, err = drift.ParseSeverity(s); err != nil || e.Most == drift.None {
		return strictyaml.Wrong(n, "max-severity %q is none of low, medium, high, critical", s)
	}
	return nil
}

func (e *Entry) readUntil(n strictyaml.Node) error {
	s, err := word(n)
	if err != nil {
		return err
	}
	if e.Until, err = time.Parse(time.DateOnly, s); err != nil || e.Until.IsZero() {
		return strictyaml.Wrong(n, "until %q is no day, such as 2026-12-31", s)
	}
	return nil
}

func patterns(n strictyaml.Node, into *[]Pattern) error {
	return words(n, func(_ strictyaml.Node, s string) error {
		*into = append(*into, PatternOf(s))
		return nil
	})
}

// words calls a function for a scalar, or for each of a list, of which there is one at least.
func words(n strictyaml.Node, take func(strictyaml.Node, string) error) error {
	values, err := strictyaml.OneOrMore(n, maxBytes)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return strictyaml.Wrong(n, "an empty list")
	}
	for _, v := range values {
		s, err := word(v)
		if err != nil {
			return err
		}
		if err := take(v, s); err != nil {
			return err
		}
	}
	return nil
}

// word is a text without the space around it, or what else would be one in quotes.
func word(n strictyaml.Node) (s string, err error) {
	if err := strictyaml.Text(&s)(n); err != nil {
		return "", err
	}
	if len(s) > maxText {
		return "", strictyaml.Wrong(n, "a text of more than %d bytes", maxText)
	}
	return s, nil
}
