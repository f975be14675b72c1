// Package window makes the tables whose rows are stretches of packet time.
//
// # Slots
//
// A slot is one tick of the whole capture. Ticks are aligned: they begin at whole
// multiples of their length since 1970-01-01 00:00 UTC, so that slots of different
// captures can be laid side by side.
//
//	packet clock ──┬────────┬────────┬────────┬─── … ───┬────────┬──►
//	               │ packets│        │        │ > 3,600 │ packets│
//	rows           │ slot   │ empty  │ empty  │   gap   │ slot   │
//
// A packet is of the tick in which the packet clock is when its turn comes, the running
// maximum of packet time: one that is late is of the tick that is open, and no row is
// ever taken back. It counts once, at tunnel depth 0, whatever its outcome, unless a
// filter or its being a duplicate leaves it out.
//
// A tick without packets has a row too, as silence is something to be told from the lack
// of a capture. Of such ticks in a row the first MaxEmpty have rows of their own, and all
// others one together, which says how many they are; the same holds for all that come
// after MaxEmptyAll of them in a run. Time that jumps thus costs a few rows, however far
// it goes.
//
// Counters and statistics are those of netspot, versions 3 and 2; docs/windows.md has
// its names. What a slot takes of memory does not depend on its packets: ports are
// counted in arrays, addresses in sets that beyond MaxAddresses keep a sample.
package window
