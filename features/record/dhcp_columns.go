package record

import (
	"encoding/hex"

	"pcapmill/features/column"
	"pcapmill/features/record/dhcp"
	"pcapmill/features/record/printable"
)

const (
	rfc2131    = "RFC 2131"
	rfc2132    = "RFC 2132"
	rfc8415    = "RFC 8415"
	rfcFixed   = "RFC 2131, RFC 8415" // fields of both versions
	rfcOptions = "RFC 2132, RFC 8415" // options of both versions
	rfcFQDN    = "RFC 4702, RFC 4704"
	noOption   = "without the option"
	onlyDHCPv4 = "in DHCPv6"
)

// dhcpColumns are the message's columns. Of a relayed message of DHCPv6 they are the
// columns of what the client or server itself sent, where they do not speak of relays.
func dhcpColumns() []Def[dhcpMessage] {
	defs := []Def[dhcpMessage]{
		whole("version", "4 for DHCPv4 and BOOTP, 6 for DHCPv6.", func(m *dhcpMessage) int32 { return int32(m.Version) }).from(rfcFixed),
		dhcpNumber("message_type", "Option 53 of DHCPv4, the message type of DHCPv6.", "in BOOTP", func(m *dhcpMessage) dhcp.Number { return m.Type }).from(rfcOptions),
		text("message_type_name", column.String, "DISCOVER, OFFER, SOLICIT, …; BOOTREQUEST and BOOTREPLY in BOOTP; the number for a type without a name.", "", func(m *dhcpMessage, dst []byte) ([]byte, bool) {
			return m.AppendTypeName(dst), true
		}).from("IANA DHCP message types"),
		dhcpNumber("op", "1 for requests, 2 for replies.", onlyDHCPv4, func(m *dhcpMessage) dhcp.Number { return m.BOOTP.Op }).from(rfc2131),
		dhcpLong("transaction_id", "Transaction number, of 32 bits in DHCPv4 and of 24 in DHCPv6.", "cut off, or a message without one", func(m *dhcpMessage) dhcp.Number { return m.ID }).as(column.Identity).from(rfcFixed),
		whole("hops", "Relays that the message passed: the field of DHCPv4, the wrappings of DHCPv6.", dhcpHops).in(column.Count).from(rfcFixed),
		dhcpLong("elapsed_ms", "Time since the client began, in milliseconds: whole seconds in DHCPv4, hundredths in DHCPv6; as written, though some clients write the two bytes of DHCPv4 the other way round.", noOption, func(m *dhcpMessage) dhcp.Number { return m.Elapsed }).in(column.Millis).from(rfcFixed),
		number("broadcast", "1 where the client asks for answers to all.", onlyDHCPv4, func(m *dhcpMessage) (int32, bool) {
			return flag(m.BOOTP.Flags.Value&dhcp.Broadcast != 0), m.BOOTP.Flags.Known
		}).from(rfc2131),
		dhcpAddr("client_ip", "ciaddr: address that the client has.", onlyDHCPv4, func(m *dhcpMessage) []byte { return m.BOOTP.ClientIP }).from(rfc2131),
		dhcpAddr("your_ip", "yiaddr: address that the client shall have.", onlyDHCPv4, func(m *dhcpMessage) []byte { return m.BOOTP.YourIP }).from(rfc2131),
		dhcpAddr("next_server_ip", "siaddr: server to boot from.", onlyDHCPv4, func(m *dhcpMessage) []byte { return m.BOOTP.NextServer }).from(rfc2131),
		dhcpAddr("relay_ip", "giaddr: relay nearest to the client.", onlyDHCPv4, func(m *dhcpMessage) []byte { return m.BOOTP.RelayIP }).from(rfc2131),
	}
	defs = append(defs, dhcpIdentity()...)
	defs = append(defs, dhcpNames()...)
	defs = append(defs, dhcpSettings()...)
	defs = append(defs, dhcpFingerprints()...)
	defs = append(defs, dhcpRelays()...)
	defs = append(defs, dhcpLeases()...)
	return append(defs,
		dhcpNumber("status", "Status code of DHCPv6: the message's own, or the first of its leases.", noOption, func(m *dhcpMessage) dhcp.Number { return m.Status }).from(rfc8415),
		text("status_name", column.String, "Success, NoAddrsAvail, …; the number for one without a name.", noOption, func(m *dhcpMessage, dst []byte) ([]byte, bool) {
			return m.AppendStatusName(dst), m.Status.Known
		}).from("IANA DHCPv6 status codes"),
		dhcpText("message", "Text for people: option 56, or of the status.", func(m *dhcpMessage) []byte { return m.Text }).from(rfcOptions),
		integers("bad_options", "Codes of the options whose values are not of their form, or that came twice and must not.", func(m *dhcpMessage) []uint16 { return m.BadCodes }),
		messageBytes("Captured bytes of the message, relays' wrappings included.", func(m *dhcpMessage) int { return m.bytes }),
		captureCut(func(m *dhcpMessage) bool { return m.cut }),
		malformed("the message cannot be read to its end", counted, func(m *dhcpMessage) bool { return m.malformed }),
	)
}

func dhcpHops(m *dhcpMessage) int32 {
	if m.Version == 4 {
		return int32(m.BOOTP.Hops.Value)
	}
	return int32(len(m.Relays))
}

// dhcpIdentity are the columns that say who the client and the server are.
func dhcpIdentity() []Def[dhcpMessage] {
	return []Def[dhcpMessage]{
		dhcpNumber("client_hardware_type", "Kind of the client's link-layer address: 1 Ethernet.", "not known", func(m *dhcpMessage) dhcp.Number { return m.ClientHardware }).from("IANA ARP hardware types"),
		dhcpLink("client_link_address", "Link-layer address of the client: chaddr of DHCPv4; in DHCPv6 as the relay saw it, or else as its DUID has it.", func(m *dhcpMessage) []byte { return m.ClientLink }).from("RFC 2131, RFC 6939"),
		dhcpHex("client_id", "Client identifier in hexadecimal: option 61 of DHCPv4, DUID of DHCPv6.", func(m *dhcpMessage) []byte { return m.ClientID }).from(rfcOptions),
		dhcpNumber("client_duid_type", "1 link-layer address and time, 2 vendor's number, 3 link-layer address, 4 UUID.", "without a DUID", func(m *dhcpMessage) dhcp.Number { return m.Client.Type }).from("RFC 8415, RFC 4361"),
		text("server_id", column.String, "Server identifier: address in DHCPv4, DUID in hexadecimal in DHCPv6.", noOption, func(m *dhcpMessage, dst []byte) ([]byte, bool) {
			if m.Version == 4 {
				return appendIP(dst, m.ServerID), m.ServerID != nil
			}
			return hex.AppendEncode(dst, m.ServerID), m.ServerID != nil
		}).as(column.LeakProne).from(rfcOptions),
		dhcpNumber("server_duid_type", "As client_duid_type.", "without a DUID", func(m *dhcpMessage) dhcp.Number { return m.Server.Type }).from(rfc8415),
		dhcpLink("server_link_address", "Link-layer address of the server, as its DUID has it.", func(m *dhcpMessage) []byte { return m.Server.Link }).from(rfc8415),
	}
}

// dhcpNames are the columns of names, the client's and of its kind.
func dhcpNames() []Def[dhcpMessage] {
	return []Def[dhcpMessage]{
		dhcpText("host_name", "Option 12: name of the client.", func(m *dhcpMessage) []byte { return m.HostName }).as(column.LeakProne).from(rfc2132),
		text("fqdn", column.String, "Full name of the client, or its own part of it, without the last dot."+inASCII, noOption, func(m *dhcpMessage, dst []byte) ([]byte, bool) {
			return dhcp.AppendName(dst, m.FQDN, m.FQDNForm), m.FQDN != nil
		}).as(column.LeakProne).from(rfcFQDN),
		dhcpNumber("fqdn_flags", "Flags with it: who shall update DNS.", noOption, func(m *dhcpMessage) dhcp.Number { return m.FQDNFlags }).from(rfcFQDN),
		dhcpText("domain_name", "Option 15: domain that the client shall use.", func(m *dhcpMessage) []byte { return m.DomainName }).as(column.LeakProne).from(rfc2132),
		dhcpLong("vendor_enterprise", "Enterprise number of the first vendor class that has one.", noOption, func(m *dhcpMessage) dhcp.Number { return m.VendorEnterprise }).from("RFC 3925, RFC 8415"),
		wordsOf("vendor_classes", "Kinds of the client by its vendor: options 60 and 124 of DHCPv4, option 16 of DHCPv6."+inUTF8, func(m *dhcpMessage) [][]byte { return m.VendorClasses }).printed(printable.Append).from("RFC 2132, RFC 3925, RFC 8415"),
		wordsOf("user_classes", "Kinds of the client by its user: option 77 of DHCPv4, option 15 of DHCPv6."+inUTF8, func(m *dhcpMessage) [][]byte { return m.UserClasses }).printed(printable.Append).from("RFC 3004, RFC 8415"),
	}
}

// dhcpSettings are the columns of what a client asks for or is given.
func dhcpSettings() []Def[dhcpMessage] {
	return []Def[dhcpMessage]{
		dhcpAddr("requested_ip", "Option 50: address that the client asks for.", noOption, func(m *dhcpMessage) []byte { return m.RequestedIP }).from(rfc2132),
		dhcpAddr("subnet_mask", "Option 1: mask of the client's subnet.", noOption, func(m *dhcpMessage) []byte { return m.SubnetMask }).from(rfc2132),
		words("routers", "Option 3: routers of the client's subnet, the best first.", eachAddr(func(m *dhcpMessage) []byte { return m.Routers })).as(column.LeakProne).from(rfc2132),
		words("name_servers", "Servers of DNS: option 6 of DHCPv4, option 23 of DHCPv6.", eachAddr(func(m *dhcpMessage) []byte { return m.NameServers })).as(column.LeakProne).from("RFC 2132, RFC 3646"),
		dhcpLong("lease_s", "Option 51: lease in seconds; 4294967295 is for ever.", noOption, func(m *dhcpMessage) dhcp.Number { return m.LeaseTime }).in(column.Seconds).from(rfc2132),
		dhcpLong("renewal_s", "Seconds until the client shall renew: option 58 of DHCPv4, T1 of the first association of DHCPv6.", noOption, func(m *dhcpMessage) dhcp.Number { return m.Renewal }).in(column.Seconds).from(rfcOptions),
		dhcpLong("rebinding_s", "Seconds until the client shall ask any server: option 59 of DHCPv4, T2 of the first association of DHCPv6.", noOption, func(m *dhcpMessage) dhcp.Number { return m.Rebinding }).in(column.Seconds).from(rfcOptions),
		dhcpNumber("max_message_bytes", "Option 57: largest message that the sender takes.", noOption, func(m *dhcpMessage) dhcp.Number { return m.MaxBytes }).in(column.Bytes).from(rfc2132),
		dhcpText("boot_server_name", "Server to boot from, by name: sname or option 66.", func(m *dhcpMessage) []byte { return m.ServerName }).as(column.LeakProne).from(rfc2132),
		dhcpText("boot_file", "What to boot: file or option 67 of DHCPv4, option 59 of DHCPv6.", func(m *dhcpMessage) []byte { return m.BootFile }).from("RFC 2132, RFC 5970"),
	}
}

// dhcpFingerprints are the columns that tell a client's software by its options.
func dhcpFingerprints() []Def[dhcpMessage] {
	codes := func(m *dhcpMessage) []uint16 { return m.Codes }
	requested := func(m *dhcpMessage) []uint16 { return m.Requested }
	return []Def[dhcpMessage]{
		integers("option_codes", "Codes of the options in their order, without padding and end; each piece of one in pieces.", codes).from(rfcOptions),
		integers("requested_options", "Codes that the sender asks for, in its order: option 55 of DHCPv4, option 6 of DHCPv6.", requested).from(rfcOptions),
		joinedCodes("option_fingerprint", "option_codes with commas between them.", "without options", codes),
		joinedCodes("request_fingerprint", "requested_options with commas between them, as Fingerbank writes the fingerprints of DHCP.", noOption, requested),
		dhcpNumber("overload", "Option 52, what holds options beside their own field: 1 file, 2 sname, 3 both.", noOption, func(m *dhcpMessage) dhcp.Number { return m.BOOTP.Overload }).from(rfc2132),
	}
}

// dhcpRelays are the columns of what relays say.
func dhcpRelays() []Def[dhcpMessage] {
	const nearest = " As the relay nearest to the client says."
	return []Def[dhcpMessage]{
		dhcpText("relay_circuit_id", "Where the client is attached: circuit of option 82, interface of option 18 of DHCPv6."+nearest, func(m *dhcpMessage) []byte { return m.CircuitID }).as(column.LeakProne).from("RFC 3046, RFC 8415"),
		dhcpText("relay_remote_id", "Who is attached there: remote of option 82, option 37 of DHCPv6."+nearest, func(m *dhcpMessage) []byte { return m.RemoteID }).as(column.LeakProne).from("RFC 3046, RFC 4649"),
		dhcpLong("relay_remote_enterprise", "Enterprise number with it.", "in DHCPv4, or without the option", func(m *dhcpMessage) dhcp.Number { return m.RemoteEnterprise }).from("RFC 4649"),
		dhcpText("relay_subscriber_id", "Subscriber: of option 82, option 38 of DHCPv6."+nearest, func(m *dhcpMessage) []byte { return m.SubscriberID }).as(column.LeakProne).from("RFC 3993, RFC 4580"),
		numbers("relay_types", "Types of the relays' own messages, from the outermost: 12 forward, 13 reply.", func(m *dhcpMessage, add func(int32)) {
			for i := range m.Relays {
				add(int32(m.Relays[i].Type))
			}
		}).from(rfc8415),
		words("relay_link_ips", "Their link addresses: where the client is.", eachRelay(func(r *dhcp.Relay) []byte { return r.Link })).as(column.LeakProne).from(rfc8415),
		words("relay_peer_ips", "Their peer addresses: whom they had the message from, or pass it to.", eachRelay(func(r *dhcp.Relay) []byte { return r.Peer })).as(column.LeakProne).from(rfc8415),
	}
}

// dhcpLeases are lists with one element an address or prefix of DHCPv6.
func dhcpLeases() []Def[dhcpMessage] {
	return []Def[dhcpMessage]{
		words("lease_kinds", "Kinds of the associations that the addresses and prefixes of DHCPv6 are of: na, ta or pd.", eachLease(func(l *dhcp.Lease, dst []byte) []byte { return append(dst, l.Kind.String()...) })).from(rfc8415),
		longs("lease_iaids", "Numbers of these associations.", eachLeaseNumber(func(l *dhcp.Lease) uint32 { return l.IAID })).from(rfc8415),
		words("lease_addresses", "The addresses, and the prefixes as address/length.", eachLease(appendLease)).as(column.LeakProne).from(rfc8415),
		longs("lease_preferred_s", "Their preferred lifetimes, in seconds.", eachLeaseNumber(func(l *dhcp.Lease) uint32 { return l.Preferred })).in(column.Seconds).from(rfc8415),
		longs("lease_valid_s", "Their valid lifetimes, in seconds.", eachLeaseNumber(func(l *dhcp.Lease) uint32 { return l.Valid })).in(column.Seconds).from(rfc8415),
	}
}
