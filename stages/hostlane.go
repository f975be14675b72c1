package stages

import (
	"context"
	"math"
	"sync"

	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
)

// hostLane counts the packets of hosts: it sees every View in order, as a host's packets
// lie in many partitions. With one worker it works in the feeder's goroutine, else it
// takes blocks as a shard does. What it has counted of a window goes to the sequencer.
type hostLane struct {
	in        <-chan *packet.Block
	packets   []*host.Packets // by grid
	stretches chan host.Stretch
	wake      chan struct{} // something was said; full: it was not heard yet
	epoch     int32
	capture   int32

	mu   sync.Mutex
	said order // how far it is: an instant
}

func newHostLane(cfg *Config, grids []host.Grid, key host.HashKey, in <-chan *packet.Block) *hostLane {
	l := &hostLane{in: in, stretches: make(chan host.Stretch, stretchesAhead), wake: make(chan struct{}, 1), said: instant(0, packet.NoTime)}
	hosts, seconds := windowLimits(cfg.WindowMemory, len(grids))
	for _, grid := range grids {
		l.packets = append(l.packets, host.NewPackets(grid, key, hosts, seconds))
	}
	return l
}

// stretchesAhead is how many stretches wait for the sequencer, which has few reasons to
// let them.
const stretchesAhead = 1

func (l *hostLane) run(ctx context.Context) error {
	for b := range l.in {
		err := l.take(ctx, b)
		b.Release()
		if err != nil {
			return err
		}
	}
	return l.finish(ctx)
}

// take counts a block's packets.
func (l *hostLane) take(ctx context.Context, b *packet.Block) error {
	if l.packets[0].Empty() {
		l.capture = int32(b.Input)
	}
	l.epoch = int32(b.Epoch)
	for grid := range l.packets {
		if err := l.count(ctx, grid, b.Views); err != nil {
			return err
		}
	}
	if b.EndOfEpoch {
		return l.end(ctx)
	}
	l.say(instant(l.epoch, l.packets[0].Place()))
	return nil
}

// count counts packets in the windows of one grid.
func (l *hostLane) count(ctx context.Context, grid int, views []packet.View) error {
	for p := l.packets[grid]; ; {
		views = views[p.Add(views):]
		if len(views) == 0 {
			return nil
		}
		at, over := p.Over(views[0].Clock)
		if !over {
			at = p.Place()
		}
		if err := l.send(ctx, grid, at, over); err != nil {
			return err
		}
	}
}

// end ends the epoch.
func (l *hostLane) end(ctx context.Context) error {
	for grid, p := range l.packets {
		if !p.Empty() {
			end, _ := p.Over(packet.NoTime)
			if err := l.send(ctx, grid, end, true); err != nil {
				return err
			}
		}
		p.Forget()
	}
	l.epoch++
	l.say(instant(l.epoch, packet.NoTime))
	return nil
}

// finish ends all after the last block.
func (l *hostLane) finish(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := l.end(ctx); err != nil {
		return err
	}
	l.say(instant(math.MaxInt32, packet.NoTime))
	return nil
}

// send sends what was counted of a grid; rest says that nothing of the window follows.
func (l *hostLane) send(ctx context.Context, grid int, at packet.Nanos, rest bool) error {
	s := host.Stretch{Seen: l.packets[grid].Take(), Grid: grid, Epoch: l.epoch, Capture: l.capture, At: at, Rest: rest}
	select {
	case l.stretches <- s:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// say says how far it is, when all stretches before have been sent.
func (l *hostLane) say(at order) {
	l.mu.Lock()
	l.said = at
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// heard takes what was said and sent into the book.
func (l *hostLane) heard(b *host.Book) {
	l.mu.Lock()
	said := l.said
	l.mu.Unlock()
	for {
		select {
		case s := <-l.stretches:
			b.Arrive(s)
			continue
		default:
		}
		break
	}
	b.Heard(said.epoch, said.close)
}
