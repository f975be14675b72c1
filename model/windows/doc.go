// Package windows reads hosts tables as rows of a baseline: what the table has of each
// host and window, what the pairs table beside it says of peers and services, and how far
// the manifest says that the windows can be trusted.
//
//	manifest.json ─► Quality: packets, losses, what time the captures cover
//	                    │ windows that are whole
//	hosts ──────────────┴─► Row: values of features ◄─┐ by window and host
//	pairs ─► one window of them ─► keys and how often ┘
//
// # Windows that are left out
//
// A window is left out, and counted in Quality, where the captures cover less of it than
// Options.Covered: the first and last of a capture are cut by its ends, and half a window
// looks like half the traffic. So is one whose rows came in several parts, as numbers of
// different things do not add up. Of windows that overlap (run with a hop), those are read
// that begin at a multiple of their length: these lie side by side and have all there is,
// once; with the others each packet would count as often as there are windows around it,
// and a host would seem to have been seen as often. A row of a table without a manifest is taken as whole.
//
// # Keys
//
// Of the pairs in which a host is the initiator, each flow counts a service ("tcp/443"), a
// peer (the responder's address) and an endpoint ("203.0.113.200:443/tcp"); of those in
// which it is the responder, a service that is served. A pair counts as 1 at least:
// where its flows began before the window, they were still there.
//
// # Memory
//
// A batch of rows of each table, and of one window 16 bytes for each pair, 8 for the order of
// pairs and about 150 for each address. Windows of more than Options.Pairs pairs go without keys.
package windows
