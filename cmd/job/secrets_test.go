package job_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// secret is the one that is planted.
const secret = "Kanarienvogel4711"

// recorded are packets in memory.
type recorded struct {
	times  []packet.Nanos
	frames [][]byte
}

// WritePacket implements traffic.PacketWriter.
func (r *recorded) WritePacket(t packet.Nanos, wire uint32, data []byte) error {
	r.times, r.frames = append(r.times, t), append(r.frames, bytes.Clone(data))
	return nil
}

// oddSecrets are requests that carry the secret where a parser that is less careful
// would take it for something else.
func oddSecrets() []string {
	token := base64.StdEncoding.EncodeToString([]byte("user:" + secret))
	get := func(target, lines string) string {
		return "GET " + target + " HTTP/1.1\r\nHost: a.example\r\n" + lines + "\r\n"
	}
	h2 := func(name, value string) string {
		return string(append(append(append([]byte{0, byte(len(name))}, name...), byte(len(value))), value...))
	}
	block := "\x82" + h2(":path", "/p?k="+secret) + h2(":authority", "user:"+secret+"@b.example") + h2("authorization", "Basic "+token) +
		h2("cookie", "sid="+secret) + h2("cookie", secret) + h2("x-api-key", secret) + h2("referer", "https://c.example/?t="+secret)
	return []string{
		get("/", "Authorization:\r\n Basic "+token+"\r\n"),
		get("/", "authorization : "+secret+"\r\nProxy-Authorization: "+secret+", Digest response=\""+secret+"\"\r\n"),
		get("/", "Cookie: "+secret+"\r\nCookie: "+secret+"==\r\nCookie: "+secret+", a=b\r\n"),
		get("/", "Cookie session="+secret+"\r\n"+secret+"\r\n"),
		get("/?"+secret, ""), get("/?"+secret+"=", ""), get("/#"+secret, ""), get("/?a=b#"+secret+"=c", ""), get("/?"+secret+";a=b", ""),
		get("/a b?c="+secret, ""), get("//user:"+secret+"@a.example/", ""), get("user:"+secret+"@a.example/b", ""),
		"CONNECT user:" + secret + "@a.example:443 HTTP/1.1\r\n\r\n",
		"CONNECT a.example:443?k=" + secret + " HTTP/1.1\r\n\r\n", "CONNECT a.example:443#" + secret + " HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: user:" + secret + "@a.example\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example/p?k=" + secret + "\r\n\r\n",
		get("/", "Referer: //user:"+secret+"@a.example/x?"+secret+"\r\n"),
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + string([]byte{0, byte(len(block) >> 8), byte(len(block)), 1, 4, 0, 0, 0, 1}) + block,
	}
}

// plant returns the packets of all sessions, and the forms of the secret in them.
func plant(t *testing.T) (r recorded, secrets []traffic.Secret) {
	t.Helper()
	secrets, err := traffic.WriteSecrets(&r, 1e18, secret)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range oddSecrets() {
		c := traffic.NewSession(&r, 1e18+packet.Nanos(200+i)*1e9, netip.AddrPortFrom(netip.MustParseAddr("192.0.2.9"), uint16(30000+i)), netip.MustParseAddrPort("198.51.100.9:80"))
		c.Handshake()
		c.Send(traffic.Forward, []byte(text))
		c.Send(traffic.Reverse, []byte("HTTP/1.1 302 "+"Found\r\nLocation: //u:"+secret+"@x/?"+secret+"\r\nSet-Cookie: "+secret+"\r\nWWW-Authenticate: "+secret+"\r\nContent-Length: 0\r\n\r\n"))
		c.Close(traffic.Forward)
		if c.Err() != nil {
			t.Fatal(c.Err())
		}
	}
	return r, secrets
}

// file is a capture of the packets: of those that keep says, cut at snap bytes.
func (r *recorded) file(t *testing.T, snap int, keep func(i int) bool) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := capfile.NewPcapWriter(&b, capfile.DefaultPcapConfig())
	if err != nil {
		t.Fatal(err)
	}
	for i, frame := range r.frames {
		if keep(i) {
			if err := w.WritePacket(r.times[i], uint32(len(frame)), frame[:min(len(frame), snap)]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// findSecrets looks for the secret in every file of a folder.
func findSecrets(t *testing.T, what, dir string, secrets []traffic.Secret) (files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		for _, s := range secrets {
			if at := bytes.Index(data, []byte(s.Text)); at >= 0 {
				t.Errorf("%s: %s has the secret, %s: %q", what, filepath.Base(filepath.Dir(path)), s.Where, data[max(0, at-60):min(len(data), at+40)])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSecretsAreInNoOutput plants credentials in HTTP, FTP, SMTP, POP3, IMAP and Telnet:
// no table of any format and no other file has them, with whatever features, and
// whatever packets are missing or cut. With --keep-secrets they are there.
func TestSecretsAreInNoOutput(t *testing.T) {
	r, secrets := plant(t)
	whole := r.file(t, 1<<16, func(int) bool { return true })
	run := func(what string, file []byte, change func(*job.Options)) string {
		o := options(t, map[string][]byte{"a": file}, "a")
		o.Parquet.Codec = "none"
		change(&o)
		report, err := job.Run(context.Background(), o, job.IO{})
		if err != nil || report.Exit != job.ExitOK {
			t.Fatalf("%s: exit %d, %v", what, report.Exit, err)
		}
		return o.Out
	}
	for _, format := range job.Formats() {
		for _, features := range []string{"default", "all"} {
			what := fmt.Sprintf("%s, features %s", format, features)
			out := run(what, whole, func(o *job.Options) { o.Format, o.Stages.Features = format, []string{features} })
			if files := findSecrets(t, what, out, secrets); files < 10 && format != job.FormatSQLite {
				t.Errorf("%s: only %d files", what, files)
			}
		}
	}
	jsonl := func(o *job.Options) { o.Format = job.FormatJSONL }
	for _, every := range []int{2, 3, 5, 7} {
		for lacks := range every {
			what := fmt.Sprintf("without packets %d of %d", lacks, every)
			findSecrets(t, what, run(what, r.file(t, 1<<16, func(i int) bool { return i%every != lacks }), jsonl), secrets)
		}
	}
	for snap := 60; snap < 300; snap += 13 {
		what := fmt.Sprintf("cut at %d bytes", snap)
		findSecrets(t, what, run(what, r.file(t, snap, func(int) bool { return true }), jsonl), secrets)
	}
	slices.Reverse(r.frames)
	findSecrets(t, "last first", run("last first", r.file(t, 1<<16, func(int) bool { return true }), jsonl), secrets)

	kept := run("kept", whole, func(o *job.Options) { o.Format, o.Stages.Secrets = job.FormatJSONL, true })
	http, err := os.ReadFile(filepath.Join(kept, "http", "part-00000.jsonl"))
	if err != nil || strings.Count(string(http), secret) < 15 {
		t.Errorf("kept: %d times: %v", strings.Count(string(http), secret), err)
	}
}
