// Command pcapmill turns packet captures into tables.
//
// Each command is one file here: its flags and its wiring. What it does lives in
// packages that can be tested without a command line: cmd/job, cmd/show,
// outputs/verify.
package main
