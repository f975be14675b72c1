package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// What Read and Decode report. Each comes wrapped with what exactly is wrong.
var (
	// ErrFormat: these bytes are no document of ours.
	ErrFormat = errors.New("not a pcapmill document")
	// ErrVersion: ours, but of a version that this build does not know.
	ErrVersion = errors.New("unknown schema version")
	// ErrDamaged: ours, but the bytes do not agree with their own hash.
	ErrDamaged = errors.New("damaged or edited")
	// ErrTooLarge: longer or deeper nested than any document of ours.
	ErrTooLarge = errors.New("too large")
)

const (
	// MaxBytes is the size that no document reaches: 100,000 inputs take some 60 MB.
	MaxBytes = 128 << 20
	maxDepth = 16 // ours have 6
)

// The keys of the self hashes.
const (
	manifestSelf  = "manifest_sha256"
	executionSelf = "execution_sha256"
)

// Encode returns the bytes of manifest.json, the same for the same content. It
// fills SchemaVersion and SelfSHA256 of what it writes and leaves m alone.
func (m *Manifest) Encode() ([]byte, error) {
	c := *m
	c.SchemaVersion, c.SelfSHA256 = SchemaVersion, ""
	c.normalise()
	return encode(&c, manifestSelf)
}

// normalise puts empty lists where there are none, in copies: null means unknown.
func (m *Manifest) normalise() {
	if m.Options == nil {
		m.Options = map[string]string{}
	}
	m.Inputs = append([]Input{}, m.Inputs...)
	for i := range m.Inputs {
		m.Inputs[i].Interfaces = append([]Interface{}, m.Inputs[i].Interfaces...)
	}
	m.Tables = append([]Table{}, m.Tables...)
	for i := range m.Tables {
		m.Tables[i].Parts = append([]Part{}, m.Tables[i].Parts...)
	}
	m.SelfChecks = append([]SelfCheck{}, m.SelfChecks...)
	m.NotProcessed = append([]NotProcessed{}, m.NotProcessed...)
}

// Encode returns the bytes of execution.json; see Manifest.Encode.
func (e *Execution) Encode() ([]byte, error) {
	c := *e
	c.SchemaVersion, c.SelfSHA256 = SchemaVersion, ""
	c.Command = append([]string{}, c.Command...)
	c.Stamps = append([]Stamp{}, c.Stamps...)
	c.Warnings = append([]string{}, c.Warnings...)
	return encode(&c, executionSelf)
}

func encode(v any, selfKey string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	data := b.Bytes()
	if hasReplaced(data) {
		return nil, errors.New("a string is not UTF-8; paths go through EncodePath, other strings through text.Escape")
	}
	at, err := selfHashAt(data, selfKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	return slices.Insert(data, at, []byte(hex.EncodeToString(sum[:]))...), nil
}

// replacement is how encoding/json replaces bytes that it cannot say; the character itself it
// writes as it is.
const replacement = `\ufffd`

// hasReplaced reports whether there is a replacement. Behind a backslash that is escaped the same
// letters are text.
func hasReplaced(data []byte) bool {
	for {
		i := bytes.Index(data, []byte(replacement))
		if i < 0 {
			return false
		}
		before := data[:i]
		if (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return true
		}
		data = data[i+len(replacement):]
	}
}

// selfHashAt returns where the value of the self hash begins. The key is among
// the first, and inside JSON strings its quotes would be escaped, so the first
// place that looks like it is it.
func selfHashAt(data []byte, selfKey string) (int, error) {
	mark := []byte("\n  \"" + selfKey + "\": \"")
	at := bytes.Index(data, mark)
	if at < 0 {
		return 0, fmt.Errorf("%w: no %s", ErrFormat, selfKey)
	}
	return at + len(mark), nil
}

// Decode parses and checks the bytes of manifest.json.
func Decode(data []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := decode(data, m, manifestSelf); err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	return m, nil
}

// Read is Decode of what r holds, up to a limit that no document of ours reaches.
func Read(r io.Reader) (*Manifest, error) {
	data, err := readAll(r, MaxBytes)
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

// ReadExecution parses and checks execution.json.
func ReadExecution(r io.Reader) (*Execution, error) {
	data, err := readAll(r, MaxBytes)
	if err != nil {
		return nil, err
	}
	e := new(Execution)
	if err := decode(data, e, executionSelf); err != nil {
		return nil, err
	}
	return e, nil
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return data, nil
}

func decode(data []byte, into any, selfKey string) error {
	if err := checkDepth(data); err != nil {
		return err
	}
	if err := checkVersion(data); err != nil {
		return err
	}
	if err := checkSelf(data, selfKey); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more follows its end", ErrFormat)
	}
	return nil
}

// checkDepth refuses nesting beyond ours before a recursive parser sees it.
func checkDepth(data []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("%w: nested deeper than %d", ErrTooLarge, maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// checkVersion looks at the version alone, since of another one nothing else is known.
func checkVersion(data []byte) error {
	var head struct {
		SchemaVersion int `json:"schema_version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	switch head.SchemaVersion {
	case SchemaVersion:
		return nil
	case 0:
		return fmt.Errorf("%w: no schema_version", ErrFormat)
	}
	return fmt.Errorf("%w %d, this build knows %d", ErrVersion, head.SchemaVersion, SchemaVersion)
}

// checkSelf recomputes the self hash over the bytes as they are.
func checkSelf(data []byte, selfKey string) error {
	at, err := selfHashAt(data, selfKey)
	if err != nil {
		return err
	}
	const digits = 2 * sha256.Size
	if len(data) < at+digits {
		return fmt.Errorf("%w: cut short", ErrDamaged)
	}
	h := sha256.New()
	h.Write(data[:at])
	h.Write(data[at+digits:])
	if want := hex.EncodeToString(h.Sum(nil)); want != string(data[at:at+digits]) {
		return fmt.Errorf("%w: %s is %q, the bytes give %s", ErrDamaged, selfKey, data[at:at+digits], want)
	}
	return nil
}
