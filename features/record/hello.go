package record

import (
	"errors"

	"pcapmill/features/flow"
	"pcapmill/features/record/printable"
	"pcapmill/features/record/tls"
)

// hello is a hello of TLS, as TLS and QUIC carry it. One of client and server is set;
// neither in a row of QUIC without a hello.
type hello struct {
	client     *tls.ClientHello
	server     *tls.ServerHello
	bytes      int    // of the message without its header
	serverName []byte // that the connection's client asks for, printable
	malformed  bool
	cut        bool // what fingerprints are made of is not all there

	// What is made of it, empty where there is none. The memory is used again.
	offers         []byte // ALPN of the client, printable, with commas between them
	ja3, ja3s, ja4 []byte
	text           []byte
	prints         tls.Prints
}

// set takes a hello that came over a transport, and what was wrong with it.
func (h *hello) set(client *tls.ClientHello, server *tls.ServerHello, transport byte, err error) {
	h.client, h.server = client, server
	h.malformed = err != nil
	h.cut = err != nil && isCut(err)
	h.offers, h.ja3, h.ja3s, h.ja4 = h.offers[:0], h.ja3[:0], h.ja3s[:0], h.ja4[:0]
	if client != nil {
		h.offers = appendNames(h.offers, client.ALPN)
	}
	switch {
	case h.cut || h.isSSLv2():
	case client != nil:
		ja3, ja4 := h.prints.Client(client, transport)
		h.ja3, h.ja4 = append(h.ja3, ja3...), append(h.ja4, ja4...)
	case server != nil:
		h.ja3s = append(h.ja3s, h.prints.Server(server)...)
	}
}

// isCut reports a hello that ends inside a field.
func isCut(err error) bool {
	var failed *tls.Error
	return errors.As(err, &failed) && failed.Reason == tls.Cut
}

// appendNames appends names with commas between them.
func appendNames(dst []byte, names [][]byte) []byte {
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = printable.AppendDelimited(dst, name, ',')
	}
	return dst
}

// say tells the flow's row.
func (h *hello) say(c *Conversation) {
	switch {
	case h.client != nil:
		if !c.App.Says(flow.JA4) { // the first hello counts, and more than whom a proxy was asked for before
			c.Correct(flow.ServerName, h.serverName)
		}
		c.Say(flow.ALPN, h.offers)
		c.Say(flow.JA3, h.ja3)
		c.Say(flow.JA4, h.ja4)
	case h.answers():
		h.text = tls.AppendVersionName(h.text[:0], h.server.NegotiatedVersion())
		c.Say(flow.TLSVersion, h.text)
		h.text = printable.AppendDelimited(h.text[:0], h.server.ALPN, ',')
		c.Correct(flow.ALPN, h.text)
		c.Say(flow.JA3S, h.ja3s)
	}
}

// answers reports a server's hello that chooses: it does not ask for another, nor is it
// cut.
func (h *hello) answers() bool { return h.server != nil && !h.server.HelloRetry && !h.cut }

// kind names what the hello is; empty where there is none.
func (h *hello) kind() string {
	switch {
	case h.client != nil:
		return "client_hello"
	case h.server == nil:
		return ""
	case h.server.HelloRetry:
		return "hello_retry_request"
	}
	return "server_hello"
}

// version returns the highest version that a client offers, or the server's choice.
func (h *hello) version() (version uint16, known bool) {
	switch {
	case h.client != nil:
		return h.client.MaxVersion(), true
	case h.server != nil:
		return h.server.NegotiatedVersion(), true
	}
	return 0, false
}

func (h *hello) extensions() []uint16 {
	switch {
	case h.client != nil:
		return h.client.Extensions
	case h.server != nil:
		return h.server.Extensions
	}
	return nil
}

func (h *hello) eachALPN(add func([]byte)) {
	switch {
	case h.client != nil:
		for _, name := range h.client.ALPN {
			add(name)
		}
	case h.server != nil && h.server.ALPN != nil:
		add(h.server.ALPN)
	}
}

func (h *hello) isSSLv2() bool {
	return h.client != nil && h.client.SSLv2 || h.server != nil && h.server.SSLv2
}
