package digest

// SHA1Each, SHA256Each and HMACEach are what processors without SHA instructions run.
var (
	SHA1Each   = sha1Each
	SHA256Each = sha256Each
	HMACEach   = hmacEach
)
