package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Outline is what manifests of every version say in the same way: enough to know a
// dataset as ours and to replace it, too little to use it.
type Outline struct {
	SchemaVersion int
	Tables        []string // names of the tables' folders; those in a file have none
	Files         []string // paths of the files that are in no table
	Live          bool     // the folder is one of live tables
}

// outlineForm is where all versions keep what an Outline has. The self hash is the
// other thing that no version may change.
type outlineForm struct {
	SchemaVersion int `json:"schema_version"`
	Tool          struct {
		Name string `json:"name"`
	} `json:"tool"`
	Tables []struct {
		Name string `json:"name"`
		File string `json:"file"`
	} `json:"tables"`
	Files []struct {
		Path string `json:"path"`
	} `json:"files"`
	Live *struct{} `json:"live"`
}

// DecodeOutline reads the outline of a manifest that a build of any version wrote.
// The error is ErrFormat where it is not ours, else ErrDamaged or ErrTooLarge.
func DecodeOutline(data []byte) (*Outline, error) {
	if err := checkDepth(data); err != nil {
		return nil, err
	}
	var form outlineForm
	if err := json.Unmarshal(data, &form); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if form.SchemaVersion < 1 || form.Tool.Name != ToolName {
		return nil, fmt.Errorf("%w: no schema_version, or of another tool", ErrFormat)
	}
	if err := checkSelf(data, manifestSelf); err != nil {
		return nil, err
	}
	o := &Outline{SchemaVersion: form.SchemaVersion, Live: form.Live != nil}
	for _, t := range form.Tables {
		if !isLocal(t.Name) || strings.Contains(t.Name, "/") {
			return nil, fmt.Errorf("%w: table %q", ErrFormat, t.Name)
		}
		if t.File == "" {
			o.Tables = append(o.Tables, t.Name)
		}
	}
	for _, f := range form.Files {
		if !isLocal(f.Path) {
			return nil, fmt.Errorf("%w: path %q", ErrFormat, f.Path)
		}
		o.Files = append(o.Files, f.Path)
	}
	if len(form.Tables) == 0 {
		return nil, fmt.Errorf("%w: no tables", ErrFormat)
	}
	return o, nil
}

// ReadAny reads a manifest of any version: its Outline, and the whole of it where
// it is one that Read takes.
func ReadAny(r io.Reader) (*Manifest, *Outline, error) {
	data, err := readAll(r, MaxBytes)
	if err != nil {
		return nil, nil, err
	}
	m, err := Decode(data)
	switch {
	case err == nil:
		return m, m.Outline(), nil
	case errors.Is(err, ErrVersion), errors.Is(err, ErrFormat):
		o, err := DecodeOutline(data)
		return nil, o, err
	}
	return nil, nil, err
}

// Outline returns the manifest's own.
func (m *Manifest) Outline() *Outline {
	o := &Outline{SchemaVersion: SchemaVersion, Live: m.Live != nil}
	for i := range m.Tables {
		if m.Tables[i].File == "" {
			o.Tables = append(o.Tables, m.Tables[i].Name)
		}
	}
	for i := range m.Files {
		o.Files = append(o.Files, m.Files[i].Path)
	}
	return o
}
