// Package verify reads an output folder again and says whether it is what its
// manifest says: the manifest agrees with its own hash; every part is there, with
// its size and SHA-256, opens, and has the row count that is listed, and the schema
// and plan_id where its format holds them (lines of text do not); no part is extra; modes
// keep others out; every packet read has exactly one outcome, in packets and in bytes;
// and the packets and wire bytes of the flow rows of depth 0, counted anew from the
// table, are those that are in_flow.
//
// Everything in the folder may be damaged or made up. Nothing outside it is ever
// opened, and no number in it decides how much memory is taken.
package verify
