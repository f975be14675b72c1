package leak

import (
	"slices"
	"strings"
	"unicode"
)

// Looks of identifiers, as findings call them.
const (
	lookAddress  = "address"
	lookPort     = "port"
	lookMAC      = "MAC address"
	lookTTL      = "TTL"
	lookIPID     = "IP identification"
	lookSequence = "TCP sequence number"
	lookFile     = "file name"
	lookTime     = "absolute time"
	lookID       = "identifier of rows or flows"
)

// wordLooks are words of a column's name that mean one thing wherever they stand.
var wordLooks = map[string]string{
	"addr": lookAddress, "address": lookAddress, "saddr": lookAddress, "daddr": lookAddress, "srcip": lookAddress, "dstip": lookAddress,
	"sip": lookAddress, "dip": lookAddress, "ipv4": lookAddress, "ipv6": lookAddress, "hostname": lookAddress,
	"port": lookPort, "sport": lookPort, "dport": lookPort, "srcport": lookPort, "dstport": lookPort, "dsport": lookPort,
	"mac": lookMAC, "smac": lookMAC, "dmac": lookMAC, "oui": lookMAC,
	"ttl": lookTTL, "sttl": lookTTL, "dttl": lookTTL, "hoplimit": lookTTL,
	"ipid": lookIPID,
	"isn":  lookSequence, "stcpb": lookSequence, "dtcpb": lookSequence,
	"file": lookFile, "filename": lookFile, "pcap": lookFile, "path": lookFile,
	"timestamp": lookTime, "datetime": lookTime, "epoch": lookTime, "ts": lookTime, "stime": lookTime, "ltime": lookTime, "date": lookTime,
	"uuid": lookID, "guid": lookID, "uid": lookID, "unnamed": lookID,
}

// pairLooks are words that mean it together, side by side.
var pairLooks = []struct{ a, b, look string }{
	{"src", "ip", lookAddress}, {"dst", "ip", lookAddress}, {"source", "ip", lookAddress}, {"destination", "ip", lookAddress}, {"dest", "ip", lookAddress},
	{"client", "ip", lookAddress}, {"server", "ip", lookAddress}, {"orig", "h", lookAddress}, {"resp", "h", lookAddress},
	{"orig", "p", lookPort}, {"resp", "p", lookPort}, {"ip", "id", lookIPID}, {"hop", "limit", lookTTL},
	{"tcp", "seq", lookSequence}, {"seq", "no", lookSequence}, {"initial", "seq", lookSequence}, {"seq", "base", lookSequence},
	{"start", "time", lookTime}, {"end", "time", lookTime}, {"start", "ns", lookTime}, {"end", "ns", lookTime}, {"first", "seen", lookTime}, {"last", "seen", lookTime},
	{"row", "number", lookID}, {"row", "index", lookID},
}

// looksOfName says what a column is by its name, "" where it does not tell.
func looksOfName(name string) string {
	words := wordsOf(name)
	if len(words) == 0 {
		return ""
	}
	for i, w := range words {
		if look := wordLooks[w]; look != "" {
			return look
		}
		for _, p := range pairLooks {
			if i+1 < len(words) && w == p.a && words[i+1] == p.b {
				return p.look
			}
		}
	}
	switch {
	case len(words) == 1 && slices.Contains([]string{"ip", "src", "dst", "host"}, words[0]):
		return lookAddress
	case words[len(words)-1] == "id":
		return lookID
	}
	return ""
}

// wordsOf cuts a name at what is no letter or digit, and before capitals that follow small letters.
func wordsOf(name string) []string {
	var b strings.Builder
	last := ' '
	for _, r := range name[:min(len(name), longestText)] {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
		last = r
	}
	return strings.Fields(b.String())
}
