package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pcapmill/datasets/label/source"
)

// shown finds command lines in pages and in help, which docs/cli.md has: a line that begins with the
// program, up to what stands behind it in a column of its own, a pipe, another command or a comment.
var shown = regexp.MustCompile(`(?m)^(?: {4}|\$ )?pcapmill ((?:[^\n'"|&>#\\]|'[^']*'|"[^"]*"|\\\n)*)`)

// word is an argument of a command line, which quotes may hold together.
var word = regexp.MustCompile(`(?:[^\s'"]|'[^']*'|"[^"]*")+`)

// TestDocsCommands: every command line that README.md and docs show is one, by the names of its
// commands, flags and values.
func TestDocsCommands(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() //nolint:errcheck // nothing is in it
	count := 0
	for _, page := range append(pages, filepath.Join("..", "..", "README.md")) {
		for _, found := range shown.FindAllStringSubmatch(readFile(t, page), -1) {
			line, _, _ := strings.Cut(strings.ReplaceAll(found[1], "\\\n", " "), "  ") // what it does stands behind it
			line = strings.TrimSuffix(line, " 2")                                      // of 2>&1
			args := word.FindAllString(line, -1)
			for i := range args {
				args[i] = strings.NewReplacer(`'`, "", `"`, "").Replace(args[i])
			}
			if slices.Contains([]string{"turns", "reads"}, args[0]) { // a sentence
				continue
			}
			if slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "…") || strings.Contains(a, "--config") }) {
				continue
			}
			count++
			parser, err := newParser(&cli{}, streams{out: io.Discard, err: null})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = parser.Parse(args); err != nil {
				t.Errorf("%s: pcapmill %s: %v", filepath.Base(page), line, err)
			}
			if i := slices.Index(args, "--preset"); i >= 0 && !slices.Contains(source.Presets(), args[i+1]) {
				t.Errorf("%s: pcapmill %s: no such preset", filepath.Base(page), line)
			}
		}
	}
	if count < 100 {
		t.Errorf("%d command lines were found", count)
	}
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	markup  = regexp.MustCompile(`[^\w\- ]`)
)

// TestDocsReferences: what pages of the repository link to is there, headings too.
func TestDocsReferences(t *testing.T) {
	root := filepath.Join("..", "..")
	var pages []string
	for _, in := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(in)))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	for _, page := range pages {
		for _, found := range link.FindAllStringSubmatch(fence.ReplaceAllString(readFile(t, page), ""), -1) {
			file, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			to := page
			if file != "" {
				to = filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: %s: %v", page, found[1], err)
			} else if anchor != "" && !slices.Contains(anchors(readFile(t, to)), anchor) {
				t.Errorf("%s: %s: no such heading", page, found[1])
			}
		}
	}
}

// anchors returns what links call the headings of a page.
func anchors(page string) (names []string) {
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		names = append(names, strings.ReplaceAll(markup.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-"))
	}
	return names
}
