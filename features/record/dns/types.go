package dns

import "strconv"

// The types with a presentation form of their own (IANA DNS parameters).
const (
	TypeA      = 1
	typeNS     = 2
	TypeCNAME  = 5
	typeSOA    = 6
	typePTR    = 12
	typeHINFO  = 13
	typeMX     = 15
	typeTXT    = 16
	TypeAAAA   = 28
	typeSRV    = 33
	typeNAPTR  = 35
	typeDNAME  = 39
	typeOPT    = 41
	typeDS     = 43
	typeSSHFP  = 44
	typeRRSIG  = 46
	typeNSEC   = 47
	typeDNSKEY = 48
	typeNSEC3  = 50
	typeTLSA   = 52
	typeSVCB   = 64
	typeHTTPS  = 65
	typeCAA    = 257
)

// typeNames are those of IANA's registry that captures hold.
var typeNames = map[uint16]string{
	1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR", 10: "NULL",
	11: "WKS", 12: "PTR", 13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB", 19: "X25",
	20: "ISDN", 21: "RT", 22: "NSAP", 23: "NSAP-PTR", 24: "SIG", 25: "KEY", 26: "PX", 27: "GPOS", 28: "AAAA",
	29: "LOC", 30: "NXT", 31: "EID", 32: "NIMLOC", 33: "SRV", 34: "ATMA", 35: "NAPTR", 36: "KX", 37: "CERT",
	38: "A6", 39: "DNAME", 40: "SINK", 41: "OPT", 42: "APL", 43: "DS", 44: "SSHFP", 45: "IPSECKEY",
	46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID", 50: "NSEC3", 51: "NSEC3PARAM", 52: "TLSA",
	53: "SMIMEA", 55: "HIP", 56: "NINFO", 57: "RKEY", 58: "TALINK", 59: "CDS", 60: "CDNSKEY",
	61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD", 64: "SVCB", 65: "HTTPS", 66: "DSYNC", 99: "SPF",
	100: "UINFO", 101: "UID", 102: "GID", 103: "UNSPEC", 104: "NID", 105: "L32", 106: "L64", 107: "LP",
	108: "EUI48", 109: "EUI64", 128: "NXNAME", 249: "TKEY", 250: "TSIG", 251: "IXFR", 252: "AXFR", 253: "MAILB", 254: "MAILA",
	255: "ANY", 256: "URI", 257: "CAA", 258: "AVC", 259: "DOA", 260: "AMTRELAY", 261: "RESINFO", 262: "WALLET", 32768: "TA", 32769: "DLV",
}

// netbiosNames are the types of RFC 1002 §4.2.1.3; 33 is SRV in DNS.
var netbiosNames = map[uint16]string{32: "NB", 33: "NBSTAT"}

// AppendTypeName appends the name of a record type, TYPE and its number for one without
// (RFC 3597 §5).
func AppendTypeName(dst []byte, kind Kind, t uint16) []byte {
	if kind == NBNS {
		if name, known := netbiosNames[t]; known {
			return append(dst, name...)
		}
	}
	if name, known := typeNames[t]; known {
		return append(dst, name...)
	}
	return strconv.AppendUint(append(dst, "TYPE"...), uint64(t), 10)
}

var rcodeNames = [...]string{
	"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
	"NOTAUTH", "NOTZONE", "DSOTYPENI", "RCODE12", "RCODE13", "RCODE14", "RCODE15", "BADVERS", "BADKEY", "BADTIME",
	"BADMODE", "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE",
}

// netbiosRcodes are those of RFC 1002 §4.2.6 that say something else in DNS.
var netbiosRcodes = map[uint16]string{6: "ACT_ERR", 7: "CFT_ERR"}

// RcodeName returns the name of a response code (RFC 6895 §2.3).
func RcodeName(kind Kind, rcode uint16) string {
	if name, known := netbiosRcodes[rcode]; known && kind == NBNS {
		return name
	}
	if int(rcode) < len(rcodeNames) {
		return rcodeNames[rcode]
	}
	return "RCODE" + strconv.Itoa(int(rcode))
}

var opcodeNames = [...]string{"QUERY", "IQUERY", "STATUS", "OPCODE3", "NOTIFY", "UPDATE", "DSO"}

// netbiosOpcodes are those of RFC 1002 §4.2.1.1, with 9 and 15 as Windows sends them.
var netbiosOpcodes = map[uint8]string{0: "QUERY", 5: "REGISTRATION", 6: "RELEASE", 7: "WACK", 8: "REFRESH", 9: "REFRESH", 15: "MULTIHOMED"}

// OpcodeName returns the name of an operation (RFC 6895 §2.2), OPCODE and its number
// for one without.
func OpcodeName(kind Kind, opcode uint8) string {
	if kind == NBNS {
		if name, known := netbiosOpcodes[opcode]; known {
			return name
		}
	} else if int(opcode) < len(opcodeNames) {
		return opcodeNames[opcode]
	}
	return "OPCODE" + strconv.Itoa(int(opcode))
}
