// Package leaktest makes split datasets of flows, clean ones and ones with a known leak, for
// tests of those who look for leaks.
//
// Several captures of a day each; hosts with systems of their own (TTL, MSS, window scale); benign
// flows and attacks that come in campaigns of one attacker on one day. What is measured of flows
// is drawn from distributions that overlap between classes; many rows of scans are alike, some
// connections are in pieces, TCP's columns are null for UDP, and some clocks know microseconds only.
package leaktest
