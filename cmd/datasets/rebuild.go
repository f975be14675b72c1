package datasets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/cmd/job"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/label"
	"pcapmill/datasets/pack"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

var (
	// ErrCard marks a card that no package can be rebuilt from.
	ErrCard = errors.New("card")
	// ErrThere: the folder of the new package is there already.
	ErrThere = errors.New("is there already: name a new folder")
)

// Missing are files that a package was made of and that were not found.
type Missing struct {
	Files   []pack.Input
	Limited bool // there was more to look at than is looked at
	Unread  int  // folders and files that could not be read
}

// Error lists them with their hashes.
func (m *Missing) Error() string {
	lines := []string{fmt.Sprintf("%d files that the package was made of were not found:", len(m.Files))}
	for i := range m.Files {
		in := &m.Files[i]
		lines = append(lines, fmt.Sprintf("  %s  %s %s", in.SHA256, in.Role, in.Name))
	}
	if m.Limited {
		lines = append(lines, "and not all was looked at: name folders that are nearer to them")
	}
	if m.Unread > 0 {
		lines = append(lines, fmt.Sprintf("%d files or folders could not be read", m.Unread))
	}
	return strings.Join(lines, "\n")
}

// Task is a step that is to be done again.
type Task struct {
	Step  *pack.Step
	Paths []string // of its inputs, in their order: folders of steps, files
	Out   string
	Room  string // folder for what is thrown away
}

// Rebuild says what is made again, and of what.
type Rebuild struct {
	Card  string   // README.md of a package
	From  []string // folders in which captures and files of labels are looked for
	Out   string
	Tool  manifest.Tool
	Do    func(context.Context, *Task) error // does a step in this process
	Check func(*pack.Step) error             // whether it would: looks at all before the first is done
	Say   func(string)                       // told what is going on, a line each
}

// Rebuilt is what came of it.
type Rebuilt struct {
	Steps      int
	Files      int    // that are the same
	Other      string // another tool made the package; empty: the same
	Difference string // what is not the same first, with its step; empty: nothing
}

// Run makes a package again and compares. Errors are ErrCard, pack.ErrRecipe, Missing and those
// of the steps.
func (r *Rebuild) Run(ctx context.Context) (*Rebuilt, error) {
	recipe, err := r.recipe()
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(r.Out); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s %w", text.Escape(r.Out), ErrThere)
	}
	w := &rebuild{Rebuild: r, ctx: ctx, recipe: recipe, done: &Rebuilt{Steps: len(recipe.Steps)}, folders: map[string]string{}}
	if others := recipe.Tools(r.Tool.Build()); len(others) > 0 {
		w.done.Other = strings.Join(others, ", ")
		r.Say(fmt.Sprintf("the package was made by %s, and this is %s: bytes can differ", text.Escape(w.done.Other), r.Tool.Build()))
	}
	parent := filepath.Dir(filepath.Clean(r.Out))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, err
	}
	if w.room, err = os.MkdirTemp(parent, ".pcapmill-rebuild-"); err != nil {
		return nil, err
	}
	err = w.all()
	return w.done, errors.Join(err, os.RemoveAll(w.room))
}

// recipe reads the recipe that the card names, beside it.
func (r *Rebuild) recipe() (*pack.Recipe, error) {
	card, err := readOwn(r.Card)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCard, err)
	}
	sum, ok := pack.CardRecipe(card)
	if !ok {
		return nil, fmt.Errorf("%w: %s names no recipe_sha256: it is not the card of a package that can be rebuilt", ErrCard, text.Escape(r.Card))
	}
	data, err := readOwn(filepath.Join(filepath.Dir(r.Card), RecipeName))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrCard, err)
	case pack.Sum(data) != sum:
		return nil, fmt.Errorf("%w: %s is not the one that %s names", ErrCard, RecipeName, text.Escape(r.Card))
	}
	recipe, err := pack.ParseRecipe(data)
	if err != nil {
		return nil, err
	}
	for i := range recipe.Steps { // before the first is done, which can take hours
		if err := r.Check(&recipe.Steps[i]); err != nil {
			return nil, err
		}
	}
	return recipe, nil
}

// rebuild is a package that is made again.
type rebuild struct {
	*Rebuild
	ctx     context.Context
	recipe  *pack.Recipe
	room    string
	files   map[string]string // by hash: where files are
	folders map[string]string // by name of the step
	done    *Rebuilt
}

func (w *rebuild) all() error {
	if err := w.locate(); err != nil {
		return err
	}
	for i := range w.recipe.Steps {
		if err := w.step(&w.recipe.Steps[i], i == len(w.recipe.Steps)-1); err != nil {
			return err
		}
	}
	return w.compare()
}

// locate finds every file that steps read. The capture of --demo is made where it is not found,
// and meta.yaml stands beside the card.
func (w *rebuild) locate() error {
	var want []wanted
	var inputs []pack.Input
	for i := range w.recipe.Steps {
		for _, in := range w.recipe.Steps[i].Inputs {
			if in.Step == "" && !slices.ContainsFunc(want, func(x wanted) bool { return x.sum == in.SHA256 }) {
				want, inputs = append(want, wanted{in.SHA256, in.Bytes, in.Format == label.Scores.String()}), append(inputs, in)
			}
		}
	}
	from := slices.Clone(w.From)
	if meta := filepath.Join(filepath.Dir(w.Card), MetaName); isRegular(meta) {
		from = append(from, meta)
	}
	if slices.ContainsFunc(inputs, func(in pack.Input) bool { return in.Name == job.DemoName }) {
		made := filepath.Join(w.room, job.DemoName)
		if err := job.WriteDemo(w.ctx, made); err != nil {
			return err
		}
		from = append(from, made)
	}
	at, err := find(w.ctx, from, want)
	if err != nil {
		return err
	}
	missing := &Missing{Limited: at.limited, Unread: at.unread}
	for _, in := range inputs {
		if at.paths[in.SHA256] == "" {
			missing.Files = append(missing.Files, in)
		}
	}
	if len(missing.Files) > 0 {
		return missing
	}
	w.files = at.paths
	return nil
}

func isRegular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// step does a step again and looks at what came of it.
func (w *rebuild) step(s *pack.Step, last bool) error {
	w.Say(fmt.Sprintf("step %s: %s", s.Name, text.Escape(strings.Join(s.Words(), " "))))
	t := &Task{Step: s, Out: filepath.Join(w.room, s.Name), Room: filepath.Join(w.room, s.Name+"-room")}
	if last {
		t.Out = w.Out
	}
	if err := os.Mkdir(t.Room, 0o700); err != nil {
		return err
	}
	for i := range s.Inputs {
		path, err := w.place(t, i)
		if err != nil {
			return err
		}
		t.Paths = append(t.Paths, path)
	}
	if err := w.Do(w.ctx, t); err != nil {
		return fmt.Errorf("step %s: %w", s.Name, err)
	}
	w.folders[s.Name] = t.Out
	return w.inspect(s, t.Out)
}

// place puts an input where the step reads it: files of labels under the names that they had, as
// tables have these too.
func (w *rebuild) place(t *Task, i int) (string, error) {
	in := &t.Step.Inputs[i]
	if in.Step != "" {
		return w.folders[in.Step], nil
	}
	path := w.files[in.SHA256]
	name, err := in.RawName()
	if err != nil {
		return "", err
	}
	name = filepath.Base(name)
	if in.Role == pack.RoleCapture || in.Name == "" || name == filepath.Base(path) {
		return path, nil
	}
	dir := filepath.Join(t.Room, fmt.Sprint(i))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	if !isRegular(path) { // a table of scores
		whole, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		return filepath.Join(dir, name), os.Symlink(whole, filepath.Join(dir, name))
	}
	return filepath.Join(dir, name), publish.LinkOrCopy(path, filepath.Join(dir, name))
}

// inspect compares the tables of a step with those that the recipe names.
func (w *rebuild) inspect(s *pack.Step, dir string) error {
	o, err := folder.Open(dir)
	if err != nil {
		return err
	}
	if w.done.Difference != "" {
		return nil
	}
	got := pack.TableHashes(o.Manifest)
	for _, want := range s.Tables {
		i := slices.IndexFunc(got, func(t pack.TableHash) bool { return t.Name == want.Name })
		switch {
		case i < 0:
			w.done.Difference = fmt.Sprintf("step %s makes no table %s", s.Name, text.Escape(want.Name))
		case got[i].SHA256 != want.SHA256 && s.Kind != pack.Kind:
			w.done.Difference = fmt.Sprintf("table %s of step %s has other bytes (%d rows, and %d were)", text.Escape(want.Name), s.Name, got[i].Rows, want.Rows)
		}
		if w.done.Difference != "" {
			return nil
		}
	}
	return nil
}

// compare looks for the first file of the package that is not the same.
func (w *rebuild) compare() error {
	was, err := readOwn(filepath.Join(filepath.Dir(w.Card), SumsName))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCard, err)
	}
	is, err := readOwn(filepath.Join(w.Out, SumsName))
	if err != nil {
		return err
	}
	first := ""
	old, made := sumsOf(was), sumsOf(is)
	for _, path := range slices.Sorted(maps.Keys(old)) {
		switch sum, there := made[path]; {
		case sum == old[path]:
			w.done.Files++
		case first == "" && !there:
			first = fmt.Sprintf("%s is not made", text.Escape(path))
		case first == "":
			first = fmt.Sprintf("%s has other bytes", text.Escape(path))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(made)) {
		if _, there := old[path]; first == "" && !there {
			first = fmt.Sprintf("%s is made too", text.Escape(path))
		}
	}
	if w.done.Difference == "" && first != "" {
		w.done.Difference = fmt.Sprintf("%s, by step %s", first, w.recipe.Steps[len(w.recipe.Steps)-1].Name)
	}
	return nil
}

// sumsOf are the hashes of a SHA256SUMS, by path.
func sumsOf(data []byte) map[string]string {
	sums := map[string]string{}
	for line := range bytes.Lines(data) {
		if sum, path, is := strings.Cut(strings.TrimSuffix(string(line), "\n"), "  "); is {
			sums[path] = sum
		}
	}
	return sums
}
