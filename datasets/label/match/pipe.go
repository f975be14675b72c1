package match

import (
	"context"

	"golang.org/x/sync/errgroup"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/outputs/tables"
)

// job is a batch of flows on its way:
//
//	reader ─► work ─► workers ─► done ─┐
//	   └────► order ──────────────────►┴ taker ─► free ─► reader
type job struct {
	b     *batch.Batch
	first int64 // number of its first row
	err   error
	done  chan struct{}
	rows  []result
	hits  []Hit
	found []candidate

	crowded []member // flows of crowds
}

// result is what became of a flow; its hits are the job's from and not to, and from there to end
// those of the others that name a packet.
type result struct {
	id, conn, start, more int64
	from, to, end         int
	capture               int32
	outcome               label.Outcome
}

// pass reads the flows once: match is called by any worker for each job, take in order.
type pass struct {
	*run
	whole bool // with the columns that conditions ask
	match func(*worker, *job) error
	take  func(*job) error
	rows  int64
}

// jobsPerWorker are in flight: one in work, one waiting.
const jobsPerWorker = 2

// do runs the pass with the run's workers.
func (p *pass) do(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	n := jobsPerWorker*p.cfg.Workers + 1
	free, work, order := make(chan *job, n), make(chan *job, n), make(chan *job, n)
	for range n {
		free <- &job{done: make(chan struct{}, 1)}
	}
	g.Go(func() error {
		defer close(work)
		defer close(order)
		return p.read(ctx, free, func(j *job) { work <- j; order <- j }) // both have room for all
	})
	for _, w := range p.workers {
		g.Go(func() error {
			for j := range work {
				j.err = p.match(w, j)
				j.done <- struct{}{}
			}
			return nil
		})
	}
	g.Go(func() error {
		for j := range order {
			select {
			case <-j.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			if j.err == nil {
				j.err = p.take(j)
			}
			if j.err != nil {
				return j.err
			}
			free <- j
		}
		return nil
	})
	return g.Wait()
}

// names are the columns that the pass reads.
func (p *pass) names() []string {
	if p.whole {
		return p.cols.names
	}
	return p.cols.names[:p.keys]
}

// read copies batches, which are the reader's, into jobs.
func (p *pass) read(ctx context.Context, free <-chan *job, send func(*job)) error {
	return p.in.View.EachPart(p.in.Flows, p.plan, func(part *tables.Part) error {
		return part.Read(ctx, p.names(), func(b *batch.Batch) error {
			for lo := 0; lo < b.Rows; lo += jobRows {
				select {
				case j := <-free:
					hi := min(lo+jobRows, b.Rows)
					j.reset(b, lo, hi, p.rows)
					p.rows += int64(hi - lo)
					send(j)
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
}

// jobRows bounds the rows of a job, and so the memory that their hits take. Of those beyond
// Config.MaxHits there are no more than events.
const jobRows = 1024

// reset gives a job a copy of rows lo and up to hi of a batch.
func (j *job) reset(b *batch.Batch, lo, hi int, first int64) {
	if j.b == nil {
		j.b = batch.New(b.Schema)
	}
	j.b.Reset()
	j.b.Schema, j.b.Rows, j.first = b.Schema, hi-lo, first
	for i := range b.Vectors {
		copyRows(&j.b.Vectors[i], &b.Vectors[i], lo, hi)
	}
	j.rows, j.hits, j.found, j.crowded = j.rows[:0], j.hits[:0], j.found[:0], j.crowded[:0]
}

// copyRows appends rows of a vector to an empty one.
func copyRows(to, from *batch.Vector, lo, hi int) {
	to.Dict = from.Dict
	if len(from.Valid) > 0 {
		to.Valid = append(to.Valid, from.Valid[lo:hi]...)
	}
	if len(from.Offsets) > 0 {
		base := from.Offsets[lo]
		for _, o := range from.Offsets[lo : hi+1] {
			to.Offsets = append(to.Offsets, o-base)
		}
		lo, hi = int(base), int(from.Offsets[hi])
	}
	to.Int64, to.Int32 = appendSome(to.Int64, from.Int64, lo, hi), appendSome(to.Int32, from.Int32, lo, hi)
	to.Float64, to.Codes = appendSome(to.Float64, from.Float64, lo, hi), appendSome(to.Codes, from.Codes, lo, hi)
	to.Bytes = appendSome(to.Bytes, from.Bytes, lo, hi)
}

// appendSome appends values lo and up to hi of a part of a vector that is in use.
func appendSome[T any](to, from []T, lo, hi int) []T {
	if len(from) == 0 {
		return to
	}
	return append(to, from[lo:hi]...)
}
