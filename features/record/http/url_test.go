package http

import (
	"strings"
	"testing"
)

func TestURL(t *testing.T) {
	for url, want := range map[string][3]string{
		"/":                           {"/", "", ""},
		"/a?b=c#d":                    {"/a", "b=c#d", ""},
		"/a#d?b":                      {"/a", "#d?b", ""},
		"/a?":                         {"/a", "", ""},
		"http://h/p?q":                {"http://h/p", "q", ""},
		"http://u:p@h:80/p@q":         {"http://h:80/p@q", "", "u:p"},
		"https://u@x:p@h":             {"https://h", "", "u@x:p"},
		"//u:p@h/":                    {"//h/", "", "u:p"},
		"/go/http://u:p@h/http://v@i": {"/go/http://h/http://i", "", "u:p"},
		"a//@":                        {"a//", "", ""},
		"////u@h//":                   {"////h//", "", ""},
		"u:p@h:80/a@b":                {"h:80/a@b", "", "u:p"},
		"u@x:p@h":                     {"h", "", "u@x:p"},
		"a/b@c":                       {"a/b@c", "", ""},
		"*":                           {"*", "", ""},
		"":                            {"", "", ""},
	} {
		_, query := Split([]byte(url))
		user, _ := User([]byte(url))
		if got := [3]string{string(AppendURL(nil, []byte(url))), string(query), string(user)}; got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		list      string
		separator byte
		want      string
	}{
		{"a=1; b = 2;c=;=d;e;f==;g=h=i", OfCookies, "a|b|g"},
		{"x=1&dG9rZW4=&dG9rZW4&y=%20", OfParameters, "x|y"},
		{"dG9rZW4, a=1; dG9rZW4 b=2", OfCookies, "a|b"},
		{"dG9rZW4;a=1&b;=2", OfParameters, "a"},
		{"", OfCookies, ""},
	} {
		var names []string
		Names([]byte(c.list), c.separator, func(name []byte) { names = append(names, string(name)) })
		if got := strings.Join(names, "|"); got != c.want {
			t.Errorf("%q: %q, want %q", c.list, got, c.want)
		}
	}
}

func TestScheme(t *testing.T) {
	for value, want := range map[string]string{
		"Basic dTpw": "Basic", "bEARER x": "Bearer", "NTLM": "NTLM", "Digest\tusername=\"u\"": "Digest", "dTpw": OtherScheme, "": OtherScheme, "Negotiate, Basic realm=\"r\"": "Negotiate",
	} {
		if got := Scheme([]byte(value)); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}
