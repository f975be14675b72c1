package main

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// notRecorded are flags of any command that a manifest does not keep: they change no row and no
// file, or say where folders lie, which is not the same when a command is done again.
var notRecorded = []string{"out", "force", "demo", "workers", "input-hash", "log-format", "quiet", "verbose", "progress", "report"}

// namesFiles are flags of a command that a manifest does not keep either, as they name files: these
// are among its sources, or in its options by their hash.
var namesFiles = map[string][]string{
	"run":            {"bpf-ddd"},
	"label run":      {"rules", "packets"},
	"dataset build":  {"labels", "map"},
	"dataset export": {"meta"},
}

// isRecorded reports whether a manifest keeps a flag of a command.
func isRecorded(words, flag string) bool {
	return !slices.Contains(notConfigurable, flag) && !slices.Contains(notRecorded, flag) && !slices.Contains(namesFiles[words], flag)
}

// placed are flags that name a place, of which a manifest keeps that there is one.
var placed = map[string]string{"save-streams": "FOLDER"}

// recorded returns the command that does the same again, after defaults, environment and file:
// its words, then its flags in the order of help. So what a manifest keeps needs no second list of
// the options, and a flag that is added is kept too.
func recorded(node *kong.Node) []string {
	var args []string
	for n := node; n.Parent != nil; n = n.Parent {
		args = append([]string{n.Name}, args...)
	}
	words := strings.Join(args, " ")
	for _, f := range node.Flags {
		if !isRecorded(words, f.Name) {
			continue
		}
		for _, value := range flagTexts(f) {
			args = append(args, "--"+f.Name+"="+value)
		}
	}
	return args
}

// recordedAs returns the command of another name that does the same, with those of its flags that the
// one at hand has.
func recordedAs(parsed *kong.Context, name string) []string {
	args := []string{name}
	node := commandNode(parsed.Model.Node, args)
	for _, f := range node.Flags {
		at := slices.IndexFunc(parsed.Selected().Flags, func(own *kong.Flag) bool { return own.Name == f.Name })
		if at < 0 || !isRecorded(name, f.Name) {
			continue
		}
		for _, value := range flagTexts(parsed.Selected().Flags[at]) {
			args = append(args, "--"+f.Name+"="+value)
		}
	}
	return args
}

// flagTexts writes a flag's value as the command line takes it: several where it is given
// several times, none where it is not set.
func flagTexts(f *kong.Flag) []string {
	if list, is := f.Target.Interface().([]string); is && f.Tag.Sep < 0 {
		return list
	}
	if place := placed[f.Name]; place != "" && !f.Target.IsZero() {
		return []string{place}
	}
	if text := flagText(f.Target); text != "" || f.Target.Kind() == reflect.Slice && f.Default != "" {
		return []string{text}
	}
	return nil
}

// flagText writes a value as the command line takes it.
func flagText(v reflect.Value) string {
	if v.Kind() == reflect.Pointer { // of flags for which no value stands for none
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch value := v.Interface().(type) {
	case encoding.TextMarshaler:
		text, _ := value.MarshalText() // what was read can be written
		return string(text)
	case fmt.Stringer:
		return value.String()
	}
	if v.Kind() != reflect.Slice {
		return fmt.Sprint(v.Interface())
	}
	elements := make([]string, v.Len())
	for i := range elements {
		elements[i] = strings.ReplaceAll(flagText(v.Index(i)), ",", `\,`)
	}
	return strings.Join(elements, ",")
}
