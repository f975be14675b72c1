package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/label"
	"pcapmill/outputs/manifest"
)

// ErrRecipe marks a recipe.json that is none of ours, or a step that cannot be done again.
var ErrRecipe = errors.New("recipe")

// RecipeVersion rises with each change that a reader could notice.
const RecipeVersion = 1

// Bounds of a recipe.json of strangers.
const (
	maxRecipe = 64 << 20
	maxSteps  = 1000
)

// Recipe is recipe.json: how to make a package again.
type Recipe struct {
	Version int    `json:"recipe_version"`
	Steps   []Step `json:"steps"`
}

// Step is one command.
type Step struct {
	Name   string      `json:"name"` // of this step in Input.Step
	Kind   string      `json:"kind"` // of the folder that it makes
	Tool   string      `json:"tool"` // manifest.Tool.Build of what did it
	Again  []string    `json:"command"`
	Inputs []Input     `json:"inputs"`
	Tables []TableHash `json:"tables"` // that came of it
}

// Input is what a step reads: the folder of an earlier step, or a file.
type Input struct {
	Role    string `json:"role"`
	Step    string `json:"step,omitempty"`
	Name    string `json:"name,omitempty"` // of a file, as it was given; see manifest.EncodePath
	NameHex string `json:"name_hex,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
	Bytes   int64  `json:"bytes,omitempty"`
	Format  string `json:"format,omitempty"`
}

// RawName is the file's name as it was given.
func (in *Input) RawName() (string, error) { return manifest.DecodePath(in.Name, in.NameHex) }

// TableHash says what a table has to be.
type TableHash struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the lines "hash  path" of its parts
}

// Roles of the files that a run reads.
const (
	RoleCapture = "capture"
	RoleProgram = "bpf-ddd" // what --bpf-ddd names
)

// MakeRecipe returns how a dataset's folder was made. It is ErrRecipe where that cannot be done again:
// a step by a build that did not write its command down, an input that was not hashed.
func MakeRecipe(o *folder.Opened) (*Recipe, error) {
	steps, err := o.Steps()
	if err != nil {
		return nil, err
	}
	sums := append(o.StepSums(), o.SHA256)
	names := map[string]string{} // by the hash of the manifest
	r := &Recipe{Version: RecipeVersion}
	for i, m := range append(steps, o.Manifest) {
		kind := m.Kind
		if kind == "" {
			kind = folder.Run
		}
		s := Step{Name: fmt.Sprintf("%02d-%s", i+1, kind), Kind: kind, Tool: m.Tool.Build(), Again: m.Again, Tables: TableHashes(m)}
		if len(s.Again) == 0 {
			return nil, fmt.Errorf("%w: step %s does not say its command: it is of an older build", ErrRecipe, s.Name)
		}
		if s.Inputs, err = inputsOf(m, names); err != nil {
			return nil, fmt.Errorf("%w: step %s: %w", ErrRecipe, s.Name, err)
		}
		names[sums[i]] = s.Name
		r.Steps = append(r.Steps, s)
	}
	return r, nil
}

// inputsOf lists what a step read.
func inputsOf(m *manifest.Manifest, names map[string]string) ([]Input, error) {
	all := []Input{}
	for i := range m.Inputs {
		in := &m.Inputs[i]
		if in.SHA256 == "" {
			return nil, fmt.Errorf("the capture %q was not hashed", in.Path)
		}
		all = append(all, Input{Role: RoleCapture, Name: in.Path, NameHex: in.PathHex, SHA256: in.SHA256, Bytes: in.Bytes})
	}
	if sum := m.Options["bpf_ddd"]; m.Kind == "" && sum != "" {
		all = append(all, Input{Role: RoleProgram, SHA256: sum})
	}
	for i := range m.Sources {
		s := &m.Sources[i]
		if s.Format == label.FileNames.String() { // no file: the command has it
			continue
		}
		if !isFolder(s) {
			in := Input{Role: s.Role, SHA256: s.SHA256, Bytes: s.Bytes, Format: s.Format}
			in.Name, in.NameHex = manifest.EncodePath(baseOf(s))
			all = append(all, in)
			continue
		}
		step := names[s.SHA256]
		if step == "" {
			return nil, fmt.Errorf("%s is a folder of which nothing is known", s.Role)
		}
		all = append(all, Input{Role: s.Role, Step: step, Format: s.Format})
	}
	return all, nil
}

// baseOf is the name of a file without its folders, which tables do not have either.
func baseOf(s *manifest.Source) string {
	path, err := manifest.DecodePath(s.Path, s.PathHex)
	if err != nil { // Validate has seen to it
		return s.Path
	}
	return filepath.Base(path)
}

// TableHashes are the hashes of a folder's tables.
func TableHashes(m *manifest.Manifest) []TableHash {
	all := []TableHash{}
	for i := range m.Tables {
		t := &m.Tables[i]
		h := sha256.New()
		for _, p := range t.Parts {
			fmt.Fprintf(h, "%s  %s\n", p.SHA256, p.Path)
		}
		all = append(all, TableHash{t.Name, t.Rows, hex.EncodeToString(h.Sum(nil))})
	}
	return all
}

// Encode returns recipe.json.
func (r *Recipe) Encode() ([]byte, error) { return encodeJSON(r) }

// Sum is the SHA-256 of a recipe.json.
func Sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// ParseRecipe reads and checks the bytes of a recipe.json: each step reads files and steps before it.
func ParseRecipe(data []byte) (*Recipe, error) {
	if len(data) > maxRecipe {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrRecipe, maxRecipe)
	}
	r := new(Recipe)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecipe, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something stands behind it", ErrRecipe)
	}
	switch {
	case r.Version != RecipeVersion:
		return nil, fmt.Errorf("%w: version %d, this build knows %d", ErrRecipe, r.Version, RecipeVersion)
	case len(r.Steps) == 0 || len(r.Steps) > maxSteps:
		return nil, fmt.Errorf("%w: %d steps", ErrRecipe, len(r.Steps))
	}
	var before []string
	for i := range r.Steps {
		if err := r.Steps[i].validate(before); err != nil {
			return nil, fmt.Errorf("%w: step %d: %w", ErrRecipe, i+1, err)
		}
		before = append(before, r.Steps[i].Name)
	}
	return r, nil
}

// Words are the words of the command, without its flags.
func (s *Step) Words() []string {
	for i, arg := range s.Again {
		if strings.HasPrefix(arg, "-") {
			return s.Again[:i]
		}
	}
	return s.Again
}

// Tools are the programs that made the steps, but for this one.
func (r *Recipe) Tools(but string) []string {
	var all []string
	for i := range r.Steps {
		if tool := r.Steps[i].Tool; tool != but && !slices.Contains(all, tool) {
			all = append(all, tool)
		}
	}
	return all
}

func (s *Step) validate(before []string) error {
	switch {
	case !nameForm().MatchString(s.Name) || slices.Contains(before, s.Name):
		return fmt.Errorf("name %q", s.Name)
	case len(s.Again) == 0:
		return errors.New("no command")
	}
	for _, t := range s.Tables {
		if !nameForm().MatchString(t.Name) || t.Rows < 0 || !isSum(t.SHA256) {
			return fmt.Errorf("table %.40q", t.Name)
		}
	}
	for i := range s.Inputs {
		in := &s.Inputs[i]
		name, err := manifest.DecodePath(in.Name, in.NameHex)
		switch {
		case err != nil:
			return err
		case in.Step == "" && in.Name != "" && slices.Contains([]string{".", "..", "/", `\`}, filepath.Base(name)):
			return fmt.Errorf("input %d: %q is no name of a file", i, in.Name)
		case in.Step != "" && !slices.Contains(before, in.Step):
			return fmt.Errorf("it reads step %q, which is none before it", in.Step)
		case in.Step == "" && !isSum(in.SHA256), in.Bytes < 0:
			return fmt.Errorf("input %d: size or sha256", i)
		}
	}
	return nil
}

func isSum(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 2*sha256.Size
}

// CardRecipe returns the hash of recipe.json that a card's front matter names.
func CardRecipe(card []byte) (string, bool) {
	rest, ok := bytes.CutPrefix(card, []byte("---"))
	head, _, ends := bytes.Cut(rest, []byte("\n---\n"))
	if !ok || !ends {
		return "", false
	}
	for line := range bytes.Lines(head) {
		if sum, is := bytes.CutPrefix(line, []byte("recipe_sha256: ")); is {
			s := string(bytes.Trim(bytes.TrimSpace(sum), `"`))
			return s, isSum(s)
		}
	}
	return "", false
}
