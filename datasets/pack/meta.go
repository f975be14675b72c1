package pack

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"pcapmill/outputs/text"
)

// ErrMeta marks a meta.yaml, or options that stand for it, that cannot be used.
var ErrMeta = errors.New("description of the dataset")

// Meta is what only its makers can say of a dataset. All of it may be empty.
type Meta struct {
	Name        string // short, of letters, digits, - _ and dots
	Title       string
	Description string
	Version     string // MAJOR.MINOR.PATCH
	Published   string
	License     string // SPDX identifier, or a name
	LicenseURL  string
	URL         string // page of the dataset
	DOI         string
	Authors     []Author
	Publisher   string
	Contact     string
	Citation    string // BibTeX, or text, of what is to be cited instead
	Keywords    []string

	// What Croissant RAI asks for, and manifests cannot say.
	Collection   string   // where and how the packets were captured
	RawData      string   // where the captures are, and who may have them
	Purpose      []string // what the dataset is for
	Limitations  []string
	Biases       []string
	Personal     []string
	SocialImpact string
	Maintenance  []string
	Annotators   []string // who made the labels by hand
}

// Author is a person, or a body, which has a Name instead of Given and Family.
type Author struct {
	Given       string
	Family      string
	Name        string
	ORCID       string
	Affiliation string
	Email       string
	URL         string
}

// Full is the author's name as people write it.
func (a *Author) Full() string {
	if a.Name != "" {
		return a.Name
	}
	return strings.TrimSpace(a.Given + " " + a.Family)
}

// Forms of values that other formats prescribe.
var (
	nameForm    = text.Pattern(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	versionForm = text.Pattern(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	doiForm     = text.Pattern(`^10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+$`)
	orcidForm   = text.Pattern(`^(https://orcid\.org/)?[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$`)
	emailForm   = text.Pattern(`^\S+@\S+\.\S{2,}$`)
)

// Validate reports the first value of a form that formats of others refuse. The error is ErrMeta.
func (m *Meta) Validate() error {
	for _, v := range []struct {
		key, value, want string
		form             *regexp.Regexp
	}{
		{"name", m.Name, "letters, digits, dots, - and _", nameForm()},
		{"version", m.Version, "MAJOR.MINOR.PATCH, as 1.0.0", versionForm()},
		{"doi", m.DOI, "a DOI as 10.5281/zenodo.1003150, without its resolver", doiForm()},
	} {
		if v.value != "" && !v.form.MatchString(v.value) {
			return wrongMeta(v.key, v.value, v.want)
		}
	}
	if m.Published != "" {
		if _, err := time.Parse(time.DateOnly, m.Published); err != nil {
			return wrongMeta("published", m.Published, "a date as 2026-11-30")
		}
	}
	for _, v := range [][2]string{{"url", m.URL}, {"license_url", m.LicenseURL}} {
		if v[1] != "" && !isURL(v[1]) {
			return wrongMeta(v[0], v[1], "an address that begins with http:// or https://")
		}
	}
	for i := range m.Authors {
		if err := m.Authors[i].validate(i); err != nil {
			return err
		}
	}
	return nil
}

func (a *Author) validate(i int) error {
	key := fmt.Sprintf("authors[%d]", i)
	switch {
	case a.Full() == "":
		return fmt.Errorf("%w: %s: want given and family, or name", ErrMeta, key)
	case a.Name != "" && a.Given+a.Family != "":
		return fmt.Errorf("%w: %s: name is for bodies, given and family for persons: not both", ErrMeta, key)
	case a.ORCID != "" && !orcidForm().MatchString(a.ORCID):
		return wrongMeta(key+".orcid", a.ORCID, "an ORCID as 0000-0002-1825-0097")
	case a.Email != "" && !emailForm().MatchString(a.Email):
		return wrongMeta(key+".email", a.Email, "an address of mail")
	case a.URL != "" && !isURL(a.URL):
		return wrongMeta(key+".url", a.URL, "an address that begins with http:// or https://")
	}
	return nil
}

func wrongMeta(key, value, want string) error {
	return fmt.Errorf("%w: %s: \"%s\" is not %s", ErrMeta, key, text.Escape(value), want)
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.ContainsAny(s, " \t\r\n\"<>\\^`{|}")
}

// Missing lists what catalogues ask for and nobody has said.
func (m *Meta) Missing() []string {
	var keys []string
	for _, v := range []struct {
		key   string
		there bool
	}{
		{"title", m.Title != ""}, {"description", m.Description != ""}, {"authors", len(m.Authors) > 0}, {"license", m.License != ""},
		{"url", m.URL != ""}, {"version", m.Version != ""}, {"published", m.Published != ""}, {"contact", m.Contact != ""},
		{"collection", m.Collection != ""}, {"personal_information", len(m.Personal) > 0}, {"limitations", len(m.Limitations) > 0},
	} {
		if !v.there {
			keys = append(keys, v.key)
		}
	}
	return keys
}
