package dhcp

import "strconv"

// typeNames4 are the values of option 53 (IANA's registry).
var typeNames4 = [...]string{
	"", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM", "FORCERENEW", "LEASEQUERY",
	"LEASEUNASSIGNED", "LEASEUNKNOWN", "LEASEACTIVE", "BULKLEASEQUERY", "LEASEQUERYDONE", "ACTIVELEASEQUERY",
	"LEASEQUERYSTATUS", "TLS",
}

// typeNames6 are the message types of DHCPv6 (IANA's registry).
var typeNames6 = [...]string{
	"", "SOLICIT", "ADVERTISE", "REQUEST", "CONFIRM", "RENEW", "REBIND", "REPLY", "RELEASE", "DECLINE", "RECONFIGURE",
	"INFORMATION-REQUEST", "RELAY-FORW", "RELAY-REPL", "LEASEQUERY", "LEASEQUERY-REPLY", "LEASEQUERY-DONE",
	"LEASEQUERY-DATA", "RECONFIGURE-REQUEST", "RECONFIGURE-REPLY", "DHCPV4-QUERY", "DHCPV4-RESPONSE",
	"ACTIVELEASEQUERY", "STARTTLS", "BNDUPD", "BNDREPLY", "POOLREQ", "POOLRESP", "UPDREQ", "UPDREQALL", "UPDDONE",
	"CONNECT", "CONNECTREPLY", "DISCONNECT", "STATE", "CONTACT", "ADDR-REG-INFORM", "ADDR-REG-REPLY",
}

// statusNames are the status codes of DHCPv6 (RFC 8415 §21.13, RFC 5007, 5460, 7653, 8156).
var statusNames = [...]string{
	"Success", "UnspecFail", "NoAddrsAvail", "NoBinding", "NotOnLink", "UseMulticast", "NoPrefixAvail",
	"UnknownQueryType", "MalformedQuery", "NotConfigured", "NotAllowed", "QueryTerminated", "DataMissing",
	"CatchUpComplete", "NotSupported", "TLSConnectionRefused", "AddressInUse", "ConfigurationConflict",
	"MissingBindingInformation", "OutdatedBindingInformation", "ServerShuttingDown", "DNSUpdateNotSupported",
	"ExcessiveTimeSkew",
}

// AppendTypeName appends the name of a message type, its number for one without. The
// messages of BOOTP, which has none, are named by their operation.
func (m *Message) AppendTypeName(dst []byte) []byte {
	names, typ := typeNames6[:], m.Type
	if m.Version == 4 {
		names = typeNames4[:]
		if !typ.Known {
			names, typ = bootpNames[:], m.BOOTP.Op
		}
	}
	return appendNamed(dst, names, typ.Value)
}

// AppendStatusName appends the name of the status code.
func (m *Message) AppendStatusName(dst []byte) []byte {
	return appendNamed(dst, statusNames[:], m.Status.Value)
}

var bootpNames = [...]string{"", "BOOTREQUEST", "BOOTREPLY"}

func appendNamed(dst []byte, names []string, v int64) []byte {
	if v < int64(len(names)) && names[v] != "" {
		return append(dst, names[v]...)
	}
	return strconv.AppendInt(dst, v, 10)
}
