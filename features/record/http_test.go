package record

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
)

// httpRows reads what the sides send in turn, the client first, and returns the table.
func httpRows(t *testing.T, o Options, c *Conversation, parts ...string) (*batch.Batch, error) {
	t.Helper()
	o.Names = []string{"http"}
	set, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	p := set.Parsers[0].(StreamParser)
	var rows Rows
	for i, data := range parts {
		pkt := Packet{Flow: new(flow.Row), Index: int64(10 + i), Time: int64(1000 * i), Version: 4, Transport: 6, Side: uint8(i % 2), Forward: i%2 == 0}
		var used int
		if used, _, err = p.Stream(c, &pkt, []byte(data), &rows); err == nil && used != len(data) {
			t.Errorf("part %d: %d of %d bytes used", i, used, len(data))
		}
	}
	return filled(t, set.Tables.Schemas[0], &rows), err
}

// cell shows a value.
func cell(b *batch.Batch, name string, row int) string {
	v := &b.Vectors[b.Schema.Index(name)]
	switch {
	case v.Null(row):
		return "null"
	case b.Schema.Columns[b.Schema.Index(name)].Type == column.ListString:
		var list []string
		for _, code := range v.Codes[v.Offsets[row]:v.Offsets[row+1]] {
			list = append(list, v.Dict[code])
		}
		return strings.Join(list, "|")
	case v.Int64 != nil:
		return fmt.Sprint(v.Int64[row])
	case v.Int32 != nil:
		return fmt.Sprint(v.Int32[row])
	}
	return v.String(row)
}

const (
	secretRequest = "POST http://anna:canary1@shop.example:80/caf\xc3\xa9/\xff?user=anna&password=canary2&canary3 HTTP/1.1\r\n" +
		"Host: anna:canary4@shop.example:8080\r\nUser-Agent: curl/8.0\r\nReferer: https://u:canary5@r.example/p?canary6#canary7\r\n" +
		"Cookie: sid=canary8; theme=\"canary9\"; canary10; canary11=\r\nAuthorization: Bearer canary12\r\nProxy-Authorization: canary13\r\n" +
		"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nX-Api-Key: canary14\r\ncanary 15: x\r\nno field with canary16\r\n canary17\r\n" +
		"Content-Type: text/plain\r\nContent-Length: 8\r\nUpgrade: h2c\r\nVia: 1.1 p\r\n\r\ncanary18"
	secretResponse = "HTTP/1.1 302 Found\r\nServer: nginx\r\nLocation: //u:canary19@l.example/x?token=canary20\r\nSet-Cookie: sid=canary21; Path=/; v=canary22\r\n" +
		"Set-Cookie: canary23\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"canary24\"\r\nProxy-Authenticate: Basic\r\nTransfer-Encoding: gzip, chunked\r\nContent-Encoding: br\r\n\r\n" +
		"8\r\ncanary25\r\n0\r\nX-Trailer: canary26\r\n\r\n"
)

// TestHTTPRows holds what a request and its response become.
func TestHTTPRows(t *testing.T) {
	var c Conversation
	b, err := httpRows(t, Options{}, &c, secretRequest, "HTTP/1.1 100 Continue\r\n\r\n"+secretResponse)
	if err != nil || b.Rows != 3 {
		t.Fatal(err, b.Rows)
	}
	for name, want := range map[string][3]string{
		"exchange": {"1", "1", "1"}, "kind": {"request", "response", "response"}, "version": {"1.1", "1.1", "1.1"}, "stream": {"null", "null", "null"},
		"packet_index": {"10", "11", "11"}, "direction": {"fwd", "rev", "rev"},
		"method": {"POST", "null", "null"}, "host": {"shop.example:8080", "null", "null"}, "uri": {`http://shop.example:80/café/\255`, "null", "null"},
		"uri_parameters": {"user|password", "", ""}, "user_agent": {"curl/8.0", "null", "null"}, "referer": {"https://r.example/p", "null", "null"},
		"cookie_names": {"sid|theme", "", ""}, "x_forwarded_for": {"192.0.2.1, 192.0.2.2", "null", "null"},
		"status": {"null", "100", "302"}, "reason": {"null", "Continue", "Found"}, "server": {"null", "null", "nginx"}, "location": {"null", "null", "//l.example/x"},
		"set_cookie_names": {"", "", "sid"}, "request_capture_id": {"null", "0", "0"}, "request_packet_index": {"null", "10", "10"}, "request_method": {"null", "POST", "POST"},
		"request_host": {"null", "shop.example:8080", "shop.example:8080"}, "request_uri": {"null", `http://shop.example:80/café/\255`, `http://shop.example:80/café/\255`},
		"latency_ns": {"null", "1000", "1000"}, "content_type": {"text/plain", "null", "null"}, "content_length": {"8", "null", "null"},
		"transfer_encoding": {"null", "null", "gzip, chunked"}, "content_encoding": {"null", "null", "br"}, "via": {"1.1 p", "null", "null"}, "upgrade": {"h2c", "null", "null"},
		"header_names": {
			"Host|User-Agent|Referer|Cookie|Authorization|Proxy-Authorization|X-Forwarded-For|X-Forwarded-For|X-Api-Key|Content-Type|Content-Length|Upgrade|Via", "",
			"Server|Location|Set-Cookie|Set-Cookie|WWW-Authenticate|Proxy-Authenticate|Transfer-Encoding|Content-Encoding",
		},
		"auth_scheme": {"Bearer", "null", "Digest"}, "proxy_auth_scheme": {"other", "null", "Basic"},
		"head_bytes": {fmt.Sprint(len(secretRequest) - 8), "25", fmt.Sprint(strings.Index(secretResponse, "8\r\ncanary25"))}, "body_bytes": {"8", "0", "null"},
		"unqueued": {"0", "0", "0"}, "malformed": {"1", "0", "0"},
		"uri_query": {"null", "null", "null"}, "uri_user": {"null", "null", "null"}, "authorization": {"", "", ""}, "cookies": {"", "", ""},
	} {
		if got := [3]string{cell(b, name, 0), cell(b, name, 1), cell(b, name, 2)}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for text, want := range map[flow.AppText]string{flow.HTTPHost: "shop.example:8080", flow.ServerName: "shop.example", flow.UserAgent: "curl/8.0"} {
		if got := c.Says(text); got != want {
			t.Errorf("flow text %d: %q, want %q", text, got, want)
		}
	}
}

// TestHTTPTargetOfAQueryAlone: what is left of such a target is empty, in the response's
// row as well, and not unknown.
func TestHTTPTargetOfAQueryAlone(t *testing.T) {
	var c Conversation
	b, err := httpRows(t, Options{}, &c, "GET ?a=b HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")
	if err != nil || b.Rows != 2 {
		t.Fatal(err, b.Rows)
	}
	if uri, asked := cell(b, "uri", 0), cell(b, "request_uri", 1); uri != "" || asked != "" {
		t.Errorf("uri %q, of the response %q", uri, asked)
	}
}

// everyCell is all that a table and a flow's row hold.
func everyCell(b *batch.Batch, c *Conversation) string {
	var all strings.Builder
	for row := range b.Rows {
		for i := range b.Schema.Columns {
			fmt.Fprintln(&all, cell(b, b.Schema.Columns[i].Name, row))
		}
	}
	return all.String() + c.Says(flow.HTTPHost) + c.Says(flow.ServerName) + c.Says(flow.UserAgent)
}

// TestHTTPSecrets holds that no secret is in a table or a flow's row, and with the option
// those that columns are for.
func TestHTTPSecrets(t *testing.T) {
	var block string
	for _, field := range [][2]string{
		{":method", "GET"}, {":path", "/p?canary1#canary2"}, {":authority", "u:canary3@h"}, {"cookie", "sid=canary4"}, {"cookie", "canary5"},
		{"authorization", "canary6 x"}, {"x-key", "canary7"}, {"canary 8", "x"}, {":canary9", "x"},
	} {
		block += "\x40" + string(rune(len(field[0]))) + field[0] + string(rune(len(field[1]))) + field[1]
	}
	http2 := []string{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00\x00" + string([]byte{byte(len(block))}) + "\x01\x04\x00\x00\x00\x01" + block}
	for name, parts := range map[string][]string{"1": {secretRequest, secretResponse}, "2": http2} {
		var c Conversation
		b, _ := httpRows(t, Options{}, &c, parts...)
		if all := everyCell(b, &c); strings.Contains(all, "canary") || b.Rows == 0 {
			t.Errorf("HTTP/%s: %d rows with a canary:\n%s", name, b.Rows, all)
		}
	}
	var c Conversation
	b, _ := httpRows(t, Options{Secrets: true}, &c, secretRequest, secretResponse)
	for name, want := range map[string]string{
		"uri": `http://shop.example:80/café/\255`, "uri_query": "user=anna&password=canary2&canary3", "uri_user": "anna:canary1",
		"authorization": "Bearer canary12|canary13", "cookies": `sid=canary8; theme="canary9"; canary10; canary11=`,
	} {
		if got := cell(b, name, 0); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := cell(b, "cookies", 1); got != "sid=canary21; Path=/; v=canary22|canary23" {
		t.Errorf("cookies of the response: %q", got)
	}
}

// TestHTTPEnds: of a direction, of the protocol, of what can be read.
func TestHTTPEnds(t *testing.T) {
	get := "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n"
	for _, c := range []struct {
		last string
		want error
		rows int
	}{
		{"HTTP/1.1 200 OK\r\n\r\nbody", ErrDone, 2},
		{"HTTP/1.1 101 Other\r\n\r\n", ErrSwitch, 2},
		{"HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 1<<16), nil, 2},
	} {
		var talk Conversation
		b, err := httpRows(t, Options{}, &talk, get, c.last)
		if b.Rows != c.rows || c.want != nil && !errors.Is(err, c.want) || c.want == nil && (err == nil || cell(b, "malformed", 1) != "1") {
			t.Errorf("%.20q: %d rows, %v", c.last, b.Rows, err)
		}
		if got := talk.Says(flow.ServerName); got != "2001:db8::1" {
			t.Errorf("server name %q", got)
		}
		if talk.Bytes() < httpTalkBytes || talk.Bytes() > 4096 {
			t.Errorf("%d bytes reserved", talk.Bytes())
		}
	}
}

// TestHTTPRowsDoNotAllocate, once the memory is there.
func TestHTTPRowsDoNotAllocate(t *testing.T) {
	set, err := Open(Options{Names: []string{"http"}})
	if err != nil {
		t.Fatal(err)
	}
	p := set.Parsers[0].(StreamParser)
	var rows Rows
	var c Conversation
	pkt := Packet{Flow: new(flow.Row), Version: 4}
	parts := [][]byte{[]byte(secretRequest), []byte(secretResponse)}
	if n := testing.AllocsPerRun(100, func() {
		rows.Reset()
		for side, data := range parts {
			pkt.Side = uint8(side)
			if used, _, err := p.Stream(&c, &pkt, data, &rows); err != nil || used != len(data) {
				t.Fatal(used, err)
			}
		}
	}); n != 0 || rows.Len() != 2 {
		t.Errorf("%v allocations for %d rows", n, rows.Len())
	}
}

// FuzzHTTPRows makes rows of anything and decodes them: each text is one that a table may hold.
func FuzzHTTPRows(f *testing.F) {
	f.Add([]byte(secretRequest), []byte(secretResponse))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: "+strings.Repeat("ü", 200)+"\r\nUser-Agent: a"+strings.Repeat("é", 300)+"\r\n\r\n"), []byte(secretResponse))
	f.Add([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x01\x01\x04\x00\x00\x00\x01\x82"), []byte("\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88"))
	f.Fuzz(func(t *testing.T, request, response []byte) {
		set, err := Open(Options{Names: []string{"http"}, Secrets: bytes.Contains(request, []byte("s"))})
		if err != nil {
			t.Fatal(err)
		}
		var rows Rows
		var c Conversation
		for side, data := range [][]byte{request, response} {
			if used, need, _ := set.Parsers[0].(StreamParser).Stream(&c, &Packet{Flow: new(flow.Row), Version: 6, Side: uint8(side)}, data, &rows); used < 0 || need < 0 {
				t.Errorf("used %d, need %d", used, need)
			}
		}
		filled(t, set.Tables.Schemas[0], &rows)
		for _, text := range []flow.AppText{flow.HTTPHost, flow.ServerName, flow.UserAgent} {
			if said := c.Says(text); !utf8.ValidString(said) {
				t.Errorf("flow text %d is %q", text, said)
			}
		}
	})
}

// TestHTTPNumbersGoOn: no exchange of a flow has the number of another one, even where
// what was known of the flow is lost in between.
func TestHTTPNumbersGoOn(t *testing.T) {
	var c Conversation
	for _, want := range []string{"1 1 2 2", "3 3 4 4"} {
		b, err := httpRows(t, Options{}, &c,
			"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
			"GET /b HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row := range b.Rows {
			got = append(got, cell(b, "exchange", row))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("numbers %v, want %s", got, want)
		}
		c.Forget()
	}
}
