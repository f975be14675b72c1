package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
)

// codeBytes is the part of a run's memory that Go does not count: the program itself.
const codeBytes = 12 << 20

// How much garbage may lie about beside as much as is in use. Without, a small heap is collected
// each time that it doubles, which costs short commands a third of their time.
const (
	usualRoom = 8 << 20
	runRoom   = 64 << 20
)

// leastLive is what counts as in use where less is: Go says 2 MiB before the first collection.
const leastLive = 2 << 20

// garbage is what may lie about now. Go knows but a percentage of what is in use, which is
// therefore set anew behind each collection.
var garbage struct {
	sync.Once
	room atomic.Uint64 // bytes; 0: Go's own rule
}

// allowGarbage sets what may lie about until the function that it returns is called. Where $GOGC
// is set, that holds.
func allowGarbage(room uint64) (restore func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := garbage.room.Swap(room)
	pace(room)
	garbage.Do(func() { runtime.SetFinalizer(new(collection), (*collection).ended) })
	return func() {
		garbage.room.Store(before)
		pace(before)
	}
}

// pace sets the percentage that comes to some room.
func pace(room uint64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(int(100 + 100*room/max(live[0].Value.Uint64(), leastLive)))
}

// collection is garbage from its begin, so that its finalizer runs behind each collection.
type collection struct{ _ [2]uint64 }

func (c *collection) ended() {
	pace(garbage.room.Load())
	runtime.SetFinalizer(c, (*collection).ended)
}

// prepareHeap sets how much memory a run may take, 0 for any, and how much of it may be garbage.
func prepareHeap(memory int64) (restore func()) {
	room := int64(runRoom)
	if memory > 0 {
		room = min(room, memory/16)
		debug.SetMemoryLimit(memory - codeBytes - room) // collect garbage rather than exceed it
	}
	return allowGarbage(uint64(room))
}
