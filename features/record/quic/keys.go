package quic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
)

const (
	keyBytes   = 16
	ivBytes    = 12
	tagBytes   = 16
	sampleSize = 16
)

// keys open the Initial packets of one side.
type keys struct {
	aead cipher.AEAD
	mask cipher.Block // of the header
	iv   [ivBytes]byte
}

// deriveKeys returns the keys of the client's and the server's Initial packets
// (RFC 9001 §5.2). Each is set up once a connection: it costs as much as opening some
// packets.
func deriveKeys(c *crypto, dcid []byte) (client, server *keys, err error) {
	secret := hmacSHA256([]byte(c.salt), dcid) // HKDF-Extract of RFC 5869 §2.2
	if client, err = sideKeys(c, secret[:], "client in"); err != nil {
		return nil, nil, err
	}
	server, err = sideKeys(c, secret[:], "server in")
	return client, server, err
}

func sideKeys(c *crypto, initial []byte, side string) (*keys, error) {
	secret := expand(initial, side, sha256.Size)
	key, iv, hp := expand(secret[:], c.key, keyBytes), expand(secret[:], c.iv, ivBytes), expand(secret[:], c.hp, keyBytes)
	k := &keys{}
	copy(k.iv[:], iv[:])
	var err error
	if k.aead, err = newGCM(key[:keyBytes]); err != nil {
		return nil, err
	}
	k.mask, err = aes.NewCipher(hp[:keyBytes])
	return k, err
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// expand is HKDF-Expand-Label of RFC 8446 §7.1 without a context, for lengths of one
// hash at the most: one block of RFC 5869 §2.3. The rest of the hash is to be ignored.
func expand(secret []byte, label string, length int) [sha256.Size]byte {
	const prefix = "tls13 "
	var room [64]byte
	info := binary.BigEndian.AppendUint16(room[:0], uint16(length))
	info = append(info, byte(len(prefix)+len(label)))
	info = append(append(info, prefix...), label...)
	return hmacSHA256(secret, append(info, 0, 1))
}

// hmacSHA256 is HMAC of RFC 2104 for keys of up to a block and short messages, on the
// stack: the standard library's takes most of a connection's set-up to allocate.
func hmacSHA256(key, message []byte) [sha256.Size]byte {
	const inner, outer = 0x36, 0x5c
	var room [2 * sha256.BlockSize]byte
	sum := sha256.Sum256(append(padded(room[:0], key, inner), message...))
	return sha256.Sum256(append(padded(room[:0], key, outer), sum[:]...))
}

// padded appends a key of one block, each byte with a pad.
func padded(dst, key []byte, pad byte) []byte {
	var block [sha256.BlockSize]byte
	copy(block[:], key)
	for i := range block {
		block[i] ^= pad
	}
	return append(dst, block[:]...)
}

// opener opens packets. Its memory is reused.
type opener struct {
	header, plain []byte
	nonce         [ivBytes]byte
	mask          [aes.BlockSize]byte
}

// open takes the protection off a packet: that of the header, which hides how long the
// packet number is (RFC 9001 §5.4), then that of the payload, which is returned and
// belongs to the opener. largest is the largest packet number so far. ok is false for
// what was not sent under these keys.
func (o *opener) open(k *keys, h *Header, packet []byte, largest int64) (payload []byte, number int64, ok bool) {
	const longest = 4 // of packet numbers, and where the sample begins
	if h.end-h.number < longest+sampleSize {
		return nil, 0, false
	}
	k.mask.Encrypt(o.mask[:], packet[h.number+longest:h.number+longest+sampleSize])
	o.header = append(o.header[:0], packet[:h.number+longest]...)
	o.header[0] ^= o.mask[0] & 0x0f
	size := int(o.header[0]&3) + 1
	o.header = o.header[:h.number+size]
	truncated := int64(0)
	for i := range size {
		o.header[h.number+i] ^= o.mask[1+i]
		truncated = truncated<<8 | int64(o.header[h.number+i])
	}
	number = decodeNumber(truncated, 8*size, largest)
	o.nonce = k.iv
	for i := range 8 {
		o.nonce[ivBytes-1-i] ^= byte(number >> (8 * i))
	}
	payload, err := k.aead.Open(o.plain[:0], o.nonce[:], packet[h.number+size:h.end], o.header)
	if err != nil {
		return nil, 0, false
	}
	o.plain = payload
	return payload, number, true
}

// decodeNumber returns the packet number nearest to the one expected that ends in the
// given bits (RFC 9000 §A.3).
func decodeNumber(truncated int64, bits int, largest int64) int64 {
	expected, window := largest+1, int64(1)<<bits
	candidate := expected&^(window-1) | truncated
	switch half := window / 2; {
	case candidate <= expected-half && candidate < 1<<62-window:
		return candidate + window
	case candidate > expected+half && candidate >= window:
		return candidate - window
	}
	return candidate
}

// answers reports whether a Retry packet is an answer to a packet for a connection ID
// (RFC 9001 §5.8), which its last bytes prove.
func (c *crypto) answers(packet, dcid []byte) bool {
	if c.retryKey == "" {
		return true
	}
	aead, err := newGCM([]byte(c.retryKey))
	if err != nil {
		return false
	}
	body, tag := packet[:len(packet)-tagBytes], packet[len(packet)-tagBytes:]
	pseudo := append([]byte{byte(len(dcid))}, dcid...)
	_, err = aead.Open(nil, []byte(c.retryIV), tag, append(pseudo, body...))
	return err == nil
}
