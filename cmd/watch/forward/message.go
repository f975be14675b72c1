package forward

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"pcapmill/outputs/text"
)

// Message says what messages have besides the alert.
type Message struct {
	Host       string // of the sender: HOSTNAME
	App        string // APP-NAME
	Facility   int    // 0 to 23
	Enterprise int    // private enterprise number of SD-ID
	Most       int    // bytes of a message
}

// DefaultMessage has facility local0, the enterprise number that RFC 5612 keeps for examples,
// as we have none, and what RFC 5426 says that receivers should take.
func DefaultMessage() Message {
	return Message{App: "pcapmill", Facility: 16, Enterprise: 32473, Most: 2048}
}

// leastMost is what RFC 5426 says that every receiver takes.
const leastMost, mostMost = 480, 65000

func (m *Message) validate() error {
	switch {
	case m.Facility < 0 || m.Facility > 23:
		return fmt.Errorf("%w: facility %d: want 0 to 23", ErrConfig, m.Facility)
	case m.Enterprise < 0:
		return fmt.Errorf("%w: enterprise number %d", ErrConfig, m.Enterprise)
	case m.Most < leastMost || m.Most > mostMost:
		return fmt.Errorf("%w: messages of %d bytes: want %d to %d", ErrConfig, m.Most, leastMost, mostMost)
	}
	return nil
}

// line is what a message takes from an alert. The others of its members stay in the file.
type line struct {
	Time  time.Time `json:"@timestamp"`
	Event struct {
		ID, Action, Dataset string
		Start, End          time.Time
	}
	Rule struct{ ID string }
	Host struct{ IP []string }

	Message string
	Labels  struct {
		Severity, Layer, Segment, Subject, Table string
	}
	Pcapmill struct {
		AlertID string `json:"alert_id"`
	}
}

// errNoAlert says that a line is no alert.
var errNoAlert = errors.New("no alert")

// severities of RFC 5424 by ours.
var severities = map[string]int{"critical": 2, "high": 3, "medium": 4, "low": 5}

// info is the severity of what has none of ours.
const info = 6

// bom says that what follows is UTF-8.
const bom = "\uFEFF"

// Format makes an RFC 5424 message of a line of the file; cut says that its text had no room.
// Texts in it are escaped: they come from packets.
func (m *Message) Format(data []byte) (message []byte, cut bool, err error) {
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		return nil, false, fmt.Errorf("%w: %w", errNoAlert, err)
	}
	if l.Time.IsZero() || l.Event.ID == "" {
		return nil, false, fmt.Errorf("%w: no time or no id", errNoAlert)
	}
	words := escaped(l.Message)
	for _, longest := range []int{200, 40, 0} {
		head := m.head(&l, longest)
		if len(head)+len(words) <= m.Most {
			return append([]byte(head), words...), longest != 200, nil
		}
		if room := m.Most - len(head); room >= leastWords {
			return append([]byte(head), clip(words, room)...), true, nil
		}
	}
	return nil, false, fmt.Errorf("%w: it does not fit", errNoAlert) // of no line: a head without values is short
}

// leastWords of the text are worth a message with structured data.
const leastWords = 100

// clip is the beginning of a text, without a part of a character at its end.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// escaped makes what is unprintable visible. Backslashes stay: most texts in alerts have been
// escaped, and twice would be hard to read.
func escaped(s string) string {
	parts := strings.Split(s, `\`)
	for i := range parts {
		parts[i] = text.Escape(parts[i])
	}
	return strings.Join(parts, `\`)
}

// head is all before the text. Values are as long as longest; of 0 there are none.
func (m *Message) head(l *line, longest int) string {
	severity, known := severities[l.Labels.Severity]
	if !known {
		severity = info
	}
	return fmt.Sprintf("<%d>1 %s %s %s - %s %s %s", m.Facility*8+severity,
		l.Time.UTC().Format("2006-01-02T15:04:05.999999Z07:00"), token(m.Host, 255), token(m.App, 48), token(l.Event.Action, 32), m.data(l, longest), bom)
}

// data is STRUCTURED-DATA.
func (m *Message) data(l *line, longest int) string {
	if longest == 0 {
		longest = 64
		return "[alert@" + strconv.Itoa(m.Enterprise) + param("id", l.Event.ID, longest) + "]"
	}
	var b strings.Builder
	b.WriteString("[alert@" + strconv.Itoa(m.Enterprise))
	host := ""
	if len(l.Host.IP) > 0 {
		host = l.Host.IP[0]
	}
	for _, p := range [][2]string{
		{"id", l.Event.ID}, {"alert_id", l.Pcapmill.AlertID}, {"severity", l.Labels.Severity}, {"rule", l.Rule.ID}, {"host", host},
		{"layer", l.Labels.Layer}, {"segment", l.Labels.Segment}, {"subject", l.Labels.Subject}, {"table", l.Labels.Table},
		{"start", stamp(l.Event.Start)}, {"end", stamp(l.Event.End)},
	} {
		if p[1] != "" {
			b.WriteString(param(p[0], p[1], longest))
		}
	}
	return b.String() + "]"
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// quoting is what PARAM-VALUE wants behind a backslash.
var quoting = strings.NewReplacer(`"`, `\"`, `\`, `\\`, `]`, `\]`)

// param is one SD-PARAM.
func param(name, value string, longest int) string {
	return " " + name + `="` + quoting.Replace(clip(escaped(value), longest)) + `"`
}

// token is a field of printable ASCII without spaces, "-" where there is nothing.
func token(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || r == utf8.RuneError {
			return '_'
		}
		return r
	}, s)
	if s = clip(s, most); s == "" {
		return "-"
	}
	return s
}
