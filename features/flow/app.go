package flow

import "pcapmill/features/column"

// AppText is a text that the messages of a flow say about it.
type AppText uint8

// The texts, in the order of their columns.
const (
	ServerName AppText = iota
	ALPN
	TLSVersion
	JA3
	JA3S
	JA4
	HASSH
	HASSHServer
	DNSName
	HTTPHost
	UserAgent
	appTexts
)

// appColumns are the texts' columns.
var appColumns = [appTexts]struct {
	name, doc, source string
	most              int // bytes; the rest is cut off
	role              column.Role
}{
	ServerName:  {"server_name", "Name of the server that the client asked for: in the TLS or QUIC hello (of ECH the outer one), else the HTTP host without its port.", "RFC 6066, RFC 9110", 255, column.LeakProne},
	ALPN:        {"alpn", "Application protocol that the TLS server chose; the client's offers, separated by commas, where the server's answer does not say or was not seen.", "RFC 7301", 255, column.Feature},
	TLSVersion:  {"tls_version", "Version that the TLS server chose: SSLv3, TLSv1.0, …, TLSv1.3; of QUIC too.", "RFC 8446", 16, column.Feature},
	JA3:         {"ja3", "JA3 of the TLS client hello: MD5 of its version, ciphers, extensions, groups, point formats.", "Salesforce JA3", 32, column.Feature},
	JA3S:        {"ja3s", "JA3S of the TLS server hello: MD5 of its version, cipher, extensions.", "Salesforce JA3", 32, column.Feature},
	JA4:         {"ja4", "JA4 of the TLS or QUIC client hello. The rest of its family is under a licence that does not allow it here.", "FoxIO JA4", 36, column.Feature},
	HASSH:       {"hassh", "HASSH of the SSH client: MD5 of its key exchange, cipher, MAC and compression lists.", "Salesforce HASSH", 32, column.Feature},
	HASSHServer: {"hassh_server", "HASSH of the SSH server.", "Salesforce HASSH", 32, column.Feature},
	DNSName:     {"dns_name", "Name for which DNS gave the initiator the responder's address: of the answers seen before the flow's first packet and valid then, the latest; through CNAMEs the name that was asked for.", "", 255, column.LeakProne},
	HTTPHost:    {"http_host", "Host of the first HTTP request, as it is written.", "RFC 9110", 255, column.LeakProne},
	UserAgent:   {"user_agent", "User agent of the first HTTP request that has one; at most 512 bytes.", "RFC 9110", 512, column.Feature},
}

// App is what the streams and messages of a flow say about it.
type App struct {
	Streams [2]Stream         // by direction
	texts   *[appTexts]string // nil: none
	status  int32             // first HTTP status; 0: none
}

// Stream is how the bytes of one TCP direction came, as far as they were looked at.
type Stream struct {
	Bytes         int64 // in order or brought into it
	GapBytes      int64 // missing for good
	HeldBytes     int64 // came before bytes that belong before them
	OverlapBytes  int64 // came again: alike, or for a place read already
	ConflictBytes int64 // came again and differ from what waited
	Gaps          int64
	StartKnown    bool // by a SYN of either side
	Seen          bool // anything was looked at
}

// Set sets a text that is not set yet and returns the bytes that it takes.
func (a *App) Set(text AppText, value []byte) int {
	if a.texts == nil {
		a.texts = new([appTexts]string)
	}
	if a.texts[text] != "" {
		return 0
	}
	value = value[:min(len(value), appColumns[text].most)]
	a.texts[text] = string(value)
	return len(value)
}

// Clear takes a text away.
func (a *App) Clear(text AppText) {
	if a.texts != nil {
		a.texts[text] = ""
	}
}

// Text returns a text; empty where there is none.
func (a *App) Text(text AppText) string {
	if a == nil || a.texts == nil {
		return ""
	}
	return a.texts[text]
}

// Copy returns a copy that changes no more when a does.
func (a *App) Copy() *App {
	b := *a
	if a.texts != nil {
		texts := *a.texts
		b.texts = &texts
	}
	return &b
}

// SetStatus sets the first HTTP status, unless there is one.
func (a *App) SetStatus(code int32) {
	if a.status == 0 {
		a.status = code
	}
}
