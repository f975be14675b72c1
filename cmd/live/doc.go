// Package live makes tables of a capture that is still going on: what `pcapmill live analyse` and
// the supervisor `pcapmill live` do, without flags and terminals.
//
//	SEG/ledger.jsonl ─► follower ─► segment, checked ─► Session.Feed ─► parts ─► commit ─► OUT/ledger.jsonl
//	                       ▲                               │                       │
//	                       └── where the last checkpoint ◄─┴── checkpoint ◄────────┘ ─► release ─► capture deletes
//	                           left off
//
// All that is known of how far the tables have come is in OUT/ledger.jsonl. A process that starts
// takes the last checkpoint that the ledger names, redoes the segments behind it whose commits are
// there, comparing what it writes with what was committed, and goes on. So it can be killed at any
// instant; see package outputs/livefolder for the order of steps.
package live
