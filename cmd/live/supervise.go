package live

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"pcapmill/cmd/job"
)

// How long parts may take once the supervisor is told to stop: together ten seconds at most.
const (
	captureEnds    = 4 * time.Second        // capture finishes its segment, or is killed
	analysisEnds   = 3 * time.Second        // from then on analysis may do what waits, before it is told to stop
	analysisStops  = grace - 2*time.Second  // and then it may take so long, before it is killed
	soon           = 2 * time.Second        // a part that ends so early, the first time, never will start
	tidies         = time.Second            // and so long to delete what may go
	mostRestarts   = 5                      // within restartSpan; then a part is given up
	restartSpan    = 5 * time.Minute        //
	firstPause     = 500 * time.Millisecond // before a part is started again; doubled each time
	longestPause   = 30 * time.Second       //
	variablePrefix = "PCAPMILL_"            // of the environment, which has been heard: children get flags
)

// Parts are the command lines of the two processes of live mode, without the program.
type Parts struct {
	Capture  []string
	Analysis []string // waits for more until its standard input ends
	Tidy     []string // deletes what analysis released at its end; nil: nothing is deleted
}

// Supervisor starts both parts, and starts again what died. Parts are in process groups of their own,
// so that a terminal's signals come to the supervisor alone, and end with it where the system can.
type Supervisor struct {
	Program string
	Parts   Parts
	Log     *slog.Logger
	Errors  *os.File            // where parts say what they have to say
	Said    func(line string)   // takes what parts say instead, line by line; may be nil
	Status  func(pipe *os.File) // reads what a part that starts tells of itself until it ends; may be nil
	Hangup  <-chan struct{}     // goes to analysis
	Rotate  <-chan struct{}     // goes to capture
	Lasts   time.Duration       // how long capture lasts; 0: until it is told to end

	capture, analysis *part
	exits             chan exit
	stopping          bool
	deadline          *time.Timer   // of what is waited for while stopping
	soon              time.Duration // instead of the constant; 0 is that
}

// part is one of the processes, over all its starts.
type part struct {
	name    string
	args    []string
	command *exec.Cmd // nil: it does not run
	input   io.Closer // closed: no more will come
	started time.Time
	starts  []time.Time
	again   *time.Timer // nil: it is not to be started
	over    bool
	code    int
}

// exit is a process that ended.
type exit struct {
	of   *part
	code int    // 128+n where a signal ended it
	how  string // for people
}

// Run returns when both parts have ended for good: because the context was cancelled, which stops
// capture and then analysis, because the capture's time was over, or because a part could not be
// kept alive. The code is that of the process.
func (s *Supervisor) Run(ctx context.Context) int {
	runtime.LockOSThread() // the system tells children of the death of the thread that made them
	defer runtime.UnlockOSThread()
	s.exits = make(chan exit, 2)
	s.capture = &part{name: "capture", args: s.Parts.Capture}
	s.analysis = &part{name: "analysis", args: s.Parts.Analysis}
	s.deadline = time.NewTimer(time.Hour)
	s.deadline.Stop()
	s.start(s.capture)
	s.start(s.analysis)
	stop := ctx.Done()
	for !s.capture.over || !s.analysis.over {
		select {
		case <-stop:
			stop = nil
			s.stop()
		case e := <-s.exits:
			s.ended(&e)
		case <-s.deadline.C:
			s.hurry()
		case <-s.capture.due():
			s.start(s.capture)
		case <-s.analysis.due():
			s.start(s.analysis)
		case <-s.Hangup:
			s.analysis.signal(syscall.SIGHUP)
		case <-s.Rotate:
			s.capture.signal(rotateSignal)
		}
	}
	s.tidy()
	return s.code()
}

// tidy deletes segments that may go now that both have ended. Nothing depends on it: the next start
// does it, too.
func (s *Supervisor) tidy() {
	if s.Parts.Tidy == nil || s.analysis.code != 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tidies)
	defer cancel()
	c := exec.CommandContext(ctx, s.Program, s.Parts.Tidy...)
	said, err := c.CombinedOutput()
	if err != nil {
		s.Log.Warn(fmt.Sprintf("segments that may go were not deleted: %v: %s", err, bytes.TrimSpace(said)))
		return
	}
	if len(said) > 0 {
		s.Log.Info(string(bytes.TrimSpace(said)))
	}
}

// code is that of the part that went wrong, capture's first.
func (s *Supervisor) code() int {
	if s.capture.code != 0 {
		return s.capture.code
	}
	return s.analysis.code
}

// due returns when a part is to be started again, nil where it is not.
func (p *part) due() <-chan time.Time {
	if p.again == nil {
		return nil
	}
	return p.again.C
}

// start starts a part.
func (s *Supervisor) start(p *part) {
	p.again, p.started = nil, time.Now()
	if err := s.launch(p); err != nil {
		s.Log.Error(fmt.Sprintf("%s cannot be started: %v", p.name, err))
		s.ended(&exit{of: p, code: job.ExitInternal, how: "was not started"})
		return
	}
	p.starts = append(p.starts, p.started)
	c := p.command
	go func() {
		err := c.Wait()
		s.exits <- exit{of: p, code: codeOf(c, err), how: howEnded(c, err)}
	}()
}

func (s *Supervisor) launch(p *part) error {
	args := p.args
	if p == s.capture && s.Lasts > 0 && len(p.starts) > 0 { // of its time, what is left
		left := max(s.Lasts-time.Since(p.starts[0]), time.Second)
		args = append(slices.Clone(args), "--duration="+left.String())
	}
	c := exec.Command(s.Program, args...)
	if c.Stdout, c.Stderr = s.Errors, s.Errors; s.Said != nil {
		c.Stdout, c.Stderr = nil, &lines{say: s.Said}
	}
	c.SysProcAttr = childAttributes()
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, variablePrefix) {
			c.Env = append(c.Env, v)
		}
	}
	from, err := s.statusOf(c)
	if err != nil {
		return err
	}
	input, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	for _, f := range c.ExtraFiles { // the part has its own
		f.Close()
	}
	if err != nil {
		if from != nil {
			from.Close()
		}
		return err
	}
	if from != nil {
		go func() {
			s.Status(from)
			from.Close()
		}()
	}
	p.command, p.input = c, input
	if p == s.analysis && s.capture.over {
		return input.Close()
	}
	return nil
}

// statusOf gives a part a pipe to tell of itself, and returns where that is read; nil: nobody does.
func (s *Supervisor) statusOf(c *exec.Cmd) (*os.File, error) {
	if s.Status == nil {
		return nil, nil
	}
	from, to, err := os.Pipe()
	if err == nil {
		c.ExtraFiles = []*os.File{to}
	}
	return from, err
}

// lines hands over what is written line by line. A line that is longer than any of ours comes in
// pieces.
type lines struct {
	say  func(string)
	rest []byte
}

const longestLine = 64 << 10

// Write implements io.Writer.
func (l *lines) Write(data []byte) (int, error) {
	l.rest = append(l.rest, data...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte{'\n'})
		if !whole && len(l.rest) < longestLine {
			return len(data), nil
		}
		l.say(string(line))
		l.rest = append(l.rest[:0], rest...)
	}
}

func (p *part) signal(sig syscall.Signal) {
	if p.command != nil {
		_ = p.command.Process.Signal(sig) // that it has just ended shows elsewhere
	}
}

// stop tells capture to end. Analysis then ends when it has done what is there.
func (s *Supervisor) stop() {
	s.stopping = true
	for _, p := range []*part{s.capture, s.analysis} {
		if p.command == nil && !p.over { // it waits to be started
			p.over, p.again = true, nil
		}
	}
	s.capture.signal(syscall.SIGTERM)
	s.deadline.Reset(captureEnds)
	if s.capture.over {
		s.drain()
	}
}

// drain tells analysis that no more will come.
func (s *Supervisor) drain() {
	if s.analysis.input != nil {
		_ = s.analysis.input.Close()
	}
	if s.stopping {
		s.deadline.Reset(analysisEnds)
	}
}

// hurry is what happens when a part does not end in time.
func (s *Supervisor) hurry() {
	p := s.analysis
	switch {
	case !s.capture.over:
		s.Log.Warn("capture does not end and is killed")
		s.capture.signal(syscall.SIGKILL)
		s.deadline.Reset(time.Second)
	case !p.over && !p.told():
		p.starts = nil
		p.signal(syscall.SIGTERM)
		s.deadline.Reset(analysisStops)
	case !p.over:
		s.Log.Warn("analysis does not end and is killed; the next start goes on from its last checkpoint")
		p.signal(syscall.SIGKILL)
		s.deadline.Reset(time.Second)
	}
}

// told reports whether the part has been told to end.
func (p *part) told() bool { return p.starts == nil }

// ended decides what becomes of a part whose process has ended.
func (s *Supervisor) ended(e *exit) {
	p := e.of
	p.command = nil
	switch {
	case s.stopping, p == s.capture && (e.code == 0 || s.timeIsUp(e)), p == s.analysis && s.capture.over && e.code < job.ExitSignal:
		p.over, p.code = true, e.code
		if e.code >= job.ExitSignal {
			p.code = job.ExitInternal
			s.Log.Warn(fmt.Sprintf("%s %s", p.name, e.how))
		}
	case s.hopeless(e):
		s.giveUp(e)
	default:
		pause := s.pause(p)
		s.Log.Warn(fmt.Sprintf("%s %s; it is started again in %v", p.name, e.how, pause))
		p.again = time.NewTimer(pause)
	}
	if p == s.capture && p.over {
		s.drain()
	}
}

// timeIsUp reports whether capture has ended as its time is over. Its code may say that packets are missing.
func (s *Supervisor) timeIsUp(e *exit) bool {
	first := e.of.started
	if len(e.of.starts) > 0 {
		first = e.of.starts[0]
	}
	return s.Lasts > 0 && e.code < job.ExitSignal && time.Since(first) >= s.Lasts
}

// hopeless reports whether it is of no use to start a part again.
func (s *Supervisor) hopeless(e *exit) bool {
	p := e.of
	switch {
	case e.code == job.ExitUsage, e.code == job.ExitSelfCheck:
		return true
	case e.code < job.ExitSignal && len(p.starts) <= 1 && time.Since(p.started) < s.early():
		return true
	}
	return p.recent() > mostRestarts
}

// early is how soon after its start an end says that a part does not work at all.
func (s *Supervisor) early() time.Duration { return cmp.Or(s.soon, soon) }

// recent returns how often a part was started lately.
func (p *part) recent() (n int) {
	for _, t := range p.starts {
		if time.Since(t) < restartSpan {
			n++
		}
	}
	return n
}

func (s *Supervisor) pause(p *part) time.Duration {
	return min(firstPause<<min(p.recent(), 10), longestPause)
}

// giveUp ends a part for good. Capture goes on without analysis, which can be started by hand, unless
// neither ever worked.
func (s *Supervisor) giveUp(e *exit) {
	p := e.of
	p.over, p.code = true, e.code
	never := len(p.starts) <= 1 && time.Since(p.started) < s.early()
	switch {
	case p == s.capture:
		s.Log.Error(fmt.Sprintf("capture %s and is not started again: analysis does what is there, and ends", e.how))
	case never:
		s.Log.Error(fmt.Sprintf("analysis %s as soon as it was started: capture is stopped, too", e.how))
		s.capture.signal(syscall.SIGTERM)
		s.stopping = true
		s.deadline.Reset(captureEnds)
	default:
		s.Log.Error(fmt.Sprintf("analysis %s and is not started again; capture goes on, and nothing of it is lost: start live analyse by hand once the cause is gone", e.how))
	}
}

// codeOf is a process's exit code, 128+n where a signal ended it.
func codeOf(c *exec.Cmd, err error) int {
	var failed *exec.ExitError
	if err == nil {
		return 0
	}
	if !errors.As(err, &failed) {
		return job.ExitInternal
	}
	if n := signalOf(c.ProcessState); n > 0 {
		return job.ExitSignal + n
	}
	return failed.ExitCode()
}

func howEnded(c *exec.Cmd, err error) string {
	if n := signalOf(c.ProcessState); n > 0 {
		return fmt.Sprintf("was ended by signal %d (%s)", n, syscall.Signal(n))
	}
	return fmt.Sprintf("ended with code %d", codeOf(c, err))
}
