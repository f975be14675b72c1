//go:build !nounsafe

package sandbox

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// scene is the folders of a live run and what lies outside.
type scene struct {
	dir, segments, out, rules, secret, listed string
	listener                                  net.Listener
	port                                      string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	dir, err := os.MkdirTemp("", "pcapmill-sandbox-") // as t.TempDir, for any user to pass through
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &scene{dir: dir, segments: dir + "/segments", out: dir + "/out", rules: dir + "/rules/rules.yaml", secret: dir + "/secret", listed: dir + "/rules"}
	for _, d := range []string{s.segments, s.out, s.listed} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{s.segments + "/segment", s.rules, s.rules + ".new", s.secret, s.out + "/ledger.jsonl"} {
		if err := os.WriteFile(f, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.listener.Close() })
	_, s.port, _ = net.SplitHostPort(s.listener.Addr().String())
	return s
}

func (s *scene) analysis() Config {
	return Config{Read: []string{s.segments}, Reread: []string{s.rules}, Write: []string{s.out}}
}

// run starts a child, as another user where uid is not 0, with ambient capabilities.
func (s *scene) run(t *testing.T, o order, uid int, ambient ...uintptr) answer {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	if uid != 0 {
		cmd.Path = s.give(t, self, uid)
		cmd.Dir = s.dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}, AmbientCaps: ambient}
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the child: %v", err)
	}
	var a answer
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&a); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	if slices.ContainsFunc(a.Report.Missing, func(m string) bool { return strings.Contains(m, "cgo") }) {
		t.Skip("built with cgo: the sandbox needs CGO_ENABLED=0")
	}
	return a
}

// give makes a user the owner of the scene and returns a copy of the binary there.
func (s *scene) give(t *testing.T, self string, uid int) string {
	t.Helper()
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(s.dir, "child")
	if err := os.WriteFile(copied, data, 0o700); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(s.dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || path == s.secret {
			return err
		}
		return os.Chown(path, uid, uid)
	})
	if err != nil {
		t.Fatal(err)
	}
	return copied
}

// expect runs deeds in a child and compares each with what should come of it.
func (s *scene) expect(t *testing.T, o order, want [][3]string) answer {
	t.Helper()
	for _, w := range want {
		o.Tries = append(o.Tries, try{w[0], w[1]})
	}
	a := s.run(t, o, 0)
	if a.Err != "" {
		t.Fatal(a.Err)
	}
	for i, w := range want {
		if !slices.Contains(strings.Split(w[2], "|"), a.Results[i]) {
			t.Errorf("%s %s: %s, not %s", w[0], w[1], a.Results[i], w[2])
		}
	}
	return a
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to show what even root may not")
	}
}

// needAll skips where the kernel has less than the newest guard we use.
func needAll(t *testing.T) {
	t.Helper()
	if abi, err := askLandlock(unix.LANDLOCK_CREATE_RULESET_VERSION); err != nil || abi < 6 || auditArch == 0 {
		t.Skipf("this kernel has Landlock %d (%v): the test needs 6", abi, err)
	}
}

func TestAnalysisMayWriteItsOutputAndNothingElse(t *testing.T) {
	needRoot(t)
	needAll(t)
	s := newScene(t)
	a := s.expect(t, order{Config: s.analysis(), Spin: true}, [][3]string{
		{"read", s.segments + "/segment", "ok"},
		{"list", s.segments, "ok"},
		{"write", s.segments + "/new", "EACCES"},
		{"write", s.segments + "/segment", "EACCES"},
		{"append", s.segments + "/segment", "EACCES"},
		{"cut", s.segments + "/segment", "EACCES"},
		{"remove", s.segments + "/segment", "EACCES"},
		{"link", s.segments + "/link", "EACCES"},
		{"publish", s.out, "ok"},
		{"publish", s.segments, "EACCES"},
		{"mknod", s.out + "/pipe", "EPERM|EACCES"},
		{"read", s.rules, "ok"},
		{"read", s.rules + ".new", "ok"},
		{"list", s.listed, "EACCES"},
		{"write", s.rules, "EACCES"},
		{"read", s.secret, "EACCES"},
		{"read", "/etc/shadow", "EACCES"},
		{"list", "/", "EACCES"},
		{"read", "/proc/self/status", "ok"},
		{"read", "/proc/" + strconv.Itoa(os.Getpid()) + "/environ", "EACCES"},
		{"dial", s.listener.Addr().String(), "EPERM"},
		{"listen", "127.0.0.1:0", "EPERM"},
		{"udp", "", "EPERM"},
		{"tcp", "", "EPERM"},
		{"mptcp", "", "EPERM"},
		{"raw", "", "EPERM"},
		{"packet", "", "EPERM"},
		{"netlink", "", "EPERM"},
		{"vsock", "", "EPERM"},
		{"unix", "", "ok"},
		{"ptrace", "", "EPERM"},
		{"signal", "", "EPERM"},
		{"self", "", "ok"},
		{"exec", "/bin/true", "EPERM|EACCES"},
		{"become", "/bin/true", "EPERM|EACCES"},
		{"mount", s.out, "EPERM"},
		{"unshare", "", "EPERM"},
		{"uring", "", "EPERM"},
		{"type", "", "EPERM"},
		{"host", "", "EPERM"},
		{"again", "", "rights cannot be given up: the sandbox is closed already: it takes no second list of what is allowed"},
	})
	want := []string{"CapInh= CapPrm= CapEff= CapBnd= CapAmb= NoNewPrivs=1 Seccomp=2"}
	if !slices.Equal(a.Threads, want) {
		t.Errorf("threads: %q", a.Threads)
	}
	if r := a.Report; !r.NoNewPrivs || r.Landlock < 6 || !r.Seccomp || len(r.Capabilities)+len(r.Missing) > 0 {
		t.Errorf("report: %+v", r)
	}
}

// The same deeds succeed without the sandbox: the test above can fail.
func TestTheDeedsArePossibleWithoutTheSandbox(t *testing.T) {
	needRoot(t)
	s := newScene(t)
	config := s.analysis()
	config.Mode = Off
	s.expect(t, order{Config: config}, [][3]string{
		{"write", s.segments + "/new", "ok"},
		{"cut", s.segments + "/segment", "ok"},
		{"publish", s.segments, "ok"},
		{"read", s.secret, "ok"},
		{"list", "/", "ok"},
		{"dial", s.listener.Addr().String(), "ok"},
		{"udp", "", "ok"},
		{"netlink", "", "ok"},
		{"packet", "", "ok"},
		{"signal", "", "ok"},
		{"exec", "/bin/true", "ok"},
	})
}

func TestAFileThatIsReplacedIsReadAgain(t *testing.T) {
	needRoot(t)
	needAll(t)
	s := newScene(t)
	config := s.analysis()
	config.Write = append(config.Write, s.listed)
	config.Reread = nil
	s.expect(t, order{Config: config}, [][3]string{{"read", s.rules, "ok"}})
	config = s.analysis()
	config.Reread = []string{s.listed + "/comes-later"}
	s.expect(t, order{Config: config}, [][3]string{{"read", s.rules, "ok"}, {"read", s.listed + "/comes-later", "ENOENT"}})
}

func TestAnalysisWithMetricsMayListenAndNotConnect(t *testing.T) {
	needRoot(t)
	needAll(t)
	s := newScene(t)
	port, err := strconv.ParseUint(s.port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	config := s.analysis()
	config.BindTCP = []uint16{uint16(port)}
	address := s.listener.Addr().String()
	s.expect(t, order{Config: config}, [][3]string{{"dial", address, "EACCES"}, {"mptcp", "", "EPERM"}, {"udp", "", "EPERM"}, {"listen", "127.0.0.1:1", "EACCES"}})
	s.listener.Close()
	s.expect(t, order{Config: config}, [][3]string{{"listen", address, "ok"}})
}

func TestAbstractSocketsOfOthersAreClosed(t *testing.T) {
	needRoot(t)
	needAll(t)
	s := newScene(t)
	name := "@pcapmill-sandbox-" + strconv.Itoa(os.Getpid())
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s.expect(t, order{Config: s.analysis()}, [][3]string{{"abstract", name, "EPERM"}})
	s.expect(t, order{Config: Config{Mode: Off}}, [][3]string{{"abstract", name, "ok"}})
}

func TestCaptureKeepsItsCapabilityAndWritesSegmentsAlone(t *testing.T) {
	needRoot(t)
	needAll(t)
	s := newScene(t)
	config := Config{Write: []string{s.segments}, Reread: []string{s.out + "/ledger.jsonl"}}
	a := s.expect(t, order{Config: config, Capture: true}, [][3]string{
		{"publish", s.segments, "ok"},
		{"read", s.out + "/ledger.jsonl", "ok"},
		{"append", s.out + "/ledger.jsonl", "EACCES"},
		{"write", s.out + "/new", "EACCES"},
		{"list", s.out, "EACCES"},
		{"read", s.secret, "EACCES"},
		{"packet", "", "ok"},
		{"netlink", "", "ok"},
		{"udp", "", "EPERM"},
		{"dial", s.listener.Addr().String(), "EPERM"},
		{"ptrace", "", "EPERM"},
		{"exec", "/bin/true", "EPERM|EACCES"},
		{"host", "", "EPERM"},
	})
	want := []string{"CapInh= CapPrm=2000 CapEff=2000 CapBnd= CapAmb= NoNewPrivs=1 Seccomp=2"} // 1 << 13
	if !slices.Equal(a.Threads, want) {
		t.Errorf("threads: %q", a.Threads)
	}
	if !slices.Equal(a.Report.Capabilities, []string{"CAP_NET_RAW"}) {
		t.Errorf("kept: %q", a.Report.Capabilities)
	}
	config.NetAdmin = true
	if a := s.expect(t, order{Config: config, Capture: true}, nil); !slices.Equal(a.Report.Capabilities, []string{"CAP_NET_ADMIN", "CAP_NET_RAW"}) {
		t.Errorf("kept: %q", a.Report.Capabilities)
	}
}

// As systemd starts it: another user, one ambient capability.
func TestCaptureOfAnotherUserKeepsAnAmbientCapability(t *testing.T) {
	needRoot(t)
	needAll(t)
	s := newScene(t)
	o := order{Capture: true, Config: Config{Write: []string{s.segments}}, Tries: []try{{"packet", ""}, {"publish", s.segments}}}
	a := s.run(t, o, 65534, unix.CAP_NET_RAW)
	if a.Err != "" || !slices.Equal(a.Results, []string{"ok", "ok"}) || len(a.Report.Notes) != 1 {
		t.Errorf("%+v", a)
	}
	o.Unit = true
	if a := s.run(t, o, 65534, unix.CAP_NET_RAW); a.Err != "" || a.Results[0] != "ok" || len(a.Report.Notes) != 2 {
		t.Errorf("under a unit's filter: %+v", a)
	}
	if a := s.run(t, o, 0); !strings.Contains(a.Err, "giving up capabilities") {
		t.Errorf("root under a unit's filter: %+v", a)
	}
	o.Unit = false
	if a := s.run(t, o, 65534); a.Err != "" || a.Results[0] != "EPERM" || len(a.Report.Capabilities) != 0 {
		t.Errorf("without the capability: %+v", a)
	}
}

// Root without capabilities is bound by owners and modes: better said at the start than
// at the first table.
func TestFoldersOfOthersAreNamed(t *testing.T) {
	needRoot(t)
	needAll(t)
	s := newScene(t)
	if err := os.Chown(s.out, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	a := s.run(t, order{Config: s.analysis()}, 0)
	if !strings.Contains(a.Err, "writing "+s.out+" needs a right of root") {
		t.Errorf("%q", a.Err)
	}
}

func TestPathsMustBeThere(t *testing.T) {
	s := newScene(t)
	a := s.run(t, order{Config: Config{Read: []string{s.dir + "/a"}, Write: []string{s.dir + "/b"}}}, 0)
	for _, want := range []string{s.dir + "/a", s.dir + "/b", "no such file"} {
		if !strings.Contains(a.Err, want) {
			t.Errorf("%q does not say %s", a.Err, want)
		}
	}
	if len(a.Threads) != 1 || !strings.Contains(a.Threads[0], "Seccomp= ") && !strings.HasSuffix(a.Threads[0], "Seccomp=") {
		t.Errorf("something was taken before: %q", a.Threads)
	}
}
