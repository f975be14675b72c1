package manifest

// ReadAll is readAll, for its limit.
var ReadAll = readAll
