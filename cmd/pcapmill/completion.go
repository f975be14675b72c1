package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/stages"
)

// completionCmd are the arguments of completion.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// Help implements kong.HelpProvider.
func (completionCmd) Help() string {
	return `
Bash reads it in ~/.bashrc, zsh and fish in a folder of theirs.

    source <(pcapmill completion bash)
    pcapmill completion zsh > "${fpath[1]}/_pcapmill"
    pcapmill completion fish > ~/.config/fish/completions/pcapmill.fish`
}

// Run implements the command.
func (c *completionCmd) Run(s streams, k *kong.Kong) error {
	write := map[string]func(io.Writer, []*kong.Node){"bash": bash, "zsh": zsh, "fish": fish}[c.Shell]
	var b strings.Builder
	write(&b, commandsOf(k.Model.Node))
	_, err := io.WriteString(s.out, b.String())
	return err
}

// flagSpec is a flag as completion needs it.
type flagSpec struct {
	names  []string // --out, -o, --no-checksums
	help   string
	values []string // that there are; nil where any will do
	isList bool     // several of them, with commas between
	isBool bool
}

func flagsOf(n *kong.Node) []flagSpec {
	specs := []flagSpec{{names: []string{"--help", "-h"}, help: "Show help.", isBool: true}}
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		s := flagSpec{names: []string{"--" + f.Name}, help: firstSentence(f.Help), isBool: f.IsBool()}
		if f.Short != 0 {
			s.names = append(s.names, "-"+string(f.Short))
		}
		if f.Tag.Negatable != "" {
			s.names = append(s.names, "--no-"+f.Name)
		}
		if f.Enum != "" {
			s.values = f.EnumSlice()
		}
		if kind := f.Tag.Get("words"); kind != "" {
			s.values, s.isList = listed(kind), true
		}
		specs = append(specs, s)
	}
	return specs
}

// listed are the elements of flags that take lists, by the flags' tag "words".
func listed(kind string) []string {
	var words []string
	switch kind {
	case "key":
		words = stages.KeyWords()
	case "features":
		words = []string{"all", "default"}
		for _, g := range flow.Groups() {
			words = append(words, g.Name)
		}
	case "records":
		words = append([]string{record.All, record.None}, record.Names()...)
	case "windows":
		words = append([]string{window.All, window.None}, window.Names()...)
	case "columns":
		table, err := flow.NewTable([]string{"all"}, flow.AddrBoth)
		if err != nil {
			panic(err) // all are always there
		}
		for i := range table.Schema.Columns {
			words = append(words, table.Schema.Columns[i].Name)
		}
	}
	return words
}

// wordsOf lists the fixed values of a command's arguments.
func wordsOf(n *kong.Node) []string {
	for _, p := range n.Positional {
		if p.Enum != "" {
			return p.EnumSlice()
		}
	}
	return nil
}

func firstSentence(s string) string {
	if i := strings.IndexAny(s, ".;:"); i > 0 {
		s = s[:i]
	}
	return s
}

// commandsOf returns the commands right below a node.
func commandsOf(n *kong.Node) []*kong.Node {
	var commands []*kong.Node
	for _, c := range n.Children {
		if !c.Hidden {
			commands = append(commands, c)
		}
	}
	return commands
}

func commandNames(commands []*kong.Node) string {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.Name
	}
	return strings.Join(names, " ")
}

func bash(w io.Writer, commands []*kong.Node) {
	fmt.Fprint(w, `# bash completion for pcapmill

# The last element of a list with commas, of the words that are not in it yet.
_pcapmill_list() {
  local before= word left=
  [[ $cur == *,* ]] && before=${cur%,*},
  for word in $1; do
    [[ ,$before == *,$word,* ]] || left+=" $word"
  done
  compopt -o nospace 2>/dev/null
  COMPREPLY=($(compgen -P "$before" -W "$left" -- "${cur##*,}"))
}

_pcapmill() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  [ "$cur" = = ] && cur= || { [ "$prev" = = ] && prev=${COMP_WORDS[COMP_CWORD-2]}; } # --flag=value is three words
  COMPREPLY=()
`)
	bashCommands(w, commands, nil, 1)
	fmt.Fprint(w, `  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _pcapmill pcapmill
`)
}

// bashCommands completes a command as the word of that number, and what follows it. Without a
// command's name what follows is that of usual, where there is one.
func bashCommands(w io.Writer, commands []*kong.Node, usual *kong.Node, word int) {
	indent := strings.Repeat("  ", word)
	line := func(format string, args ...any) { fmt.Fprintf(w, indent+format+"\n", args...) }
	if usual == nil {
		line("[ \"$COMP_CWORD\" -eq %d ] && { COMPREPLY=($(compgen -W %q -- \"$cur\")); return; }", word, commandNames(commands)+" --help")
	} else {
		line("[ \"$COMP_CWORD\" -eq %d ] && [[ $cur != -* ]] && { COMPREPLY=($(compgen -W %q -- \"$cur\") $(compgen -f -- \"$cur\")); return; }", word, commandNames(commands))
	}
	line("case \"${COMP_WORDS[%d]}\" in", word)
	for _, c := range commands {
		line("%s)", c.Name)
		if below := commandsOf(c); len(below) > 0 {
			bashCommands(w, below, c.DefaultCmd, word+1)
		} else {
			bashFlags(w, c, indent+"  ")
		}
		line("  ;;")
	}
	if usual != nil {
		line("*)")
		bashFlags(w, usual, indent+"  ")
		line("  ;;")
	}
	line("esac")
}

// bashFlags completes flags and values of one command.
func bashFlags(w io.Writer, c *kong.Node, indent string) {
	line := func(format string, args ...any) { fmt.Fprintf(w, indent+format+"\n", args...) }
	var all []string
	line("case \"$prev\" in")
	for _, f := range flagsOf(c) {
		all = append(all, f.names...)
		switch {
		case f.isList:
			line("%s) _pcapmill_list %q; return ;;", strings.Join(f.names, "|"), strings.Join(f.values, " "))
		case len(f.values) > 0:
			line("%s) COMPREPLY=($(compgen -W %q -- \"$cur\")); return ;;", strings.Join(f.names, "|"), strings.Join(f.values, " "))
		}
	}
	line("esac")
	line("[[ $cur == -* ]] && { COMPREPLY=($(compgen -W %q -- \"$cur\")); return; }", strings.Join(all, " "))
	if words := wordsOf(c); len(words) > 0 {
		line("COMPREPLY=($(compgen -W %q -- \"$cur\")); return", strings.Join(words, " "))
	}
}

func zsh(w io.Writer, commands []*kong.Node) {
	fmt.Fprint(w, "#compdef pcapmill\n_pcapmill() {\n  local -a commands\n")
	zshCommands(w, commands, nil, 2)
	fmt.Fprint(w, "}\n"+
		// As a file in fpath the script itself is what the first Tab calls.
		"if [[ $funcstack[1] == _pcapmill ]]; then\n  _pcapmill \"$@\"\nelse\n  compdef _pcapmill pcapmill\nfi\n")
}

// zshCommands is bashCommands for zsh.
func zshCommands(w io.Writer, commands []*kong.Node, usual *kong.Node, word int) {
	indent := strings.Repeat("  ", word-1)
	line := func(format string, args ...any) { fmt.Fprintf(w, indent+format+"\n", args...) }
	line("commands=(")
	for _, c := range commands {
		line("  %s", zshQuote(c.Name+":"+c.Help))
	}
	line(")")
	if usual == nil {
		line("if (( CURRENT == %d )); then", word)
	} else {
		line("if [[ CURRENT -eq %d && $words[CURRENT] != -* ]]; then", word)
		line("  _files")
	}
	line("  _describe command commands")
	line("  return")
	line("fi")
	line("case $words[%d] in", word)
	for _, c := range commands {
		line("%s)", c.Name)
		if below := commandsOf(c); len(below) > 0 {
			zshCommands(w, below, c.DefaultCmd, word+1)
		} else {
			zshArguments(w, c, indent+"  ")
		}
		line("  ;;")
	}
	if usual != nil {
		line("*)")
		zshArguments(w, usual, indent+"  ")
		line("  ;;")
	}
	line("esac")
}

func zshArguments(w io.Writer, c *kong.Node, indent string) {
	fmt.Fprintf(w, "%s_arguments \\\n", indent)
	for _, f := range flagsOf(c) {
		for _, name := range f.names {
			fmt.Fprintf(w, "%s  %s \\\n", indent, zshFlag(name, &f))
		}
	}
	action := "_files"
	if words := wordsOf(c); len(words) > 0 {
		action = "(" + strings.Join(words, " ") + ")"
	}
	fmt.Fprintf(w, "%s  %s\n", indent, zshQuote("*:argument:"+action))
}

func zshFlag(name string, f *flagSpec) string {
	spec := name
	value := ""
	if !f.isBool {
		value = ":value:_files"
		switch {
		case f.isList:
			value = ":value:_values -s , value " + strings.Join(f.values, " ")
		case len(f.values) > 0:
			value = ":value:(" + strings.Join(f.values, " ") + ")"
		}
		if strings.HasPrefix(name, "--") {
			spec += "="
		}
	}
	help := strings.NewReplacer("[", "(", "]", ")", ":", " ").Replace(f.help)
	return zshQuote(spec + "[" + help + "]" + value)
}

func zshQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func fish(w io.Writer, commands []*kong.Node) {
	fmt.Fprint(w, `# fish completion for pcapmill

# The last element of a list with commas, of the words that are not in it yet.
function __pcapmill_list
    set -l before (string replace -r '^--[a-z-]+=' '' -- (commandline -ct) | string replace -r '[^,]*$' '')
    for word in $argv
        string match -q -- "*,$word,*" ",$before"; or echo -- $before$word
    end
end

`)
	for _, c := range commands {
		fmt.Fprintf(w, "complete -c pcapmill -n __fish_use_subcommand -f -a %s -d %s\n", c.Name, fishQuote(c.Help))
	}
	for _, c := range commands {
		seen := "__fish_seen_subcommand_from " + c.Name
		below := commandsOf(c)
		if len(below) == 0 {
			fishFlags(w, c, seen+fishOutside(c, commands))
			continue
		}
		none, files := seen+"; and not __fish_seen_subcommand_from "+commandNames(below), " -f"
		if c.DefaultCmd != nil {
			files = ""
			fishFlags(w, c.DefaultCmd, none)
		}
		for _, sub := range below {
			fmt.Fprintf(w, "complete -c pcapmill -n %s%s -a %s -d %s\n", fishQuote(none), files, sub.Name, fishQuote(sub.Help))
		}
		for _, sub := range below {
			fishFlags(w, sub, seen+"; and __fish_seen_subcommand_from "+sub.Name)
		}
	}
}

// fishOutside tells a command from one of the same name below others.
func fishOutside(c *kong.Node, commands []*kong.Node) string {
	condition := ""
	for _, group := range commands {
		for _, sub := range commandsOf(group) {
			if sub.Name == c.Name {
				condition += "; and not __fish_seen_subcommand_from " + group.Name
			}
		}
	}
	return condition
}

// fishFlags completes flags and values of one command where a condition holds.
func fishFlags(w io.Writer, c *kong.Node, condition string) {
	when := fishQuote(condition)
	for _, f := range flagsOf(c) {
		for _, name := range f.names {
			option := "-l " + strings.TrimPrefix(name, "--")
			if !strings.HasPrefix(name, "--") {
				option = "-s " + strings.TrimPrefix(name, "-")
			}
			fmt.Fprintf(w, "complete -c pcapmill -n %s %s%s -d %s\n", when, option, fishValue(&f), fishQuote(f.help))
		}
	}
	if words := wordsOf(c); len(words) > 0 {
		fmt.Fprintf(w, "complete -c pcapmill -n %s -f -a %s\n", when, fishQuote(strings.Join(words, " ")))
	}
}

func fishValue(f *flagSpec) string {
	switch {
	case f.isBool:
		return ""
	case f.isList:
		return " -x -a " + fishQuote("(__pcapmill_list "+strings.Join(f.values, " ")+")")
	case len(f.values) > 0:
		return " -x -a " + fishQuote(strings.Join(f.values, " "))
	}
	return " -r"
}

func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
