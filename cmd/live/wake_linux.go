package live

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// watcher is a waker that the kernel tells of writes to the file, once it is there.
type watcher struct {
	path  string
	queue *os.File      // of inotify
	grew  chan struct{} // has one element where it grew since the last wait
	on    bool          // the file is watched
}

// newWaker returns one by inotify, or by the clock where there is none.
func newWaker(path string) waker {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return sleeper{}
	}
	w := &watcher{path: path, queue: os.NewFile(uintptr(fd), "inotify"), grew: make(chan struct{}, 1)}
	go w.read()
	return w
}

// read turns events into elements of grew, until the queue is closed.
func (w *watcher) read() {
	buf := make([]byte, 4096)
	for {
		if _, err := w.queue.Read(buf); err != nil {
			return
		}
		select {
		case w.grew <- struct{}{}:
		default:
		}
	}
}

// watch asks for the file's events. Where it is not there yet it is asked for again.
func (w *watcher) watch() {
	if w.on {
		return
	}
	raw, err := w.queue.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_, err := unix.InotifyAddWatch(int(fd), w.path, unix.IN_MODIFY|unix.IN_ATTRIB)
		w.on = err == nil
	})
}

func (w *watcher) wait(ctx context.Context, patience time.Duration) {
	first := !w.on
	w.watch()
	if first && w.on { // what was written before
		return
	}
	timer := time.NewTimer(min(patience, poll))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w.grew:
	}
}

func (w *watcher) close() { w.queue.Close() }
