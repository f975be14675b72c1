package forward

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// ErrConfig says that a Config makes no sense.
var ErrConfig = errors.New("where to send")

// Config says from where to where alerts are sent.
type Config struct {
	Alerts   string  // the file, as OUT/alerts.jsonl
	Position string  // file of what is delivered
	Target   Target  // the server
	Message  Message // what messages have

	Settle  time.Duration // a message is delivered when the connection has been whole for so long behind it
	Timeout time.Duration // of connecting, and of sending one message
	Least   time.Duration // between two attempts to connect, at first; doubled each time
	Longest time.Duration // at most
	Look    time.Duration // between two looks for further lines
}

// DefaultConfig has what suits a server on another machine.
func DefaultConfig() Config {
	return Config{
		Message: DefaultMessage(), Settle: 2 * time.Second, Timeout: 10 * time.Second,
		Least: 500 * time.Millisecond, Longest: time.Minute, Look: time.Second,
	}
}

// Validate reports values out of range.
func (c *Config) Validate() error {
	switch {
	case c.Alerts == "" || c.Position == "":
		return fmt.Errorf("%w: no file of alerts, or none for the position", ErrConfig)
	case c.Target.Network == "":
		return fmt.Errorf("%w: no server", ErrConfig)
	case c.Settle < 0 || c.Timeout <= 0 || c.Least <= 0 || c.Longest < c.Least || c.Look <= 0:
		return fmt.Errorf("%w: a time below 0, or 0", ErrConfig)
	}
	return c.Message.validate()
}

// Target is a server.
type Target struct {
	Network string // udp, tcp, unixgram
	Address string // HOST:PORT, or the path of a socket
}

// ports of syslog where none is named: RFC 5426 and RFC 6587.
var ports = map[string]string{"udp": "514", "tcp": "601"}

// ParseTarget reads udp://HOST:514, tcp://HOST:601 or unix:/dev/log.
func ParseTarget(s string) (Target, error) {
	if path, is := strings.CutPrefix(s, "unix:"); is {
		path = strings.TrimPrefix(path, "//")
		if path == "" || strings.ContainsRune(path, 0) {
			return Target{}, fmt.Errorf("%w: %q names no socket; want unix:/dev/log", ErrConfig, s)
		}
		return Target{"unixgram", path}, nil
	}
	network, address, is := strings.Cut(s, "://")
	port := ports[network]
	if !is || port == "" {
		return Target{}, fmt.Errorf("%w: %q; want udp://HOST:514, tcp://HOST:601 or unix:/dev/log", ErrConfig, s)
	}
	host, given, err := net.SplitHostPort(address)
	if err != nil {
		host, given = strings.Trim(address, "[]"), port
	}
	if host == "" || given == "" {
		return Target{}, fmt.Errorf("%w: %q names no host or port", ErrConfig, s)
	}
	return Target{network, net.JoinHostPort(host, given)}, nil
}

// String is what ParseTarget reads.
func (t Target) String() string {
	if t.Network == "unixgram" {
		return "unix:" + t.Address
	}
	return t.Network + "://" + t.Address
}
