package pack

import (
	"fmt"
	"strings"
)

// Citation returns CITATION.cff, and false where there are no authors: the format asks for them.
//
// Source: Citation File Format 1.2.0, schema.json.
func (f *Facts) Citation() ([]byte, bool) {
	m := f.Meta
	if len(m.Authors) == 0 {
		return nil, false
	}
	var d yamlDoc
	d.WriteString("cff-version: 1.2.0\nmessage: " + yamlText("If you use this dataset, please cite it as below.") + "\ntype: dataset\n")
	d.put(0, "title", f.title())
	d.put(0, "abstract", f.description())
	d.WriteString("authors:\n")
	for i := range m.Authors {
		citeAuthor(&d, &m.Authors[i])
	}
	d.put(0, "version", m.Version)
	d.put(0, "doi", m.DOI)
	if m.Published != "" {
		fmt.Fprintf(&d, "date-released: '%s'\n", m.Published) // a text, not YAML's date
	}
	d.put(0, "url", m.URL)
	if known, is := licenceNamed(m.License); is {
		d.put(0, "license", known.spdx)
	} else {
		d.put(0, "license-url", m.LicenseURL)
	}
	d.list("keywords", f.keywords())
	return []byte(d.String()), true
}

// citeAuthor writes an author as an element of a list.
func citeAuthor(d *yamlDoc, a *Author) {
	lead := "- "
	for _, v := range [][2]string{
		{"name", a.Name}, {"family-names", a.Family}, {"given-names", a.Given}, {"orcid", orcidURL(a.ORCID)}, {"email", a.Email}, {"website", a.URL},
	} {
		if v[1] != "" {
			fmt.Fprintf(d, "%s%s: %s\n", lead, v[0], yamlText(v[1]))
			lead = "  "
		}
	}
	if a.Affiliation != "" && a.Name == "" { // bodies have none in the format
		fmt.Fprintf(d, "%saffiliation: %s\n", lead, yamlText(a.Affiliation))
	}
}

// citeAs is what is to be cited: the makers' words, or BibTeX of what they say.
func (f *Facts) citeAs() string {
	m := f.Meta
	if m.Citation != "" || len(m.Authors) == 0 {
		return m.Citation
	}
	names := make([]string, len(m.Authors))
	for i := range m.Authors {
		if names[i] = m.Authors[i].Full(); m.Authors[i].Name != "" {
			names[i] = "{" + names[i] + "}"
		}
	}
	lines := []string{"@misc{" + f.name(), "author = {" + bibTeX(strings.Join(names, " and ")) + "}", "title = {" + bibTeX(f.title()) + "}"}
	for _, v := range [][2]string{{"year", year(m.Published)}, {"version", m.Version}, {"doi", m.DOI}, {"url", m.URL}, {"publisher", m.Publisher}} {
		if v[1] != "" {
			lines = append(lines, v[0]+" = {"+v[1]+"}")
		}
	}
	return strings.Join(lines, ", ") + "}"
}

// bibTeX drops what would end a value or begin a command.
func bibTeX(s string) string {
	return strings.NewReplacer(`\`, "", "\n", " ", "%", `\%`).Replace(balanced(s))
}

// balanced drops braces that have no other.
func balanced(s string) string {
	if strings.Count(s, "{") == strings.Count(s, "}") {
		return s
	}
	return strings.NewReplacer("{", "", "}", "").Replace(s)
}

func year(date string) string {
	if len(date) < 4 {
		return ""
	}
	return date[:4]
}
