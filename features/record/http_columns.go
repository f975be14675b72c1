package record

import (
	"bytes"

	"pcapmill/features/column"
	"pcapmill/features/record/http"
	"pcapmill/features/record/printable"
)

const (
	rfc9110      = "RFC 9110"
	rfc9112      = "RFC 9112"
	noField      = "without the field"
	ofResponses  = "in responses"
	ofRequests   = "in requests"
	notJoined    = "in requests; in responses whose request was not seen or is not known"
	onlySecrets  = "without --keep-secrets; without the field"
	secretsElse  = " Only with --keep-secrets." + inUTF8
	lengthClaims = "without the field, or where it is no length"
)

// httpColumns are the message's columns.
func httpColumns() []Def[httpMessage] {
	defs := []Def[httpMessage]{
		long("exchange", column.Int64, "Number of the request within the flow, from 1; its responses, interim ones too, have the same. A response whose request is not known has a number of its own.", "", func(m *httpMessage) (int64, bool) { return m.Exchange, true }).as(column.Identity),
		word("kind", "request, response, or push: a request that a server of HTTP/2 makes for the client.", func(m *httpMessage) string { return m.Kind.String() }),
		text("version", column.String, "1.0, 1.1, 2, as the message says.", "", httpVersion).from(rfc9110),
		number("stream", "Number of the stream.", "in HTTP/1", func(m *httpMessage) (int32, bool) { return int32(m.Stream), m.Major == 2 && m.Stream > 0 }).as(column.Identity).from("RFC 9113"),
	}
	defs = append(defs, requestColumns()...)
	defs = append(defs, responseColumns()...)
	defs = append(defs, sharedColumns()...)
	return append(defs, secretColumns()...)
}

func httpVersion(m *httpMessage, dst []byte) ([]byte, bool) {
	dst = append(dst, '0'+m.Major)
	if m.Major < 2 {
		dst = append(dst, '.', '0'+m.Minor)
	}
	return dst, true
}

// requestColumns are of requests alone.
func requestColumns() []Def[httpMessage] {
	defs := where(func(m *httpMessage) bool { return m.Kind != http.Response },
		text("method", column.String, "Method.", ofResponses, func(m *httpMessage, dst []byte) ([]byte, bool) { return append(dst, m.Method...), len(m.Method) > 0 }).from(rfc9110),
		text("host", column.String, "Host field, else the authority that HTTP/2 or the target names; without a user."+inUTF8, ofResponses+"; where nothing names it", func(m *httpMessage, dst []byte) ([]byte, bool) {
			return printable.Append(dst, m.Host), len(m.Host) > 0
		}).as(column.LeakProne).from(rfc9110),
		text("uri", column.Text, "Target as it is written, without query, fragment and user."+inUTF8, ofResponses, func(m *httpMessage, dst []byte) ([]byte, bool) {
			return printable.Append(dst, m.URI), true
		}).from("RFC 3986"),
	)
	return append(defs,
		words("uri_parameters", "Names of the query's parameters that have values."+inUTF8, func(m *httpMessage, add func([]byte)) {
			if _, query := http.Split(m.Target); len(query) > 0 {
				http.Names(query, http.OfParameters, add)
			}
		}).printed(printable.Append).from("WHATWG URL Standard"),
		header("user_agent", http.UserAgent, "User-Agent."),
		text("referer", column.Text, "Referer, without query, fragment and user."+inUTF8, noField, urlField(http.Referer)).as(column.LeakProne).from(rfc9110),
		words("cookie_names", "Names of the cookies that have values."+inUTF8, func(m *httpMessage, add func([]byte)) {
			m.each(http.Cookie, func(value []byte) { http.Names(value, http.OfCookies, add) })
		}).printed(printable.Append).from("RFC 6265"),
		header("x_forwarded_for", http.XForwardedFor, "X-Forwarded-For: clients that proxies name.").as(column.LeakProne).from(""),
	)
}

// responseColumns are of responses, and what is known of the request.
func responseColumns() []Def[httpMessage] {
	defs := []Def[httpMessage]{
		number("status", "Status code.", ofRequests+"; where it is no number", func(m *httpMessage) (int32, bool) { return int32(m.Status), m.Kind == http.Response && m.Status > 0 }).from(rfc9110),
		text("reason", column.String, "Reason phrase."+inUTF8, "in requests and HTTP/2; where it is empty", func(m *httpMessage, dst []byte) ([]byte, bool) {
			return printable.Append(dst, m.Reason), len(m.Reason) > 0
		}).from(rfc9112),
		header("server", http.Server, "Server."),
		text("location", column.Text, "Location, without query, fragment and user."+inUTF8, noField, urlField(http.Location)).as(column.LeakProne).from(rfc9110),
		words("set_cookie_names", "Names of the cookies that are set to a value."+inUTF8, func(m *httpMessage, add func([]byte)) {
			m.each(http.SetCookie, func(value []byte) {
				first, _, _ := bytes.Cut(value, []byte{http.OfCookies})
				http.Names(first, http.OfCookies, add)
			})
		}).printed(printable.Append).from("RFC 6265"),
	}
	return append(defs, where(func(m *httpMessage) bool { return m.Request != nil },
		number("request_capture_id", "capture_id of the request that the response answers.", notJoined, func(m *httpMessage) (int32, bool) { return m.Request.At.Capture, true }).as(column.Identity),
		long("request_packet_index", column.Int64, "Its packet_index.", notJoined, func(m *httpMessage) (int64, bool) { return m.Request.At.Packet, true }).as(column.Identity),
		text("request_method", column.String, "Its method.", notJoined, joinedText((*http.Asked).Method)).from(rfc9110),
		text("request_host", column.String, "Its host, as in host.", notJoined+"; where nothing names it", joinedText((*http.Asked).Host)).as(column.LeakProne).from(rfc9110),
		text("request_uri", column.Text, "Its target, as in uri.", notJoined, func(m *httpMessage, dst []byte) ([]byte, bool) {
			return printable.Append(dst, m.Request.URI()), true
		}).from("RFC 3986"),
		long("latency_ns", column.Int64, "From the packet with which the request's head was complete to that of the response's.", notJoined, func(m *httpMessage) (int64, bool) { return m.time - m.Request.At.Time, true }).in(column.Nanos),
	)...)
}

// sharedColumns are of both kinds.
func sharedColumns() []Def[httpMessage] {
	return []Def[httpMessage]{
		header("content_type", http.ContentType, "Content-Type."),
		long("content_length", column.Int64, "Content-Length.", lengthClaims, func(m *httpMessage) (int64, bool) { return m.ContentLength() }).in(column.Bytes).from(rfc9110),
		header("transfer_encoding", http.TransferEncoding, "Transfer-Encoding.").from(rfc9112),
		header("content_encoding", http.ContentEncoding, "Content-Encoding."),
		header("via", http.Via, "Via: proxies on the way."),
		header("upgrade", http.Upgrade, "Upgrade: the protocol asked for, or changed to."),
		words("header_names", "Names of the fields, in their order, as they are written; of HTTP/2 without its pseudo-fields.", func(m *httpMessage, add func([]byte)) {
			for i := range m.Fields {
				add(m.Fields[i].Name)
			}
		}).from(rfc9110),
		text("auth_scheme", column.String, "Scheme of Authorization or, in responses, WWW-Authenticate: Basic, Bearer, …; other for one that is not known.", noField, authScheme(http.Authorization, http.WWWAuthenticate)).from("IANA HTTP authentication schemes"),
		text("proxy_auth_scheme", column.String, "The same of Proxy-Authorization or Proxy-Authenticate.", noField, authScheme(http.ProxyAuthorization, http.ProxyAuthenticate)).from("IANA HTTP authentication schemes"),
		long("head_bytes", column.Int64, "Bytes of the head, with the empty line behind it; of HTTP/2 the frames that it is in.", "", func(m *httpMessage) (int64, bool) { return int64(m.Bytes), true }).in(column.Bytes).from("RFC 9112, RFC 9113"),
		long("body_bytes", column.Int64, "Bytes of the body, as the head and the request frame it.", "where it ends by chunks, with the connection, or with a stream of HTTP/2", func(m *httpMessage) (int64, bool) { return m.Body, m.Body != http.Unknown }).in(column.Bytes).from(rfc9112),
		bit("unqueued", "1 for a request in front of which too many wait for their responses (64, or 64 KiB of them): its response is not joined.", func(m *httpMessage) bool { return m.Unqueued }),
		malformed("the head is not of the grammar, too long, or frames no body", "", func(m *httpMessage) bool { return m.Malformed }),
	}
}

// secretColumns are filled where secrets are kept.
func secretColumns() []Def[httpMessage] {
	return where(func(m *httpMessage) bool { return m.secrets },
		text("uri_query", column.Text, "Query of the target, or its fragment with the # where it has no query."+secretsElse, onlySecrets, func(m *httpMessage, dst []byte) ([]byte, bool) {
			_, query := http.Split(m.Target)
			if query == nil {
				return dst, false
			}
			return printable.Append(dst, query), true
		}).as(column.LeakProne).from("RFC 3986"),
		text("uri_user", column.String, "User and password in the target."+secretsElse, onlySecrets, func(m *httpMessage, dst []byte) ([]byte, bool) {
			user, ok := http.User(m.Target)
			if !ok {
				return dst, false
			}
			return printable.Append(dst, user), true
		}).as(column.LeakProne).from("RFC 3986"),
		words("authorization", "Values of Authorization and Proxy-Authorization."+secretsElse, secretFields(http.Authorization, http.ProxyAuthorization)).printed(printable.Append).as(column.LeakProne).from(rfc9110),
		words("cookies", "Values of Cookie and Set-Cookie."+secretsElse, secretFields(http.Cookie, http.SetCookie)).printed(printable.Append).as(column.LeakProne).from("RFC 6265"),
	)
}

// joinedText is what the request says, of responses for which it is known; null where it
// says nothing.
func joinedText(value func(*http.Asked) []byte) func(*httpMessage, []byte) ([]byte, bool) {
	return func(m *httpMessage, dst []byte) ([]byte, bool) {
		said := value(m.Request)
		return printable.Append(dst, said), len(said) > 0
	}
}

// header declares a column of the fields of a name, several with commas between them.
func header(name string, of http.Name, doc string) Def[httpMessage] {
	return text(name, column.String, doc+inUTF8, noField, func(m *httpMessage, dst []byte) ([]byte, bool) {
		fields := m.Of(of)
		for i := range fields {
			if fields[i].Known != of {
				continue
			}
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = printable.Append(dst, fields[i].Value)
		}
		return dst, len(fields) > 0
	}).from(rfc9110)
}

// urlField is of the first field of a name, which holds a URL.
func urlField(name http.Name) func(*httpMessage, []byte) ([]byte, bool) {
	return func(m *httpMessage, dst []byte) ([]byte, bool) {
		url, ok := m.Get(name)
		if !ok {
			return dst, false
		}
		m.scratch = http.AppendURL(m.scratch[:0], url)
		return printable.Append(dst, m.scratch), true
	}
}

// authScheme is of the first field of the name that a request or response has it in.
func authScheme(request, response http.Name) func(*httpMessage, []byte) ([]byte, bool) {
	return func(m *httpMessage, dst []byte) ([]byte, bool) {
		name := request
		if m.Kind == http.Response {
			name = response
		}
		value, ok := m.Get(name)
		if !ok {
			return dst, false
		}
		return append(dst, http.Scheme(value)...), true
	}
}

// secretFields are the values of the fields of some names.
func secretFields(names ...http.Name) func(*httpMessage, func([]byte)) {
	return func(m *httpMessage, add func([]byte)) {
		for _, name := range names {
			m.each(name, add)
		}
	}
}

// each calls do with the value of each field of a name.
func (m *httpMessage) each(name http.Name, do func([]byte)) {
	for _, f := range m.Of(name) {
		if f.Known == name {
			do(f.Value)
		}
	}
}
