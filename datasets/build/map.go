package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Map gives labels others, such as one name for all kinds of a denial of service.
//
// As YAML, of which JSON is a part, or as CSV with the header old,new, where an empty new drops:
//
//	map:
//	  DoS Hulk: DoS
//	  DoS slowloris: DoS
//	drop: [Heartbleed]
//	others: keep
type Map struct {
	Becomes map[string]string `json:"map,omitempty"`
	Drop    []string          `json:"drop,omitempty"`
	Others  string            `json:"others"` // keep, or drop

	drops map[string]bool
}

// What becomes of labels that a Map does not name.
const (
	OthersKeep = "keep"
	OthersDrop = "drop"
)

const (
	maxMap     = 256 << 10 // bytes; it is kept in the manifest
	maxMapText = 1000      // bytes of a label
)

// String returns the map as JSON, the same for the same content; empty for nil.
func (m *Map) String() string {
	if m == nil {
		return ""
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil { // cannot be, of texts
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// of returns what a label becomes, and whether its rows stay.
func (m *Map) of(name string) (string, bool) {
	if m == nil {
		return name, true
	}
	if becomes, known := m.Becomes[name]; known {
		return becomes, true
	}
	return name, !m.drops[name] && m.Others != OthersDrop
}

// LoadMap reads a map from a file, and returns the hash and size of its bytes. Errors are usage.Err.
func LoadMap(file string) (m *Map, sha256Hex string, size int64, err error) {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() { // a pipe would make us wait
		err = fmt.Errorf("%s is no file", text.Escape(file))
	}
	if err != nil {
		return nil, "", 0, usage.Errorf("%w", err)
	}
	data, err := readMap(file)
	if err != nil {
		return nil, "", 0, usage.Errorf("%w", err)
	}
	if m, err = ParseMap(data); err != nil {
		return nil, "", 0, usage.Errorf("%s: %w", text.Escape(file), err)
	}
	sum := sha256.Sum256(data)
	return m, hex.EncodeToString(sum[:]), int64(len(data)), nil
}

func readMap(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	return io.ReadAll(io.LimitReader(f, maxMap+1))
}

// ParseMap reads a map.
func ParseMap(data []byte) (*Map, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // as editors of Windows begin a file
	switch {
	case len(data) > maxMap:
		return nil, fmt.Errorf("more than %d bytes", maxMap)
	case !utf8.Valid(data):
		return nil, errors.New("is not UTF-8")
	}
	m := &Map{Becomes: map[string]string{}, Others: OthersKeep, drops: map[string]bool{}}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	read := m.readYAML
	if string(bytes.TrimSpace(first)) == "old,new" {
		read = m.readCSV
	}
	if err := read(data); err != nil {
		return nil, err
	}
	if len(m.Becomes)+len(m.Drop) == 0 {
		return nil, errors.New("says nothing of any label")
	}
	slices.Sort(m.Drop)
	return m, nil
}

func (m *Map) readCSV(data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.ReuseRecord = 2, true
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New(text.Escape(err.Error()))
		}
		line, _ := r.FieldPos(0)
		switch {
		case n == 0:
			continue
		case row[1] == "":
			err = m.drop(row[0])
		default:
			err = m.rename(row[0], row[1])
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func (m *Map) rename(old, name string) error {
	if _, twice := m.Becomes[old]; twice || m.drops[old] {
		return fmt.Errorf("%s for the second time", text.Escape(old))
	}
	if err := errors.Join(named(old), named(name)); err != nil {
		return err
	}
	m.Becomes[strings.Clone(old)] = strings.Clone(name)
	return nil
}

func (m *Map) drop(old string) error {
	if _, twice := m.Becomes[old]; twice || m.drops[old] {
		return fmt.Errorf("%s for the second time", text.Escape(old))
	}
	if err := named(old); err != nil {
		return err
	}
	old = strings.Clone(old)
	m.Drop, m.drops[old] = append(m.Drop, old), true
	return nil
}

func named(s string) error {
	switch {
	case s == "":
		return errors.New("a label without text")
	case len(s) > maxMapText:
		return fmt.Errorf("a label of more than %d bytes", maxMapText)
	}
	return nil
}

func (m *Map) readYAML(data []byte) error {
	top, err := strictyaml.Parse(data, maxMap)
	if err != nil {
		return err
	}
	if top == nil {
		return errors.New("is empty: want map, drop and others")
	}
	return strictyaml.Mapping(top, "a map of labels", strictyaml.Keys{"map": m.readNames, "drop": m.readDrops, "others": m.readOthers})
}

func (m *Map) readNames(n strictyaml.Node) error {
	pairs, ok := strictyaml.Pairs(n)
	if !ok {
		return strictyaml.Wrong(n, "want a mapping of old labels to new ones")
	}
	for _, pair := range pairs {
		name, err := strictyaml.Scalar(pair.Value)
		if err == nil {
			err = m.rename(pair.Key.GetToken().Value, name)
		}
		if err != nil {
			return strictyaml.At(pair.Key, err)
		}
	}
	return nil
}

func (m *Map) readDrops(n strictyaml.Node) error {
	all, err := strictyaml.OneOrMore(n, maxMap)
	if err != nil {
		return err
	}
	for _, e := range all {
		name, err := strictyaml.Scalar(e)
		if err == nil {
			err = m.drop(name)
		}
		if err != nil {
			return strictyaml.At(e, err)
		}
	}
	return nil
}

func (m *Map) readOthers(n strictyaml.Node) error {
	if err := strictyaml.Text(&m.Others)(n); err != nil {
		return err
	}
	if m.Others != OthersKeep && m.Others != OthersDrop {
		return strictyaml.Wrong(n, "%s is neither keep nor drop", text.Escape(m.Others))
	}
	return nil
}
