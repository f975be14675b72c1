package baseline

import (
	"context"
	"net/netip"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// stop is a block on the way of a pass.
type stop struct {
	host        netip.Addr // no address for the rest
	day         Day
	tags        tagSet
	packed      []byte // valid until the next one
	first, last bool   // of the host
}

// run is a run of blocks that are read together, by host, day and tags.
type run interface {
	// read calls yield with each block. buf is for the run to use; it is returned for the
	// next one. What yield returns comes back with the place.
	read(buf []byte, yield func(*stop) error) ([]byte, error)
}

// source is where blocks are.
type source interface {
	all() ([]run, error)               // the rest first, then hosts by address
	of(host netip.Addr) ([]run, error) // those that can have blocks of a host, or of the rest
	Check() error                      // whether all can be unpacked
}

// hostRun are hosts of a Baseline.
type hostRun []*host

// hostsTogether is how many hosts of a Baseline are read together.
const hostsTogether = 64

func (b *Baseline) all() ([]run, error) {
	if err := b.settle(); err != nil {
		return nil, err
	}
	var runs []run
	for part := range slices.Chunk(b.inOrder(), hostsTogether) {
		runs = append(runs, hostRun(part))
	}
	return runs, nil
}

func (b *Baseline) of(address netip.Addr) ([]run, error) {
	if err := b.settle(); err != nil {
		return nil, err
	}
	h := &b.rest
	if address.IsValid() {
		h = b.hosts[address]
	}
	if h == nil {
		return nil, nil
	}
	return []run{hostRun{h}}, nil
}

func (r hostRun) read(buf []byte, yield func(*stop) error) ([]byte, error) {
	for _, h := range r {
		for i, s := range h.blocks {
			b := stop{host: h.host, day: s.day, tags: s.tags, packed: s.packed, first: i == 0, last: i == len(h.blocks)-1}
			if err := yield(&b); err != nil {
				return buf, err
			}
		}
	}
	return buf, nil
}

// slot is a place of the pipeline: what work makes of one item.
type slot[T any] struct {
	item  int
	value T
	err   error
	done  chan struct{}
}

// ordered does n pieces of work on all processors, and calls use with what each gave, in
// their order. The value that work fills comes from fresh, or was used before. The first
// error by order ends it.
func ordered[T any](ctx context.Context, n int, fresh func() T, work func(int, T) error, use func(T) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	free, jobs, order := make(chan *slot[T], 3*workers), make(chan *slot[T], 3*workers), make(chan *slot[T], 3*workers)
	for range cap(free) {
		free <- &slot[T]{value: fresh(), done: make(chan struct{}, 1)}
	}
	ctx, stop := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return feed(ctx, n, free, jobs, order) })
	for range workers {
		g.Go(func() error {
			for s := range jobs {
				s.err = work(s.item, s.value)
				s.done <- struct{}{}
			}
			return nil
		})
	}
	err := consume(ctx, free, order, use)
	stop()
	if waited := g.Wait(); err == nil {
		err = waited
	}
	return err
}

// feed hands out the items.
func feed[T any](ctx context.Context, n int, free <-chan *slot[T], jobs, order chan<- *slot[T]) error {
	defer close(jobs)
	defer close(order)
	for i := range n {
		select {
		case s := <-free:
			s.item = i
			jobs <- s // there is room for all slots
			order <- s
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// consume uses what was made, in order.
func consume[T any](ctx context.Context, free chan<- *slot[T], order <-chan *slot[T], use func(T) error) error {
	for s := range order {
		<-s.done
		if err := s.err; err != nil {
			return err
		}
		if err := use(s.value); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		free <- s
	}
	return nil
}
