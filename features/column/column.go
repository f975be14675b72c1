package column

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Type is the logical type of a column's values.
type Type uint8

// The types. Lists are three-level Parquet lists whose elements are never null.
const (
	Int64     Type = iota // counts, durations (ns), epoch ns
	Int32                 // ports, protocol numbers, small codes
	Double                // ratios, means, rates; never NaN or Inf
	String                // UTF-8 text, dictionary-encoded
	Text                  // UTF-8 text that rarely repeats, not dictionary-encoded
	Binary                // bytes, dictionary-encoded; outputs of text show them in hexadecimal
	Timestamp             // microseconds since the epoch, UTC
	ListInt64
	ListInt32
	ListString
)

var typeNames = [...]string{"int64", "int32", "double", "string", "text", "binary", "timestamp_us_utc", "list<int64>", "list<int32>", "list<string>"}

// String returns the type's name as printed in schemas.
func (t Type) String() string { return typeNames[t] }

// TypeNamed returns the type of that name, as String prints it.
func TypeNamed(name string) (Type, bool) {
	i := slices.Index(typeNames[:], name)
	return Type(max(i, 0)), i >= 0
}

// Role says what a column may be used for downstream.
type Role uint8

// The roles.
const (
	Feature   Role = iota // may be learned from
	Identity              // names the row or links it to others
	Time                  // an instant
	LeakProne             // identifies the testbed rather than the behaviour: addresses, ports, TTL, …
	Label                 // what a model shall predict
)

var roleNames = [...]string{"feature", "identity", "time", "leak_prone", "label"}

// String returns the role's name.
func (r Role) String() string { return roleNames[r] }

// RoleNamed returns the role of that name, as String prints it.
func RoleNamed(name string) (Role, bool) {
	i := slices.Index(roleNames[:], name)
	return Role(max(i, 0)), i >= 0
}

// Unit is the unit of a column's values; empty means none.
type Unit string

// The units in use.
const (
	None      Unit = ""
	Packets   Unit = "packets"
	Bytes     Unit = "bytes"
	Nanos     Unit = "ns"
	Millis    Unit = "ms"
	Seconds   Unit = "s"
	EpochNano Unit = "ns since 1970-01-01 UTC"
	PerSecond Unit = "1/s"
	PerMilli  Unit = "1/ms"
	BytesPerS Unit = "bytes/s"
	Bits      Unit = "bits"
	Nats      Unit = "nats"
	Ratio     Unit = "ratio"  // bounded, or at most by what traffic is: shares, differences over sums
	Factor    Unit = "factor" // how many times as much, without bound
	Count     Unit = "count"
)

// Column declares one column.
type Column struct {
	Name   string
	Type   Type
	Unit   Unit
	Role   Role
	Doc    string // one sentence or more; says the packet population where that matters
	Null   string // when the value is null; empty: never (the column is required)
	Source string // RFC, paper or tool the definition follows; empty: our own
	Group  string // feature group, as in --features
}

// Optional reports whether values can be null.
func (c *Column) Optional() bool { return c.Null != "" }

// Schema is an ordered set of columns: one table.
type Schema struct {
	Table   string
	Version int // raised with each change that a reader could notice
	Columns []Column
}

// Index returns the position of the named column, or -1.
func (s *Schema) Index(name string) int {
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// Validate reports duplicate or badly formed declarations.
func (s *Schema) Validate() error {
	seen := make(map[string]bool, len(s.Columns))
	for i := range s.Columns {
		c := &s.Columns[i]
		switch {
		case !snakeCase(c.Name):
			return fmt.Errorf("table %s: name %q is not snake_case", s.Table, c.Name)
		case seen[c.Name]:
			return fmt.Errorf("table %s: %s is declared twice", s.Table, c.Name)
		case c.Doc == "":
			return fmt.Errorf("table %s: %s has no doc", s.Table, c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

// Describe returns one line per column, the form that the schema golden holds
// and that Hash is taken of.
func (s *Schema) Describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "table %s version %d\n", s.Table, s.Version)
	for i := range s.Columns {
		c := &s.Columns[i]
		null := c.Null
		if null == "" {
			null = "never"
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\tnull: %s\t%s\t%s\n", c.Name, c.Type, c.Unit, c.Role, c.Group, null, c.Doc, c.Source)
	}
	return b.String()
}

// Hash returns the hex SHA-256 of Describe.
func (s *Schema) Hash() string {
	sum := sha256.Sum256([]byte(s.Describe()))
	return hex.EncodeToString(sum[:])
}

func snakeCase(name string) bool {
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return true
}
