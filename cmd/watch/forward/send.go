package forward

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"
)

// errPeer says that the other side closed the connection.
var errPeer = errors.New("the server closed the connection")

// link is one connection to a server. What it tells of the other side comes from a goroutine
// of its own, which ends with it.
type link struct {
	conn    net.Conn
	stream  bool // messages need a frame
	timeout time.Duration
	broken  chan error // one error, when the other side has gone
}

// dial connects.
func dial(ctx context.Context, t Target, timeout time.Duration) (*link, error) {
	d := net.Dialer{Timeout: timeout}
	conn, err := d.DialContext(ctx, t.Network, t.Address)
	if err != nil {
		return nil, err
	}
	l := &link{conn: conn, stream: t.Network == "tcp", timeout: timeout, broken: make(chan error, 1)}
	if t.Network != "unixgram" { // which has nobody to hear from
		go l.listen()
	}
	return l, nil
}

// listen waits for the end: servers of syslog say nothing. Of UDP, it is told that nobody is there.
func (l *link) listen() {
	var buf [512]byte
	for {
		if _, err := l.conn.Read(buf[:]); err != nil {
			l.broken <- errors.Join(errPeer, err)
			return
		}
	}
}

// send sends one message whole.
func (l *link) send(message []byte) error {
	if err := l.whole(); err != nil {
		return err
	}
	if l.stream { // octet counting of RFC 6587: a message may have any byte
		message = append(append(strconv.AppendInt(nil, int64(len(message)), 10), ' '), message...)
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(l.timeout)); err != nil {
		return err
	}
	_, err := l.conn.Write(message)
	return err
}

// whole returns why the connection is of no use, if it is not.
func (l *link) whole() error {
	select {
	case err := <-l.broken:
		l.broken <- err // for whoever asks again
		return err
	default:
		return nil
	}
}

// acknowledged reports whether the other side's system has all that was sent, as far as is known.
func (l *link) acknowledged() bool {
	if !l.stream {
		return true
	}
	n, known := unacknowledged(l.conn)
	return !known || n == 0
}

func (l *link) close() { l.conn.Close() } //nolint:errcheck,gosec // what counts is known by then
