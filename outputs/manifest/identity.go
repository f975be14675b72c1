package manifest

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
)

// SchemaRef names the schema of one table.
type SchemaRef struct {
	Table  string
	SHA256 string // column.Schema.Hash
}

// PlanID returns the hash of what decides the rows apart from the inputs: the
// options that change rows, the tables with their schemas (in any order), and
// Tool.Build. It is 64 hex digits.
func PlanID(options map[string]string, schemas []SchemaRef, build string) string {
	h := newHash("pcapmill plan 1")
	h.count(int64(len(options)))
	for _, key := range slices.Sorted(maps.Keys(options)) {
		h.add(key, options[key])
	}
	sorted := slices.SortedFunc(slices.Values(schemas), func(a, b SchemaRef) int {
		return cmp.Or(strings.Compare(a.Table, b.Table), strings.Compare(a.SHA256, b.SHA256))
	})
	h.count(int64(len(sorted)))
	for _, s := range sorted {
		h.add(s.Table, s.SHA256)
	}
	h.add(build)
	return h.hex()
}

// RunID returns the hash of planID and the inputs' SHA-256, in order: 64 hex
// digits, or "" where an input was not hashed, since then nobody can tell.
func RunID(planID string, inputs []string) string {
	if slices.Contains(inputs, "") {
		return ""
	}
	h := newHash("pcapmill run 1")
	h.add(planID)
	h.count(int64(len(inputs)))
	h.add(inputs...)
	return h.hex()
}

// Stamp is the cheap identity of an input: enough to say "as last time" without
// reading it, not enough to prove it.
type Stamp struct {
	Path    string `json:"path"`
	PathHex string `json:"path_hex,omitempty"`
	Bytes   int64  `json:"bytes"`
	ModNs   int64  `json:"modified_ns"`
}

// NewStamp returns the stamp of a file.
func NewStamp(path string, bytes, modNs int64) Stamp {
	shown, raw := EncodePath(path)
	return Stamp{Path: shown, PathHex: raw, Bytes: bytes, ModNs: modNs}
}

// RunKey returns the hash of planID and the stamps, in order: what
// publish.Owner.RunKey holds and execution.json keeps.
func RunKey(planID string, stamps []Stamp) string {
	h := newHash("pcapmill run key 1")
	h.add(planID)
	h.count(int64(len(stamps)))
	for _, s := range stamps {
		h.add(s.Path, s.PathHex)
		h.count(s.Bytes)
		h.count(s.ModNs)
	}
	return h.hex()
}

// fields hashes strings, each preceded by its length, so that no two lists of
// fields run together into the same bytes.
type fields struct{ hash.Hash }

func newHash(domain string) fields {
	f := fields{sha256.New()}
	f.add(domain)
	return f
}

func (f fields) add(values ...string) {
	for _, v := range values {
		f.count(int64(len(v)))
		f.Write([]byte(v))
	}
}

func (f fields) count(n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	f.Write(b[:])
}

func (f fields) hex() string { return hex.EncodeToString(f.Sum(nil)) }
