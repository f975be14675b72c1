package traffic

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"pcapmill/ingest/packet"
)

// Secret is a form of the canary in one session's payload. It may appear in no
// output unless secrets are asked for.
type Secret struct {
	Where string // protocol and place
	Text  string // as the bytes are sent, or as one who decodes them has them
}

// secretSession is one session's lines: "C:" from the client, "S:" from the
// server.
type secretSession struct {
	where string
	port  uint16
	lines []string
}

// WriteSecrets writes sessions of HTTP, FTP, SMTP, POP3, IMAP and Telnet that
// carry the canary where people's passwords, tokens and cookies are, and returns
// the forms that it takes. The canary should be letters and digits that occur
// nowhere else, 12 of them at least.
func WriteSecrets(w PacketWriter, start packet.Nanos, canary string) ([]Secret, error) {
	secrets := []Secret{{"plain", canary}}
	for _, token := range []string{"user:" + canary, "\x00user\x00" + canary, canary} {
		text := base64.StdEncoding.EncodeToString([]byte(token))
		secrets = append(secrets, Secret{"base64 of " + strings.ReplaceAll(token, "\x00", `\0`), strings.TrimRight(text, "=")})
	}
	for i, s := range secretSessions(canary) {
		if err := s.write(w, start+packet.Nanos(i)*packet.Nanos(time.Second), i); err != nil {
			return nil, err
		}
	}
	return secrets, telnet(w, start+packet.Nanos(time.Minute), canary)
}

// secretSessions are all but Telnet. Every line ends with CR LF.
func secretSessions(canary string) []secretSession {
	plain := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	answer := "S:HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
	get := func(target, headers string) string {
		return "C:GET " + target + " HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: test/1.0\r\n" + headers
	}
	form := "user=a&password=" + canary
	return []secretSession{
		{"http basic", 80, []string{get("/private", "Authorization: Basic "+plain("user:"+canary)+"\r\n"), answer}},
		{"http bearer", 80, []string{get("/api", "Authorization: Bearer "+canary+"\r\n"), answer}},
		{"http proxy", 3128, []string{get("http://www.example.com/", "Proxy-Authorization: Basic "+plain("user:"+canary)+"\r\n"), answer}},
		{"http cookie", 80, []string{
			get("/", "Cookie: session="+canary+"; theme=dark\r\n"),
			"S:HTTP/1.1 200 OK\r\nSet-Cookie: session=" + canary + "; HttpOnly\r\nContent-Length: 0\r\n",
		}},
		{"http query", 80, []string{get("/login?user=a&password="+canary, ""), answer}},
		{"http userinfo", 80, []string{get("http://user:"+canary+"@www.example.com/", ""), answer}},
		{"http referer", 80, []string{get("/next", "Referer: http://www.example.com/login?token="+canary+"\r\n"), answer}},
		{"http location", 80, []string{
			get("/oauth", ""), "S:HTTP/1.1 302 Found\r\nLocation: http://www.example.com/back?code=" + canary + "\r\nContent-Length: 0\r\n",
		}},
		{"http form", 80, []string{
			"C:POST /login HTTP/1.1\r\nHost: www.example.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
				strconv.Itoa(len(form)) + "\r\n\r\n" + form, answer,
		}},
		{"http key", 80, []string{get("/v1", "X-Api-Key: "+canary+"\r\nX-Auth-Token: "+canary+"\r\n"), answer}},
		{"ftp", 21, []string{
			"S:220 files.example.com FTP\r\n", "C:USER user\r\n", "S:331 password\r\n", "C:PASS " + canary + "\r\n", "S:230 welcome\r\n", "C:QUIT\r\n",
		}},
		{"smtp plain", 25, []string{
			"S:220 mail.example.com ESMTP\r\n", "C:EHLO a.example.com\r\n", "S:250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n",
			"C:AUTH PLAIN " + plain("\x00user\x00"+canary) + "\r\n", "S:235 accepted\r\n", "C:QUIT\r\n",
		}},
		{"smtp login", 587, []string{
			"S:220 mail.example.com ESMTP\r\n", "C:EHLO a.example.com\r\n", "S:250 AUTH LOGIN\r\n", "C:AUTH LOGIN\r\n",
			"S:334 VXNlcm5hbWU6\r\n", "C:" + plain("user") + "\r\n", "S:334 UGFzc3dvcmQ6\r\n", "C:" + plain(canary) + "\r\n", "S:235 accepted\r\n",
		}},
		{"pop3", 110, []string{"S:+OK ready\r\n", "C:USER user\r\n", "S:+OK\r\n", "C:PASS " + canary + "\r\n", "S:+OK 0 messages\r\n", "C:QUIT\r\n"}},
		{"imap login", 143, []string{"S:* OK ready\r\n", "C:a1 LOGIN user " + canary + "\r\n", "S:a1 OK done\r\n", "C:a2 LOGOUT\r\n"}},
		{"imap plain", 143, []string{
			"S:* OK ready\r\n", "C:a1 AUTHENTICATE PLAIN\r\n", "S:+ \r\n", "C:" + plain("\x00user\x00"+canary) + "\r\n", "S:a1 OK done\r\n",
		}},
	}
}

// write writes session n. A head of HTTP still lacks its empty line.
func (s *secretSession) write(w PacketWriter, start packet.Nanos, n int) error {
	c := secretClient(w, start, n, s.port)
	c.Handshake()
	for _, line := range s.lines {
		dir, text := Forward, line[2:]
		if line[0] == 'S' {
			dir = Reverse
		}
		if strings.Contains(text, " HTTP/1.1\r\n") && !strings.Contains(text, "\r\n\r\n") || strings.HasPrefix(text, "HTTP/") {
			text += "\r\n"
		}
		c.Send(dir, []byte(text))
	}
	c.Close(Forward)
	return c.Err()
}

func secretClient(w PacketWriter, start packet.Nanos, n int, port uint16) *Session {
	client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 7}), uint16(20000+n))
	return NewSession(w, start, client, netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, 7}), port))
}

// telnet writes a login with a segment for each key, and one with a segment for
// each line.
func telnet(w PacketWriter, start packet.Nanos, canary string) error {
	for i, size := range []int{1, 80} {
		c := secretClient(w, start+packet.Nanos(i)*packet.Nanos(time.Second), 100+i, 23)
		c.Handshake()
		c.Send(Reverse, []byte{0xff, 0xfd, 1, 0xff, 0xfb, 3}) // DO ECHO, WILL SUPPRESS-GO-AHEAD
		c.Send(Reverse, []byte("login: "))
		c.keys("user\r\n", size)
		c.Send(Reverse, []byte("Password: "))
		c.keys(canary+"\r\n", size)
		c.Send(Reverse, []byte("\r\n$ "))
		c.Close(Forward)
		if c.Err() != nil {
			return c.Err()
		}
	}
	return nil
}

// keys sends what is typed in segments of size bytes at most.
func (s *Session) keys(text string, size int) {
	for len(text) > 0 {
		n := min(size, len(text))
		s.Send(Forward, []byte(text[:n]))
		text = text[n:]
	}
}
