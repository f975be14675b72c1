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
	wires   *wires          `snapshot:"-"` // nil at rest
	packets []*host.Packets // by grid
	epoch   int32
	capture int32

	mu   sync.Mutex
	said order // how far it is: an instant
}

func newHostLane(cfg *Config, grids []host.Grid, key host.HashKey) *hostLane {
	l := &hostLane{said: instant(0, packet.NoTime)}
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
	for b := range l.wires.forHosts {
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
	return l.reach(ctx, b.Clock)
}

// reach says how far the packet clock is, at which windows are over that no packet of a
// flow has come after.
func (l *hostLane) reach(ctx context.Context, clock packet.Nanos) error {
	for grid, p := range l.packets {
		if end, over := p.Over(clock); over && !p.Empty() {
			if err := l.send(ctx, grid, end, true); err != nil {
				return err
			}
		}
	}
	l.say(instant(l.epoch, max(l.packets[0].Place(), clock+1)))
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
		if !over { // behind all that was said so far
			at = max(p.Place(), views[0].Clock+1)
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

// finish is done after the last block of a Feed, and ends all at the end of the run.
func (l *hostLane) finish(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if l.wires.ending {
		if err := l.end(ctx); err != nil {
			return err
		}
		l.say(instant(math.MaxInt32, packet.NoTime))
	}
	close(l.wires.counted)
	return nil
}

// send sends what was counted of a grid; rest says that nothing of the window follows.
func (l *hostLane) send(ctx context.Context, grid int, at packet.Nanos, rest bool) error {
	s := host.Stretch{Seen: l.packets[grid].Take(), Grid: grid, Epoch: l.epoch, Capture: l.capture, At: at, Rest: rest}
	select {
	case l.wires.stretches <- s:
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
	case l.wires.wake <- struct{}{}:
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
		case s := <-l.wires.stretches:
			b.Arrive(s)
			continue
		default:
		}
		break
	}
	b.Heard(said.epoch, said.close)
}
