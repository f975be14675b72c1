package pack_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pcapmill/datasets/pack"
	outtext "pcapmill/outputs/text"
)

func escaped(s string) string { return outtext.Escape(s) }

// TestHostileWords: nothing that strangers wrote becomes markup, a line, or a character that
// cannot be seen.
func TestHostileWords(t *testing.T) {
	m := &pack.Meta{
		Title: evil, Description: evil, Contact: evil, License: evil, Collection: evil, Citation: evil + "```", Keywords: []string{evil},
		Limitations: []string{evil}, Personal: []string{evil}, Authors: []pack.Author{{Name: evil}}, Publisher: evil,
	}
	f := factsOf(t, dataset(t, true), m)
	f.Checked = &pack.Checked{Headline: "1 error", Findings: 1, Lines: []string{escaped(evil)}}
	f.Left = []pack.LeftOut{{Why: evil, Columns: []string{evil}}}
	for name, data := range documents(t, f) {
		for _, r := range string(data) {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%s holds %U", name, r)
				break
			}
		}
		switch {
		case strings.HasSuffix(name, ".json"):
			if !json.Valid(data) || bytes.Contains(data, []byte("<")) {
				t.Errorf("%s is no JSON that can stand in a page", name)
			}
		case name == "report.html":
			if bytes.Contains(data, []byte("<script")) || bytes.Contains(data, []byte("\n# [a]")) {
				t.Errorf("%s has a stranger's element or line", name)
			}
		case name == "README.md":
			card, _, _ := bytes.Cut(data, []byte("## Citation")) // a block of text as it is
			_, body, _ := bytes.Cut(card, []byte("\n---\n"))
			if bytes.Contains(body, []byte("<script")) || regexp.MustCompile(`(?m)^# \[a|[^\\]\[a\]`).Match(body) {
				t.Errorf("%s has a stranger's element, heading or link", name)
			}
			if n := bytes.Count(data, []byte("```")); n%2 != 0 {
				t.Errorf("%d ends of blocks", n)
			}
		}
	}
}

// TestMeta takes what formats of others take, and says in one line what it does not.
func TestMeta(t *testing.T) {
	m, err := pack.ParseMeta([]byte("version: 1.0.0\npublished: 2026-11-30\ntitle: 2026\nkeywords: [1, x]\n"))
	if err != nil || m.Version != "1.0.0" || m.Published != "2026-11-30" || m.Title != "2026" || len(m.Keywords) != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := pack.ParseMeta(nil); err != nil || len(m.Missing()) < 10 {
		t.Errorf("%+v, %v", m, err)
	}
	for text, want := range map[string]string{
		"titel: x":                              `line 1: a description has no key "titel"; did you mean title?`,
		"title: x\ntitle: y":                    "line 2",
		"version: v1":                           `version: "v1" is not MAJOR.MINOR.PATCH`,
		"published: 30.11.2026":                 "published",
		"doi: https://doi.org/10.5281/x":        "doi",
		"url: javascript:alert(1)":              "url",
		"license_url: http://":                  "license_url",
		"name: a b":                             "name",
		"authors: [{orcid: x, family: y}]":      "authors[0].orcid",
		"authors: [{affiliation: x}]":           "authors[0]",
		"authors: [{name: x, family: y}]":       "authors[0]",
		"authors: [{name: x, email: y}]":        "email",
		"title: [x]":                            "line 1",
		"a: &a [x]\ntitle: *a":                  "anchors",
		"title: !!binary x":                     "tags",
		"keywords: " + strings.Repeat("[", 100): "nested",
		"title: \"\x1b[2J":                      "line",
		strings.Repeat("#", 300_000):            "more than",
		"authors: x":                            "line 1",
	} {
		_, err := pack.ParseMeta([]byte(text))
		if !errors.Is(err, pack.ErrMeta) || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%.40q: %v; want %s", text, err, want)
		}
	}
}

// TestRecipe reads what was written, and refuses what names steps that are not before, or no hash.
func TestRecipe(t *testing.T) {
	r, err := pack.MakeRecipe(dataset(t, true))
	if err != nil {
		t.Fatal(err)
	}
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "recipe.json", data)
	again, err := pack.ParseRecipe(data)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Encode()
	if err != nil || !bytes.Equal(data, second) {
		t.Errorf("%v: read and written again it is another", err)
	}
	if got := again.Steps[2].Words(); strings.Join(got, " ") != "dataset split" {
		t.Errorf("words %q", got)
	}
	if name, err := again.Steps[0].Inputs[0].RawName(); err != nil || name != "day/"+evil+".pcap" {
		t.Errorf("%q, %v", name, err)
	}
	for _, bad := range [][2]string{
		{`"recipe_version": 1`, `"recipe_version": 2`}, {`"recipe_version"`, `"version"`}, {`"step": "01-run"`, `"step": "03-dataset"`},
		{strings.Repeat("ca", 32), "cafe"}, {`"name": "01-run"`, `"name": "../x"`}, {`"bytes": 1000`, `"bytes": -1`},
		{"{", "{}{"}, {`"rows": `, `"rows": -`}, {`"name": "flows"`, `"name": "\u001b[2J"`},
	} {
		if _, err := pack.ParseRecipe(bytes.Replace(data, []byte(bad[0]), []byte(bad[1]), 1)); !errors.Is(err, pack.ErrRecipe) {
			t.Errorf("%s for %s: %v", bad[1], bad[0], err)
		}
	}
}

// TestCardRecipe finds the hash in the front matter alone.
func TestCardRecipe(t *testing.T) {
	f := factsOf(t, dataset(t, true), new(pack.Meta))
	for _, sum := range []string{strings.Repeat("ab", 32), strings.Repeat("12", 32)} {
		f.Recipe = sum
		if got, ok := pack.CardRecipe(f.Card()); !ok || got != sum {
			t.Errorf("%s, %v", got, ok)
		}
	}
	for _, card := range []string{"", "recipe_sha256: " + f.Recipe, "---\nrecipe_sha256: x\n---\n", "---\n---\nrecipe_sha256: " + f.Recipe + "\n"} {
		if sum, ok := pack.CardRecipe([]byte(card)); ok {
			t.Errorf("%q has %s", card, sum)
		}
	}
}

// TestRecipeNames: files of labels are put in folders under their names, which cannot lead out.
func TestRecipeNames(t *testing.T) {
	for name, ok := range map[string]bool{"rules.yaml": true, "../../rules.yaml": true, "..": false, "a/..": false, ".": false, "/": false} {
		in := pack.Input{Role: "rules", Name: name, SHA256: strings.Repeat("ab", 32)}
		r := pack.Recipe{Version: pack.RecipeVersion, Steps: []pack.Step{{Name: "01-labels", Again: []string{"label", "run"}, Inputs: []pack.Input{in}}}}
		data, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pack.ParseRecipe(data); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzMeta(f *testing.F) {
	for _, seed := range []string{"title: x", "authors: [{given: a, family: b}]", "a: &a [*a]", "version: 1.0.0\nuses:\n- x\n", "? x"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := pack.ParseMeta(data)
		if err != nil && (!errors.Is(err, pack.ErrMeta) || strings.ContainsAny(err.Error(), "\n\x1b")) {
			t.Fatalf("%v", err)
		}
		if err == nil {
			m.Missing()
		}
	})
}

func FuzzRecipe(f *testing.F) {
	f.Add([]byte(`{"recipe_version":1,"steps":[{"name":"01-run","kind":"run","tool":"t","command":["run"],"inputs":[],"tables":[]}]}`))
	f.Add([]byte(`{"recipe_version":1,"steps":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := pack.ParseRecipe(data)
		if err != nil {
			if !errors.Is(err, pack.ErrRecipe) {
				t.Fatal(err)
			}
			return
		}
		for i := range r.Steps {
			r.Steps[i].Words()
		}
	})
}
