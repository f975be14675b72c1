package traffic

import "encoding/json"

// Message is a kind of application message.
type Message uint8

// The kinds. A message is counted once, when all its bytes are in the capture;
// that of HTTP whose body is cut short by the end of its connection counts.
const (
	DNSQuery Message = iota // over UDP
	DNSAnswer
	DNSQueryTCP
	DNSAnswerTCP
	ClientHello // of TLS over TCP
	ServerHello
	Certificate     // each of those in TLS 1.2 and below
	QUICClientHello // decrypted from Initial packets
	QUICServerHello
	HTTPRequest
	HTTPResponse
	SSHBanner // of both sides
	SSHKexInit
	DHCPv4
	DHCPv6
	NumMessages
)

var messageNames = [NumMessages]string{
	"dns_query", "dns_answer", "dns_query_tcp", "dns_answer_tcp",
	"tls_client_hello", "tls_server_hello", "tls_certificate", "quic_client_hello", "quic_server_hello",
	"http_request", "http_response", "ssh_banner", "ssh_kexinit", "dhcp4", "dhcp6",
}

func (m Message) String() string { return messageNames[m] }

// Messages counts by kind. In JSON it is an object without those that are 0.
type Messages [NumMessages]int64

// MarshalJSON implements json.Marshaler.
func (m Messages) MarshalJSON() ([]byte, error) {
	byName := map[string]int64{}
	for i, n := range m {
		if n > 0 {
			byName[messageNames[i]] = n
		}
	}
	return json.Marshal(byName)
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Messages) UnmarshalJSON(b []byte) error {
	var byName map[string]int64
	if err := json.Unmarshal(b, &byName); err != nil {
		return err
	}
	for i, name := range messageNames {
		m[i] = byName[name]
	}
	return nil
}

func (m *Messages) add(other *Messages) {
	for i, n := range other {
		m[i] += n
	}
}

// Said is what the messages of one conversation say. Fields that its protocol
// lacks are empty.
type Said struct {
	App string `json:"app,omitempty"` // dns, tls, quic, http, ssh, dhcp

	// DNSName is the name whose lookup by the same client was answered with the
	// responder's address before this conversation began. Without one the client
	// may by chance have looked the address up all the same: no address is the
	// answer for two names.
	DNSName string `json:"dns_name,omitempty"`

	Question     string `json:"question,omitempty"` // the first one
	QuestionType uint16 `json:"question_type,omitempty"`
	ResponseCode uint8  `json:"response_code,omitempty"`

	Hello      string `json:"hello,omitempty"` // the kind of client that said it
	ServerName string `json:"server_name,omitempty"`
	ALPN       string `json:"alpn,omitempty"`        // the client's first
	ALPNChosen string `json:"alpn_chosen,omitempty"` // where the server answers in the clear
	TLSVersion uint16 `json:"tls_version,omitempty"` // that the server chose

	Host        string `json:"host,omitempty"`
	UserAgent   string `json:"user_agent,omitempty"`
	FirstTarget string `json:"first_target,omitempty"`
	FirstStatus int    `json:"first_status,omitempty"`

	ClientBanner string `json:"client_banner,omitempty"`
	ServerBanner string `json:"server_banner,omitempty"`

	Messages Messages `json:"messages,omitzero"`
}
