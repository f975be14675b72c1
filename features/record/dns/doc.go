// Package dns reads messages in the format of RFC 1035 §4, as DNS, mDNS (RFC 6762),
// LLMNR (RFC 4795) and the NetBIOS name service (RFC 1002) send them.
//
// Nothing is allocated for what a message merely claims: counts only end loops that
// the bytes end too, and all names of a message together may come to arenaPerByte
// times its length, so that compression pointers cannot make little into much.
package dns
