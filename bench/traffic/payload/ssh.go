package payload

import "strings"

// SSHPeer is how one implementation begins (RFC 4253).
type SSHPeer struct {
	Banner  string // without the line's end
	KEX     string
	HostKey string
	Ciphers string
	MACs    string
	Zip     string
}

// SSHClients and SSHServers are the implementations. Their lists are our own.
var (
	SSHClients = [3]SSHPeer{
		{
			"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5",
			"sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256,ext-info-c,kex-strict-c-v00@openssh.com",
			"ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256",
			"chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com",
			"umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1",
			"none,zlib@openssh.com,zlib",
		},
		{
			"SSH-2.0-PuTTY_Release_0.81",
			"curve448-sha512,curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256,rsa2048-sha256,ext-info-c",
			"ssh-ed448,ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa",
			"aes256-ctr,aes256-cbc,aes192-ctr,aes128-ctr,chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,3des-ctr",
			"hmac-sha2-256,hmac-sha2-512,hmac-sha1,hmac-sha1-96,hmac-sha2-256-etm@openssh.com",
			"none,zlib,zlib@openssh.com",
		},
		{
			"SSH-2.0-libssh2_1.11.0",
			"curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256",
			"ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,ssh-rsa",
			"aes256-gcm@openssh.com,aes256-ctr,aes128-ctr,aes128-cbc",
			"hmac-sha2-256,hmac-sha2-512,hmac-sha1",
			"none",
		},
	}
	SSHServers = [2]SSHPeer{
		{
			"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3",
			"sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256,kex-strict-s-v00@openssh.com",
			"rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,ssh-ed25519",
			"chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com",
			"umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1",
			"none,zlib@openssh.com",
		},
		{
			"SSH-2.0-dropbear_2022.83",
			"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group14-sha256,kexguess2@matt.ucc.asn.au",
			"ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-256,ssh-rsa",
			"chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr",
			"hmac-sha1,hmac-sha2-256",
			"zlib@openssh.com,none",
		},
	}
)

// AppendBanner appends the identification line.
func (p *SSHPeer) AppendBanner(b []byte) []byte { return append(append(b, p.Banner...), "\r\n"...) }

// AppendKexInit appends the key exchange's lists: both directions alike, no
// languages.
func (p *SSHPeer) AppendKexInit(b []byte, seed uint64) []byte {
	body := appendRandom([]byte{20}, 16, seed)
	for _, list := range []string{p.KEX, p.HostKey, p.Ciphers, p.Ciphers, p.MACs, p.MACs, p.Zip, p.Zip, "", ""} {
		body = append(be32(body, uint32(len(list))), list...)
	}
	return appendSSH(b, append(body, 0, 0, 0, 0, 0), seed+1)
}

// HASSH returns the text whose MD5 is the fingerprint of this side.
func (p *SSHPeer) HASSH() string { return strings.Join([]string{p.KEX, p.Ciphers, p.MACs, p.Zip}, ";") }

// AppendExchange appends the client's ephemeral key.
func AppendExchange(b []byte, seed uint64) []byte {
	return appendSSH(b, appendRandom([]byte{30, 0, 0, 0, 32}, 32, seed), seed+1)
}

// AppendExchanged appends the server's host key, ephemeral key and signature, and
// the message that ends the exchange.
func AppendExchanged(b []byte, seed uint64) []byte {
	body := append([]byte{31, 0, 0, 0, 51, 0, 0, 0, 11}, "ssh-ed25519"...)
	body = appendRandom(be32(body, 32), 32, seed)
	body = appendRandom(be32(body, 32), 32, seed+1)
	body = append(append(be32(body, 83), 0, 0, 0, 11), "ssh-ed25519"...)
	body = appendRandom(be32(body, 64), 64, seed+2)
	return AppendNewKeys(appendSSH(b, body, seed+3), seed+4)
}

// AppendNewKeys appends the message after which all is encrypted.
func AppendNewKeys(b []byte, seed uint64) []byte { return appendSSH(b, []byte{21}, seed) }

// appendSSH appends a binary packet: length, padding to a multiple of eight.
func appendSSH(b, body []byte, seed uint64) []byte {
	pad := 8 - (5+len(body))%8
	if pad < 4 {
		pad += 8
	}
	b = be32(b, uint32(1+len(body)+pad))
	b = append(append(b, byte(pad)), body...)
	return appendRandom(b, pad, seed)
}
