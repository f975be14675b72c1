package forward

import (
	"context"
	"errors"
	"syscall"
	"time"

	"pcapmill/outputs/text"
)

// mostUnsettled is how many messages are sent and not delivered at most.
const mostUnsettled = 8192

// Counts are what a Forwarder did.
type Counts struct {
	Delivered int64 // messages
	Again     int64 // of what was sent, so many messages were sent anew by another connection
	LeftOut   int64 // lines that are no alerts, or too long
	Cut       int64 // messages whose text had no room
	Failures  int64 // connections that could not be made, or broke
}

// Forwarder sends a file of alerts. It belongs to one goroutine.
type Forwarder struct {
	config   Config
	say      func(string) // one line for people
	follower *follower
	settled  position // that was saved
	sent     []sent   // and not delivered yet, in order
	link     *link    // nil: there is none
	wait     time.Duration
	counts   Counts
	saved    time.Time // when the position was
	broke    bool      // the last connection did, so the next one waits
	down     bool      // that the server does not answer was said
}

// sent is a message on its way.
type sent struct {
	behind  position
	at      time.Time
	message bool // false: a line that was left out
}

// New reads the position. say is told what people should know, a line at a time.
func New(c Config, say func(string)) (*Forwarder, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	at, err := readPosition(c.Position)
	if err != nil {
		return nil, err
	}
	f := &Forwarder{config: c, say: say, settled: at, wait: c.Least}
	f.follower, err = newFollower(c.Alerts, at)
	return f, err
}

// Counts returns what was done so far.
func (f *Forwarder) Counts() Counts {
	c := f.counts
	c.LeftOut += f.follower.tooLong
	return c
}

// Run sends until the context ends, then waits for what is on its way as long as Settle, and
// returns. Errors are those of the files; what the network does is met with patience.
func (f *Forwarder) Run(ctx context.Context) error {
	defer f.unlink()
	defer f.follower.close()
	if _, err := f.work(ctx, func() bool { return false }); err != nil {
		return err
	}
	return f.finish()
}

// Drain is Run up to where nothing is left to send or to deliver.
func (f *Forwarder) Drain(ctx context.Context) error {
	defer f.unlink()
	defer f.follower.close()
	all, err := f.work(ctx, func() bool { return len(f.sent) == 0 && f.link != nil })
	if all || err != nil {
		return err
	}
	return ctx.Err()
}

// work goes on until the context ends or, as it then says, nothing is to be done and it is over.
func (f *Forwarder) work(ctx context.Context, over func() bool) (done bool, err error) {
	for ctx.Err() == nil {
		busy, err := f.step(ctx)
		if err != nil {
			return false, err
		}
		if busy {
			continue
		}
		if over() {
			return true, nil
		}
		pause(ctx, f.idle())
	}
	return false, nil
}

// idle is how long to wait for something to do.
func (f *Forwarder) idle() time.Duration {
	if len(f.sent) > 0 {
		return min(f.config.Look, max(f.config.Settle/4, time.Millisecond))
	}
	return f.config.Look
}

// step does one thing, and reports whether there may be more to do at once.
func (f *Forwarder) step(ctx context.Context) (busy bool, err error) {
	f.tell()
	if f.link == nil {
		return f.connect(ctx)
	}
	if err := f.link.whole(); err != nil {
		return true, f.fail(err)
	}
	if err := f.settle(time.Now()); err != nil {
		return false, err
	}
	if len(f.sent) >= mostUnsettled {
		return false, nil
	}
	line, ok, err := f.follower.next()
	if err != nil || !ok {
		return false, err
	}
	return true, f.forward(line)
}

// tell says what the follower met.
func (f *Forwarder) tell() {
	for _, s := range f.follower.notes {
		f.say(s)
	}
	f.follower.notes = nil
}

// connect makes a connection, or waits for the next attempt.
func (f *Forwarder) connect(ctx context.Context) (busy bool, err error) {
	if f.broke {
		f.broke = false
		f.rest(ctx)
	}
	f.link, err = dial(ctx, f.config.Target, f.config.Timeout)
	if err == nil {
		if f.link.stream { // a datagram socket connects to nobody as well: see settle
			f.up()
		}
		return true, nil
	}
	f.link = nil
	if ctx.Err() == nil {
		f.failed(err)
		f.rest(ctx)
	}
	return false, nil
}

// rest waits before another attempt, each time longer until something is delivered.
func (f *Forwarder) rest(ctx context.Context) {
	pause(ctx, f.wait)
	f.wait = min(2*f.wait, f.config.Longest)
}

// up says that the server is back.
func (f *Forwarder) up() {
	if f.down {
		f.say(text.Escape(f.config.Target.String()) + " answers again")
		f.down = false
	}
}

func (f *Forwarder) failed(err error) {
	f.counts.Failures++
	if !f.down {
		f.say(text.Escape(f.config.Target.String()) + ": " + text.Escape(err.Error()) + "; alerts wait in their file")
		f.down = true
	}
}

// forward sends a line.
func (f *Forwarder) forward(line []byte) error {
	message, cut, err := f.config.Message.Format(line)
	if err != nil {
		f.counts.LeftOut++
		f.sent = append(f.sent, sent{f.follower.at, time.Now(), false}) // the position goes on behind it
		return nil
	}
	err = f.link.send(message)
	switch {
	case errors.Is(err, syscall.EMSGSIZE): // the system takes no such datagram, now or later
		f.counts.LeftOut++
	case err != nil:
		return f.fail(err)
	}
	if cut {
		f.counts.Cut++
	}
	f.sent = append(f.sent, sent{f.follower.at, time.Now(), err == nil})
	return nil
}

// settle takes what is delivered off the messages on their way, and saves the position: not for
// each by itself, as saving waits for the disk.
func (f *Forwarder) settle(now time.Time) error {
	if now.Sub(f.saved) < f.config.Settle/2 {
		return nil
	}
	n := 0
	for n < len(f.sent) && now.Sub(f.sent[n].at) >= f.config.Settle {
		n++
	}
	if n == 0 || !f.link.acknowledged() {
		return nil
	}
	f.up()
	for _, s := range f.sent[:n] {
		if s.message {
			f.counts.Delivered++
		}
	}
	f.wait, f.saved, f.settled = f.config.Least, now, f.sent[n-1].behind
	f.sent = append(f.sent[:0], f.sent[n:]...)
	return f.settled.save(f.config.Position)
}

// fail ends a connection: what was on its way is sent by the next one.
func (f *Forwarder) fail(err error) error {
	f.failed(err)
	f.unlink()
	f.broke = true
	f.counts.Again += int64(len(f.sent))
	f.sent = f.sent[:0]
	f.follower.close()
	f.follower.at = f.settled
	return f.follower.find()
}

func (f *Forwarder) unlink() {
	if f.link != nil {
		f.link.close()
		f.link = nil
	}
}

// finish waits for what is on its way.
func (f *Forwarder) finish() error {
	for until := time.Now().Add(f.config.Settle + time.Second); len(f.sent) > 0 && f.link != nil && time.Now().Before(until); {
		if f.link.whole() != nil {
			return nil
		}
		if err := f.settle(time.Now()); err != nil {
			return err
		}
		time.Sleep(min(f.config.Look, max(f.config.Settle/4, time.Millisecond)))
	}
	return nil
}

// pause waits, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
