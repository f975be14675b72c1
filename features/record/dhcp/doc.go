// Package dhcp reads messages of DHCPv4 (RFC 2131, 2132) with BOOTP (RFC 951), which it
// extends, and of DHCPv6 (RFC 8415).
//
// A DHCPv4 message is 236 bytes of fixed fields, four of a magic cookie and options of a
// code, a length and a value. Two of the fixed fields, the file and the server's name,
// may hold more options (option 52), and an option may come in pieces that belong
// together (RFC 3396). A DHCPv6 message is four bytes and options; relays wrap it in
// messages of their own, at most maxRelays of them.
//
// Nothing is allocated for what a message merely claims. Values are stretches of the
// message itself, except for options in pieces, which together come to no more than its
// length; every byte is read a fixed number of times.
package dhcp
