package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"sync"
	"time"
)

// ErrAddress says that an address is none to listen at.
var ErrAddress = errors.New("address of metrics")

// Where says from where metrics can be asked for.
type Where int

// Loopback is the default; Anywhere is for who protects the port otherwise.
const (
	Loopback Where = iota
	Anywhere
)

// Listen opens a port. It can be called before rights are given up, and Serve after.
func Listen(address string, where Where) (net.Listener, error) {
	if err := Check(address, where); err != nil {
		return nil, err
	}
	return net.Listen("tcp", address)
}

// Check says why Listen would not take an address, and opens nothing.
func Check(address string, where Where) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w; want one as 127.0.0.1:9469", ErrAddress, err)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case where == Anywhere:
	case err != nil: // a name may be anybody's
		return fmt.Errorf("%w: %q is no address of this host's loopback, as 127.0.0.1 or [::1]; --metrics-any takes others", ErrAddress, host)
	case !ip.IsLoopback():
		return fmt.Errorf("%w: %s is seen from outside; --metrics-any takes it", ErrAddress, ip)
	}
	return nil
}

// Limits of requests.
const (
	mostHeader   = 8 << 10
	mostAtOnce   = 4
	toRead       = 5 * time.Second
	toWrite      = 10 * time.Second
	toProfile    = 90 * time.Second // profiles of 30 s are usual
	toIdle       = time.Minute
	mostConns    = 16
	toShutDown   = time.Second
	profilesBase = "/debug/pprof/"
)

// Profiles says whether pprof is shown too.
type Profiles int

// NoProfiles is the default.
const (
	NoProfiles Profiles = iota
	WithProfiles
)

// Serve answers at a port until the context ends. It closes the listener.
func Serve(ctx context.Context, l net.Listener, s *Store, p Profiles) error {
	server := &http.Server{
		Handler: Handler(s, p), MaxHeaderBytes: mostHeader, ReadTimeout: toRead, ReadHeaderTimeout: toRead, IdleTimeout: toIdle,
		WriteTimeout: toWrite, ErrorLog: log.New(io.Discard, "", 0), BaseContext: func(net.Listener) context.Context { return ctx },
	}
	if p == WithProfiles {
		server.WriteTimeout = toProfile
	}
	stop := context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), toShutDown)
		defer cancel()
		if server.Shutdown(end) != nil {
			server.Close() //nolint:errcheck,gosec // it ends
		}
	})
	defer stop()
	err := server.Serve(&few{Listener: l, room: make(chan struct{}, mostConns)})
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Handler answers /metrics and, where they are asked for, profiles.
func Handler(s *Store, p Profiles) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", ContentType)
		io.WriteString(w, s.Exposition()) //nolint:errcheck // who asked has gone
	})
	if p == WithProfiles {
		mux.HandleFunc(profilesBase, pprof.Index)
		mux.HandleFunc(profilesBase+"profile", pprof.Profile)
		mux.HandleFunc(profilesBase+"trace", pprof.Trace)
		mux.HandleFunc(profilesBase+"symbol", pprof.Symbol)
	}
	return limited(mux)
}

// limited lets in requests that only read, a few at once.
func limited(next http.Handler) http.Handler {
	room := make(chan struct{}, mostAtOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
			next.ServeHTTP(w, r)
		default:
			http.Error(w, "too many requests at once", http.StatusServiceUnavailable)
		}
	})
}

// few is a listener with room for so many connections at once; others wait in the kernel.
type few struct {
	net.Listener
	room chan struct{}
}

// Accept waits for room first.
func (f *few) Accept() (net.Conn, error) {
	f.room <- struct{}{} // given back by Close, which timeouts bring about
	c, err := f.Listener.Accept()
	if err != nil {
		<-f.room
		return nil, err
	}
	return &counted{Conn: c, room: f.room}, nil
}

// counted gives its room back once.
type counted struct {
	net.Conn
	once sync.Once
	room chan struct{}
}

// Close closes the connection.
func (c *counted) Close() error {
	c.once.Do(func() { <-c.room })
	return c.Conn.Close()
}
