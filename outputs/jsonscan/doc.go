// Package jsonscan reads JSON whose writer is known, where encoding/json would take most of the
// time: lines of ledgers, millions of them. It is quick because it takes only what our writers
// write and leaves the rest to encoding/json:
//
//	c := jsonscan.New(line)
//	if c.Object(func(key []byte) bool { … c.Int() … c.Skip() … }) && c.End() { … }   // else json.Unmarshal
//
// Every method reports whether it has read what it is named for; after a false nothing of the
// cursor counts. It is false for all that is no JSON, and for what the package does not know: values
// nested deeper than 32, keys that are not of a-z, 0-9 and _ (encoding/json takes Key for key, too),
// strings with an escape or a byte that is not printable ASCII, where their value is asked for. So
// what is true is what encoding/json says, too, but for keys that are there twice.
package jsonscan
