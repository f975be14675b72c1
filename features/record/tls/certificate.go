package tls

// maxCertificates is how many certificates of a message are read.
const maxCertificates = 64

// CertificateList has the certificates of a message of TLS 1.2 or before, the peer's
// own first. Parse reuses its memory; the certificates are parts of what it was given.
type CertificateList struct {
	Certificates [][]byte // DER
}

// Parse reads the body of a certificate message. On an error, a *Error, what fits is
// there.
func (l *CertificateList) Parse(body []byte) error {
	l.Certificates = l.Certificates[:0]
	c := cursor{b: body}
	n := c.u24()
	list := cursor{b: c.b[:min(len(c.b), c.at+n)], at: c.at}
	for list.left() > 0 {
		if len(l.Certificates) == maxCertificates {
			return &Error{Reason: Large, Offset: list.at}
		}
		at := list.at
		der := list.vector24()
		if list.short {
			return &Error{Reason: Cut, Offset: at}
		}
		l.Certificates = append(l.Certificates, der)
	}
	switch {
	case c.short || c.left() < n:
		return &Error{Reason: Cut, Offset: c.at}
	case c.left() > n:
		return &Error{Reason: Trailing, Offset: c.at + n}
	}
	return nil
}
