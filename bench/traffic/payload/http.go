package payload

import "strconv"

// Web is one HTTP/1.1 connection (RFC 9112). Its requests are counted from 0;
// the answer to each has the same number.
type Web struct {
	Host string
	Seed uint64
}

// agents are the user agents, drawn by connection.
var agents = [...]string{
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
	"curl/8.14.1",
	"updater/2.3 (build 1107)",
}

// pathWords are the parts of paths.
var pathWords = [16]string{
	"assets", "img", "css", "js", "v2", "items", "catalog", "feed",
	"report", "users", "thumb", "page", "list", "export", "latest", "firmware",
}

// endings of paths with their content types.
var fileTypes = [8][2]string{
	{"", "text/html; charset=utf-8"}, {".html", "text/html; charset=utf-8"}, {".css", "text/css"},
	{".js", "text/javascript"}, {".json", "application/json"}, {".png", "image/png"},
	{".jpg", "image/jpeg"}, {".bin", "application/octet-stream"},
}

// statuses are the answers, drawn by request: an entry of sixteen.
var statuses = [16]int{200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 304, 304, 301, 404, 503}

// reasons are the phrases of the statuses.
func reason(status int) string {
	switch status {
	case 200:
		return "OK"
	case 201:
		return "Created"
	case 301:
		return "Moved Permanently"
	case 304:
		return "Not Modified"
	case 404:
		return "Not Found"
	}
	return "Service Unavailable"
}

// Agent returns the user agent of the connection.
func (w *Web) Agent() string { return agents[w.AgentNumber()] }

// AgentNumber returns which of the user agents it is, below Agents.
func (w *Web) AgentNumber() int { return int(derived(w.Seed, saltCipher) % uint64(Agents)) }

// Agents is the number of user agents.
const Agents = len(agents)

// draw is what request n is made from.
func (w *Web) draw(n uint32) uint64 { return derived(w.Seed+uint64(n)<<8, saltPath) }

// Method returns the method of request n.
func (w *Web) Method(n uint32) string {
	switch w.draw(n) >> 56 & 15 {
	case 0:
		return "POST"
	case 1:
		return "HEAD"
	}
	return "GET"
}

// Target returns the path and query of request n.
func (w *Web) Target(n uint32) string { return string(w.appendTarget(nil, n)) }

func (w *Web) appendTarget(b []byte, n uint32) []byte {
	d := w.draw(n)
	for range 1 + d&3 {
		d >>= 4
		b = append(append(b, '/'), pathWords[d&15]...)
	}
	b = append(b, w.fileType(n)[0]...)
	if d&0x70 == 0 {
		b = append(b, "?page="...)
		b = strconv.AppendUint(b, d>>7&63, 10)
	}
	return b
}

func (w *Web) fileType(n uint32) [2]string { return fileTypes[w.draw(n)>>48&7] }

// Status returns the status of the answer to request n.
func (w *Web) Status(n uint32) int {
	if w.Method(n) == "POST" {
		return 201
	}
	return statuses[w.draw(n)>>40&15]
}

// HasBody reports whether the answer to request n has a body.
func (w *Web) HasBody(n uint32) bool { return w.Method(n) != "HEAD" && w.Status(n) != 304 }

// IsText reports whether the body of the answer to request n is text.
func (w *Web) IsText(n uint32) bool {
	return w.Status(n) >= 300 || w.fileType(n)[1][0] == 't' || w.fileType(n)[0] == ".json"
}

// AppendRequest appends request n, with a short form as body where its method is
// POST.
func (w *Web) AppendRequest(b []byte, n uint32) []byte {
	b = append(append(b, w.Method(n)...), ' ')
	b = w.appendTarget(b, n)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, w.Host...)
	b = append(b, "\r\nUser-Agent: "...)
	b = append(b, w.Agent()...)
	b = append(b, "\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"...)
	if n > 0 {
		b = append(append(append(b, "Referer: http://"...), w.Host...), "/\r\n"...)
	}
	if w.Method(n) != "POST" {
		return append(b, "Connection: keep-alive\r\n\r\n"...)
	}
	form := strconv.AppendUint([]byte("id="), w.draw(n)>>32, 10)
	b = append(b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(form)), 10)
	return append(append(b, "\r\n\r\n"...), form...)
}

// Chunked as the length of a body says that it comes in chunks.
const Chunked = -1

// AppendHead appends the head of the answer to request n, whose body has length
// bytes.
func (w *Web) AppendHead(b []byte, n uint32, length int) []byte {
	status := w.Status(n)
	b = strconv.AppendInt(append(b, "HTTP/1.1 "...), int64(status), 10)
	b = append(append(b, ' '), reason(status)...)
	b = append(b, "\r\nDate: Mon, 02 Mar 2026 09:00:00 GMT\r\nServer: nginx\r\n"...)
	if status == 301 {
		b = append(append(append(b, "Location: https://"...), w.Host...), "/\r\n"...)
	}
	if w.HasBody(n) {
		b = append(append(append(b, "Content-Type: "...), w.contentType(n)...), "\r\n"...)
	}
	switch {
	case length == Chunked:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	case status != 304:
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), int64(length), 10), "\r\n"...)
	}
	return append(b, "Connection: keep-alive\r\n\r\n"...)
}

func (w *Web) contentType(n uint32) string {
	if w.Status(n) >= 300 {
		return "text/html"
	}
	return w.fileType(n)[1]
}

// AppendChunk appends the line before a chunk of size bytes.
func AppendChunk(b []byte, size int) []byte {
	return append(strconv.AppendUint(b, uint64(size), 16), "\r\n"...)
}
