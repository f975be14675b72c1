package publish

// ProcessName is what a lock file says of its holder.
var ProcessName = processName
var ReplaceIn = replaceIn
