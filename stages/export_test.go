//go:build !nounsafe

package stages

// Aliases lists memory of a Session that Save tears apart: see snapshot.Codec.Aliases.
func (s *Session) Aliases() ([]string, error) {
	codec, err := stateCodec()
	if err != nil {
		return nil, err
	}
	return codec.Aliases(s)
}
