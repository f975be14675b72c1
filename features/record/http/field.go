package http

// Name is that of a field, among those that are asked for. A head is asked for each of
// them, and has few: it knows where the first of each is.
type Name uint8

// The names. Other is any that is not asked for.
const (
	Other Name = iota
	Authorization
	ContentEncoding
	ContentLength
	ContentType
	Cookie
	HostName
	Location
	ProxyAuthenticate
	ProxyAuthorization
	Referer
	Server
	SetCookie
	TransferEncoding
	Upgrade
	UserAgent
	Via
	WWWAuthenticate
	XForwardedFor
	names
)

// nameTexts are the names in lower case.
var nameTexts = [names]string{
	Authorization: "authorization", ContentEncoding: "content-encoding", ContentLength: "content-length", ContentType: "content-type",
	Cookie: "cookie", HostName: "host", Location: "location", ProxyAuthenticate: "proxy-authenticate", ProxyAuthorization: "proxy-authorization",
	Referer: "referer", Server: "server", SetCookie: "set-cookie", TransferEncoding: "transfer-encoding", Upgrade: "upgrade",
	UserAgent: "user-agent", Via: "via", WWWAuthenticate: "www-authenticate", XForwardedFor: "x-forwarded-for",
}

// maxNameText is the length of the longest.
const maxNameText = 19

// namesOfLength are the names of each length, which are few.
var namesOfLength = func() (lists [maxNameText + 1][]Name) {
	for n, text := range nameTexts {
		if text != "" {
			lists[len(text)] = append(lists[len(text)], Name(n))
		}
	}
	return lists
}()

// nameOfField returns which name a field has. Case does not matter.
func nameOfField(text []byte) Name {
	if len(text) > maxNameText {
		return Other
	}
	for _, n := range namesOfLength[len(text)] {
		if text[0]|0x20 == nameTexts[n][0] && is(text, nameTexts[n]) {
			return n
		}
	}
	return Other
}

// Field is a header field. Lines that were folded are one, with a space between them.
type Field struct {
	Name, Value []byte
	Known       Name
}

// add adds a field.
func (h *Head) add(name, value []byte) {
	known := nameOfField(name)
	h.Fields = append(h.Fields, Field{name, trim(value), known})
	if h.first[known] == 0 {
		h.first[known] = uint16(len(h.Fields))
	}
}

// Of returns the fields from the first one of a name on; none where there is none of it.
func (h *Head) Of(n Name) []Field {
	if h.first[n] == 0 {
		return nil
	}
	return h.Fields[h.first[n]-1:]
}

// Get returns the value of the first field of a name.
func (h *Head) Get(n Name) ([]byte, bool) {
	if h.first[n] == 0 {
		return nil, false
	}
	return h.Fields[h.first[n]-1].Value, true
}

// trim returns a text without what is blank around it.
func trim(text []byte) []byte {
	for len(text) > 0 && isBlank(text[0]) {
		text = text[1:]
	}
	return trimRight(text)
}

func trimRight(text []byte) []byte {
	for len(text) > 0 && isBlank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
