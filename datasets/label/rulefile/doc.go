// Package rulefile writes rules as the YAML that datasets/label/source reads: what other tools'
// configurations say, in a form that people keep and change.
//
// What is written and read again is the same rule: instants to the nanosecond, in UTC; hosts as
// networks; only an id that such a file cannot have is changed.
package rulefile
