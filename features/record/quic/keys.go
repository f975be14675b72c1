package quic

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"

	"pcapmill/features/flow/digest"
)

const (
	keyBytes   = 16
	ivBytes    = 12
	tagBytes   = 16
	sampleSize = 16
)

// keys open the Initial packets of one side.
type keys struct {
	known   bool
	key, hp [keyBytes]byte // of the payload, of the header
	iv      [ivBytes]byte

	// Made of the keys with the side's first packet, and once more where the state was
	// saved and read since.
	prepared bool
	aead     cipher.AEAD  `snapshot:"-"`
	mask     cipher.Block `snapshot:"-"` // of the header
}

// deriveKeys returns the keys of the client's and the server's Initial packets
// (RFC 9001 §5.2).
func deriveKeys(c *crypto, dcid []byte) (both [2]keys) {
	var message digest.Block
	message.SealBehind(copy(message[:maxID], dcid))
	secrets := expand([2]*digest.HMACKey{&c.salt, &c.salt}, &message, &message) // HKDF-Extract of RFC 5869 §2.2
	var initial, client, server digest.HMACKey
	initial.Set(secrets[0][:])
	secrets = expand([2]*digest.HMACKey{&initial, &initial}, &clientLabel, &serverLabel)
	client.Set(secrets[0][:])
	server.Set(secrets[1][:])
	sides := [2]*digest.HMACKey{&client, &server}
	key, iv, hp := expand(sides, &c.key, &c.key), expand(sides, &c.iv, &c.iv), expand(sides, &c.hp, &c.hp)
	for i := range both {
		k := &both[i]
		k.known = true
		copy(k.key[:], key[i][:])
		copy(k.iv[:], iv[i][:])
		copy(k.hp[:], hp[i][:])
	}
	return both
}

// expand makes two MACs.
func expand(secrets [2]*digest.HMACKey, first, second *digest.Block) (macs [2][sha256.Size]byte) {
	digest.HMAC(&macs, secrets, [2]*digest.Block{first, second})
	return macs
}

// The labels of the sides' secrets.
var (
	clientLabel = label("client in", sha256.Size)
	serverLabel = label("server in", sha256.Size)
)

// label returns the message of which HKDF-Expand-Label of RFC 8446 §7.1 without a context
// takes the MAC, for lengths of one hash at the most: one block of RFC 5869 §2.3. What the
// MAC has beyond the length is to be ignored.
func label(name string, length int) (message digest.Block) {
	const prefix = "tls13 "
	info := binary.BigEndian.AppendUint16(message[:0], uint16(length))
	info = append(info, byte(len(prefix)+len(name)))
	info = append(append(info, prefix...), name...)
	message.SealBehind(len(append(info, 0, 1)))
	return message
}

// prepare makes what opens packets, and reports whether it is there. It costs as much as
// opening some, and some sides never send any.
func (k *keys) prepare() bool {
	if k.aead != nil {
		return true
	}
	aead, err := newGCM(k.key[:])
	if err != nil {
		return false
	}
	if k.mask, err = aes.NewCipher(k.hp[:]); err == nil {
		k.aead, k.prepared = aead, true
	}
	return err == nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
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
	if h.end-h.number < longest+sampleSize || !k.prepare() {
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
