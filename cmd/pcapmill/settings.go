package main

import (
	"encoding"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
)

// The places a flag's value can come from, strongest first.
const (
	originFlag        = "flag"
	originEnvironment = "environment"
	originFile        = "file"
	originDefault     = "default"
)

// notConfigurable are the flags that only make sense on the command line.
var notConfigurable = []string{"help", "config", "print-config", "cpu-profile", "mem-profile"}

// configurable lists the flags that environment and file can set.
func configurable(run *kong.Node) []string {
	var names []string
	for _, f := range run.Flags {
		if !slices.Contains(notConfigurable, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// bindEnvironment gives each configurable flag of run, and of the live commands that share flags with
// it, its variable, unless that is empty: to kong an empty one is set. Other commands have none: a
// variable means the same thing everywhere or nothing.
func bindEnvironment(k *kong.Kong) error {
	for _, node := range k.Model.Children {
		for _, node := range append(slices.Clone(node.Children), node) {
			if hasConfig(node) {
				bindFlags(node)
			}
		}
	}
	return nil
}

// hasConfig reports whether a command takes values from a file and the environment.
func hasConfig(node *kong.Node) bool {
	return slices.ContainsFunc(node.Flags, func(f *kong.Flag) bool { return f.Name == "config" && f.Target.Type() == reflect.TypeFor[configFile]() })
}

func bindFlags(node *kong.Node) {
	names := append(configurable(node), "config")
	for _, f := range node.Flags {
		if slices.Contains(names, f.Name) && os.Getenv(variable(f.Name)) != "" {
			f.Envs = []string{variable(f.Name)}
			f.Tag.Envs = f.Envs
		}
	}
}

func variable(flag string) string {
	return "PCAPMILL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func fromEnvironment(f *kong.Flag) bool { return len(f.Tag.Envs) > 0 }

// setting is one flag's value in force.
type setting struct {
	name, value, origin string
	unsaid              bool // whether it has bytes that are no UTF-8, which YAML cannot say
}

// settingsOf returns the values in force of the selected command's flags.
func settingsOf(ctx *kong.Context) []setting {
	origins := map[string]string{}
	for _, p := range ctx.Path {
		switch {
		case p.Flag == nil:
		case p.Resolved:
			origins[p.Flag.Name] = originFile
		default:
			origins[p.Flag.Name] = originFlag
		}
	}
	names := configurable(ctx.Selected())
	var out []setting
	for _, f := range ctx.Selected().Flags {
		if !slices.Contains(names, f.Name) {
			continue
		}
		origin := origins[f.Name]
		switch {
		case origin != "":
		case fromEnvironment(f):
			origin = originEnvironment
		default:
			origin = originDefault
		}
		out = append(out, setting{f.Name, yamlValue(f.Target), origin, !isUTF8(f.Target)})
	}
	return out
}

func originsOf(settings []setting) map[string]string {
	out := make(map[string]string, len(settings))
	for _, s := range settings {
		out[strings.ReplaceAll(s.name, "-", "_")] = s.origin
	}
	return out
}

// isUTF8 reports whether a text, or each of several, is UTF-8.
func isUTF8(v reflect.Value) bool {
	if list, is := v.Interface().([]string); is {
		return utf8.ValidString(strings.Join(list, "\n"))
	}
	return v.Kind() != reflect.String || utf8.ValidString(v.String())
}

// printConfig writes the settings as a file that --config reads.
func printConfig(w io.Writer, settings []setting) error {
	width := 0
	if i := slices.IndexFunc(settings, func(s setting) bool { return s.unsaid }); i >= 0 {
		return coded{job.ExitUsage, fmt.Errorf("--%s is no UTF-8, and YAML has no other texts", settings[i].name)}
	}
	for _, s := range settings {
		width = max(width, len(s.name)+len(s.value))
	}
	for _, s := range settings {
		pad := strings.Repeat(" ", width-len(s.name)-len(s.value))
		if _, err := fmt.Fprintf(w, "%s: %s%s  # %s\n", s.name, s.value, pad, s.origin); err != nil {
			return err
		}
	}
	return nil
}

func yamlValue(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, _ := m.MarshalText() // instants always can
		return yamlScalar(string(text))
	}
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return s.String()
	}
	if v.Kind() == reflect.Slice {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = yamlScalar(fmt.Sprint(v.Index(i).Interface()))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	if v.Kind() == reflect.String {
		return yamlScalar(v.String())
	}
	return fmt.Sprint(v.Interface())
}

// plainScalar is what needs no quotes in YAML and cannot be taken for anything
// but text.
var plainScalar = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_./-]*$`)

// yamlWords are plain scalars that some YAML takes for a truth value or nothing.
var yamlWords = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

func yamlScalar(s string) string {
	if plainScalar.MatchString(s) && !slices.Contains(yamlWords, strings.ToLower(s)) {
		return s
	}
	return strconv.Quote(s)
}
