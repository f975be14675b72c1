package digest

// SHA1Each and SHA256Each are what processors without SHA instructions run.
var (
	SHA1Each   = sha1Each
	SHA256Each = sha256Each
)
