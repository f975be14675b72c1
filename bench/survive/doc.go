// Package survive holds the tests that run hostile and damaged captures through
// the whole of pcapmill, from a file to published tables, and the damage itself.
//
// A run survives an input when it comes to one of the five outcomes with a
// reason from the documented list, its books balance, its rows hold every packet
// in a flow, its exit code follows from the outcome, nothing panics, and the
// memory it allocates in total is bounded by the input's size. No test asserts a
// time; each run has a deadline after which it counts as hung.
//
// The expectations of the hostile cases are worked out in package hostile. What
// damaged captures come to is not foretold: only that they end well.
package survive
