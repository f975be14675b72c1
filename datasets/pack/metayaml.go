package pack

import (
	"errors"
	"fmt"
	"io"
	"os"

	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// Bounds of a meta.yaml: far above any of people.
const (
	maxMeta    = 256 << 10
	maxAuthors = 5000
	maxLines   = 1000
)

// ReadMeta reads a meta.yaml, and returns its bytes too. The error is ErrMeta and names the file
// and, where it is known, the line.
func ReadMeta(path string) (*Meta, []byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMeta, err)
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxMeta+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMeta, err)
	}
	m, err := ParseMeta(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return m, data, nil
}

// ParseMeta reads the bytes of a meta.yaml.
func ParseMeta(data []byte) (*Meta, error) {
	top, err := strictyaml.Parse(data, maxMeta)
	if err != nil {
		return nil, wrongYAML(err)
	}
	m := new(Meta)
	if top != nil {
		if err := strictyaml.Mapping(top, "a description", m.keys()); err != nil {
			return nil, wrongYAML(err)
		}
	}
	return m, m.Validate()
}

func wrongYAML(err error) error {
	var at strictyaml.Error
	if errors.As(err, &at) && at.Line > 0 {
		return fmt.Errorf("%w: line %d: %w", ErrMeta, at.Line, at.Err)
	}
	return fmt.Errorf("%w: %w", ErrMeta, err)
}

func (m *Meta) keys() strictyaml.Keys {
	lines := func(to *[]string) func(strictyaml.Node) error { return strictyaml.Texts(to, maxLines) }
	return strictyaml.Keys{
		"name": strictyaml.Text(&m.Name), "title": strictyaml.Text(&m.Title), "description": strictyaml.Expression(&m.Description),
		"version": strictyaml.Text(&m.Version), "published": strictyaml.Text(&m.Published),
		"license": strictyaml.Text(&m.License), "license_url": strictyaml.Text(&m.LicenseURL),
		"url": strictyaml.Text(&m.URL), "doi": strictyaml.Text(&m.DOI), "authors": m.authors,
		"publisher": strictyaml.Text(&m.Publisher), "contact": strictyaml.Text(&m.Contact), "citation": strictyaml.Expression(&m.Citation),
		"keywords": lines(&m.Keywords), "collection": strictyaml.Expression(&m.Collection), "raw_data": strictyaml.Expression(&m.RawData),
		"uses": lines(&m.Purpose), "limitations": lines(&m.Limitations), "biases": lines(&m.Biases), "personal_information": lines(&m.Personal),
		"social_impact": strictyaml.Expression(&m.SocialImpact), "maintenance": lines(&m.Maintenance), "annotators": lines(&m.Annotators),
	}
}

func (m *Meta) authors(n strictyaml.Node) error {
	nodes, err := strictyaml.List(n, maxAuthors)
	if err != nil {
		return err
	}
	for _, one := range nodes {
		var a Author
		err := strictyaml.Mapping(one, "an author", strictyaml.Keys{
			"given": strictyaml.Text(&a.Given), "family": strictyaml.Text(&a.Family), "name": strictyaml.Text(&a.Name), "orcid": strictyaml.Text(&a.ORCID),
			"affiliation": strictyaml.Text(&a.Affiliation), "email": strictyaml.Text(&a.Email), "url": strictyaml.Text(&a.URL),
		})
		if err != nil {
			return err
		}
		m.Authors = append(m.Authors, a)
	}
	return nil
}
