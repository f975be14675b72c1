package packet

// VLANStack packs the VLAN identifiers of a frame that Walk or Inner accepted into
// a number for View.VLANKey: different for different stacks of up to two tags, and
// but for a chance of one in two thousand million for longer ones. It is 0 without
// a tag.
func VLANStack(f []byte, v *View) uint32 {
	const tag = 1 << 12 // tells a tag with identifier 0 from none
	key, tags := uint64(0), 0
	LinkTags(f, v, func(id uint16) {
		if tags++; tags > 2 {
			key *= 0x9e3779b97f4a7c15
			key ^= key >> 32
		}
		key = key<<13 | tag | uint64(id)
	}, func(uint32) {})
	if tags > 2 {
		return uint32(key^key>>32) | 1<<31
	}
	return uint32(key)
}
