package http

import "bytes"

// What a URL holds that is nobody's business is its query, its fragment and what is in
// front of an @ in its authority.

// Split cuts a URL in front of its query, or fragment where it has none. The rest is
// without the question mark, with the # of a fragment, and nil where there is none.
func Split(url []byte) (front, query []byte) {
	end := bytes.IndexByte(url, '?')
	if end < 0 {
		end = len(url)
	}
	if fragment := bytes.IndexByte(url[:end], '#'); fragment >= 0 {
		return url[:fragment], url[fragment:]
	}
	if end == len(url) {
		return url, nil
	}
	return url[:end], url[end+1:]
}

// AppendURL appends a URL without query, fragment and user.
func AppendURL(dst, url []byte) []byte {
	front, _ := Split(url)
	front = front[bareUser(front):]
	for {
		before, authority, rest := cutAuthority(front)
		dst = append(append(dst, before...), withoutUser(authority)...)
		if len(rest) == 0 {
			return dst
		}
		front = rest
	}
}

// User returns what is in front of the @ in a URL's first authority.
func User(url []byte) ([]byte, bool) {
	front, _ := Split(url)
	if n := bareUser(front); n > 0 {
		return front[:n-1], true
	}
	_, authority, _ := cutAuthority(front)
	if i := bytes.LastIndexByte(authority, '@'); i >= 0 {
		return authority[:i], true
	}
	return nil, false
}

// bareUser returns the length of a user, with its @, with which a URL begins that has no
// slashes in front of it; 0 where there is none.
func bareUser(url []byte) int {
	first := url
	if end := bytes.IndexByte(url, '/'); end >= 0 {
		first = url[:end]
	}
	return bytes.LastIndexByte(first, '@') + 1
}

// cutAuthority cuts a text around what is between // and the next /.
func cutAuthority(text []byte) (before, authority, rest []byte) {
	i := bytes.Index(text, []byte("//"))
	if i < 0 {
		return text, nil, nil
	}
	before, authority = text[:i+2], text[i+2:]
	if end := bytes.IndexByte(authority, '/'); end >= 0 {
		return before, authority[:end], authority[end:]
	}
	return before, authority, nil
}

// withoutUser returns an authority without what is in front of its @.
func withoutUser(authority []byte) []byte {
	return authority[bytes.LastIndexByte(authority, '@')+1:]
}

// bareHost returns a host without user, query and fragment, which have no place where one is named.
func bareHost(host []byte) []byte {
	front, _ := Split(host)
	return withoutUser(front)
}

// appendTarget appends a request's target without query, fragment and user.
func (h *Head) appendTarget(dst []byte) []byte {
	if isConnect(h.Method) {
		return append(dst, bareHost(h.Target)...)
	}
	return AppendURL(dst, h.Target)
}

// Separators of names and values.
const (
	OfCookies    = ';'
	OfParameters = '&'
)

// Names calls add with the names of a list of name=value. Where no value follows there
// is no telling whether a text is a name, so it is left out.
func Names(list []byte, separator byte, add func([]byte)) {
	for more := true; more; {
		var pair []byte
		if i := bytes.IndexByte(list, separator); i >= 0 {
			pair, list = list[:i], list[i+1:]
		} else {
			pair, more = list, false
		}
		if name, ok := nameOf(pair); ok {
			add(name)
		}
	}
}

// nameOf returns the name of a pair that has a value. What stands in front of a separator
// that others use is no part of it.
func nameOf(pair []byte) ([]byte, bool) {
	name, value, _ := bytes.Cut(pair, []byte("="))
	name, value = trim(name), bytes.Trim(value, "= \t\r\n")
	name = name[bytes.LastIndexAny(name, ";,& \t")+1:]
	return name, len(name) > 0 && len(value) > 0
}

// schemes are those of IANA's registry and others that are often seen.
var schemes = [...]string{
	"Basic", "Bearer", "Concealed", "Digest", "DPoP", "GNAP", "HOBA", "Mutual", "Negotiate", "NTLM", "OAuth", "PrivateToken",
	"SCRAM-SHA-1", "SCRAM-SHA-256", "vapid", "AWS4-HMAC-SHA256", "AWS", "Kerberos", "Token", "ApiKey", "Signature", "Hawk",
}

// OtherScheme is what Scheme returns for one that is not known: it may be a credential.
const OtherScheme = "other"

// Scheme returns the authentication scheme that a field begins with, as the registry
// writes it.
func Scheme(value []byte) string {
	word := value
	if i := bytes.IndexAny(value, " \t,"); i >= 0 {
		word = value[:i]
	}
	for _, s := range schemes {
		if bytes.EqualFold(word, []byte(s)) {
			return s
		}
	}
	return OtherScheme
}
