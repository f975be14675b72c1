// Package snapshot writes all state that can be reached from one value, and reads it
// back, in another process too. It knows no type of ours: what is saved is what the types
// say, so a new protocol or feature needs nothing.
//
//	c, err := snapshot.New(reflect.TypeFor[state](), reflect.TypeFor[*dnsTalk]())
//	err = c.Save(w, &s)       // s is at rest: nobody changes it meanwhile
//	err = c.Load(r, &fresh)   // fresh is as the program makes it without a past
//
// # What is saved
//
//	plain     values without a pointer in them are copied as they lie in memory, whole
//	          structs and slices of them at once. The mark of the layout, below, is what
//	          makes that sound.
//	slices    with length and capacity, as memory is counted by it and free lists rely on it; nil
//	          stays apart from empty. What is behind the length comes back as zeros, but for
//	          fields tagged `snapshot:"cap"`, whose elements are saved up to the capacity. Two
//	          slices of one array come back as two arrays.
//	strings   by their bytes.
//	pointers  with identity: two to one value come back as two to one value, in circles too,
//	          also where the value lies within another one (an element of a slice, a field).
//	maps      with identity; in the order of their keys, so that bytes do not depend on
//	          that of the map. Keys have no pointers but strings.
//	any       interfaces hold one of the types that New was given: errors too, whose type and
//	          identity mean something.
//	locks     must be free, and are.
//
// A field tagged `snapshot:"-"` is not saved: what Load finds there stays. So functions,
// channels, settings, sinks and tables of columns are what the program made them before
// Load. For their sake Load reads into the values that are there: into what a pointer
// points to, and into the elements of a slice that has the right length. What is not
// there is made anew, and its untagged fields alone are then known.
//
// What can be neither saved nor left out is an error of New, with the path of the field:
// a test that calls New finds it before the field is ever used.
//
// # The stream
//
//	magic  build  layout  label   body   CRC-32C of all before
//
// Build says what program wrote it, layout is the SHA-256 of all types that are
// saved: names, kinds, sizes, offsets, tags. The label is the caller's: the settings of a run.
// Load refuses a stream unless all three are its own, as plain memory means nothing to
// another program. The body is the value:
//
//	plain     its bytes in memory
//	string    length, bytes
//	slice     0 for nil, or length + 1 and the capacity behind it; elements
//	pointer   0 nil · 1 and the value · 2 and the number of a value before · 3 later
//	map       the same, with its length and its entries where a pointer has its value
//	any       0 nil or the number of its type, its value
//
// Lengths and numbers are variable-length integers. Behind the body come the pointers that said
// later, in their order: those that may point into the middle of a value, since where that lies
// is known only when all values are there, and those too deep in others (so that
// no list, however long, is read by recursion). Each is 0 and the value · 1 and the number
// of a value before · 2, the number of a region and a byte within.
//
// # Damage
//
// Memory is taken for what was read, not for what a length claims: at most twice that, and
// for room behind slices 16 times the bytes so far and 64 MiB (Save asks for no more). Places in regions must hold a
// value of the pointer's type. So damaged bytes end in an error and not in a panic
// or in memory of another type; and the CRC finds those that did neither. But numbers that the
// program takes for indices are not looked at: against bytes made by somebody
// who wants to break it, whoever stores a stream has to keep its hash (see checkpoint).
package snapshot
