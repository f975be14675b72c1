package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/pack"
	"pcapmill/outputs/text"
)

// inputFlags say, for each command that a recipe may have, by which flag it takes the inputs of a
// role; where that is empty they are arguments.
var inputFlags = map[string]map[string]string{
	"run":            {pack.RoleCapture: "", pack.RoleProgram: "--bpf-ddd"},
	"label run":      {"tables": "", "rules": "--rules", "packets": "--packets"},
	"dataset build":  {"tables": "", "labels": "--labels", datasets.RoleMap: "--map"},
	"dataset split":  {datasets.RoleDataset: ""},
	"dataset export": {datasets.RoleDataset: "", datasets.RoleMeta: "--meta"},
}

// doAgain does a step of a recipe, which can be a stranger's, by the grammar of the command line.
// The environment has no say in it.
func doAgain(ctx context.Context, t *datasets.Task, s streams) error {
	grammar := &cli{}
	parser, err := newParserWith(grammar, streams{s.in, io.Discard, s.err})
	if err == nil {
		err = mayDo(parser.Model.Node, t.Step)
	}
	if err != nil {
		return err
	}
	words := strings.Join(t.Step.Words(), " ")
	args := stepArgs(t, inputFlags[words])
	parsed, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w: %w", pack.ErrRecipe, err)
	}
	if words == "run" {
		return runAgain(ctx, &grammar.Run, t)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(streams{s.in, io.Discard, s.err}, command(append([]string{"pcapmill"}, args...)))
	return unlessDone(parsed.Run(), t.Out)
}

// commandNode returns the node of a command's words.
func commandNode(n *kong.Node, words []string) *kong.Node {
	for _, word := range words {
		i := slices.IndexFunc(n.Children, func(c *kong.Node) bool { return c.Name == word })
		if i < 0 {
			return nil
		}
		n = n.Children[i]
	}
	return n
}

// checkAgain reports why a step of a recipe would not be done.
func checkAgain(step *pack.Step) error {
	parser, err := newParserWith(&cli{}, streams{})
	if err != nil {
		return err
	}
	return mayDo(parser.Model.Node, step)
}

// mayDo refuses commands that make no tables, flags that a manifest does not keep, such as those that
// name files, as a recipe has no business with them, and inputs that the command does not take.
func mayDo(root *kong.Node, step *pack.Step) error {
	words := strings.Join(step.Words(), " ")
	roles, known := inputFlags[words]
	if !known {
		return fmt.Errorf("%w: %s is no command that makes tables", pack.ErrRecipe, text.Escape(words))
	}
	node := commandNode(root, step.Words())
	for _, arg := range step.Again[len(step.Words()):] {
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		has := node != nil && slices.ContainsFunc(node.Flags, func(f *kong.Flag) bool { return f.Name == name })
		if !has || !strings.HasPrefix(arg, "--"+name+"=") || !isRecorded(words, name) {
			return fmt.Errorf("%w: step %s has the flag %s, which no recipe of this build has", pack.ErrRecipe, step.Name, text.Escape(arg))
		}
	}
	for i := range step.Inputs {
		role := step.Inputs[i].Role
		if _, takes := roles[role]; !takes {
			return fmt.Errorf("%w: step %s reads a %s, and %s takes none", pack.ErrRecipe, step.Name, text.Escape(role), words)
		}
	}
	return nil
}

// stepArgs are the arguments of a step that may be done.
func stepArgs(t *datasets.Task, roles map[string]string) []string {
	words := t.Step.Words()
	args := slices.Clone(words)
	for _, arg := range t.Step.Again[len(words):] {
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if placed[name] != "" {
			arg = "--" + name + "=" + filepath.Join(t.Room, name)
		}
		args = append(args, arg)
	}
	args = append(args, "--out="+t.Out, "--quiet")
	var plain []string
	for i := range t.Step.Inputs {
		if flag := roles[t.Step.Inputs[i].Role]; flag != "" {
			args = append(args, flag+"="+t.Paths[i])
		} else {
			plain = append(plain, t.Paths[i])
		}
	}
	return append(append(args, "--"), plain...)
}

// runAgain is a run whose captures have the names that they had.
func runAgain(ctx context.Context, c *runCmd, t *datasets.Task) error {
	program, err := readProgram(c.BPFDDD)
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	o := c.options()
	o.Args, o.Stages.Filter.DDD, o.Again = nil, program, t.Step.Again
	for i := range t.Step.Inputs {
		if in := &t.Step.Inputs[i]; in.Role == pack.RoleCapture {
			name, err := in.RawName()
			if err != nil {
				return fmt.Errorf("%w: %w", pack.ErrRecipe, err)
			}
			o.Named = append(o.Named, job.Named{Path: t.Paths[i], Name: name})
		}
	}
	_, err = job.Run(ctx, o, job.IO{})
	return err
}

// unlessDone is the error of a step, unless it finished its folder: what was read in part is in
// part the first time too.
func unlessDone(err error, out string) error {
	if err == nil {
		return nil
	}
	if _, unfinished := folder.Open(out); unfinished == nil {
		return nil
	}
	return err
}
