// Package text writes what people read: CSV and TSV, JSON lines, aligned tables
// for a terminal, a line a value, and single strings in messages. It owns the one escaper that
// every string from a capture passes before it reaches a person.
//
// # Escaping
//
// Strings come from packets, so an attacker wrote them. Escape leaves printable
// text alone and makes everything else visible:
//
//	\t \n \r      tab, line feed, carriage return
//	\xNN          other control bytes, DEL, and bytes that are not valid UTF-8
//	\u{H…}        C1 controls, bidirectional overrides, zero-width and other
//	              characters that Unicode does not call printable
//	\\            a backslash
//
// Unescape is its exact inverse for any bytes, so nothing is lost by it.
//
// # CSV and TSV
//
// One header line, one line a row, LF line ends, quoting as RFC 4180. A null is
// an empty cell, an empty string is "". Text is escaped as above, so a row never
// spans lines; a text cell that starts with one of = + - @ TAB CR LF, a
// full-width form of those, or an apostrophe gets a leading apostrophe, so that
// no spreadsheet takes it for a formula (OWASP ASVS 1.2.10) and so that removing
// one leading apostrophe always gives the text back. CSVConfig.Raw turns both
// off. Lists are JSON arrays, bytes hexadecimal digits in lower case. Doubles have the shortest form that reads back as
// the same number. Timestamps are RFC 3339 in UTC with six decimals.
//
// # JSON lines
//
// One object a line, keys in schema order, a null as null, int64 as numbers, text
// and bytes (in hexadecimal) as JSON strings, in which whatever Escape would change is \uXXXX (bytes that are
// no UTF-8, which a batch must not hold, become \xNN in the text). NaN and the
// infinities, which only profiles of other tools write, are strings.
package text
