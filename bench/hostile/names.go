package hostile

import "strings"

// names are sound captures under file names that mean something to a terminal, a
// shell, a browser, a spreadsheet or a path builder. They must come back whole
// from the manifest and escaped everywhere else.
func names() []Case {
	named := func(name, file string) Case {
		return Case{Name: name, File: file, Make: func() ([]byte, Want) { return newPcap().good(2).done(Complete, "") }}
	}
	return []Case{
		named("name_with_newline", "a\nb.pcap"),
		named("name_with_terminal_escape", "a\x1b]0;owned\x07\x1b[31m.pcap"),
		named("name_not_utf8", "caf\xe9\xff.pcap"),
		named("name_with_leading_dash", "-rf.pcap"),
		named("name_of_255_bytes", strings.Repeat("n", 250)+".pcap"),
		named("name_with_quotes", `a'"$(id)`+"`id`.pcap"),
		named("name_with_right_to_left_override", "a\u202efdp.pcap"),
		named("name_of_a_formula", "=cmd|' C'!A0.pcap"),
		named("name_of_markup", "<script>alert(1)<-script>.pcap"),
		named("name_with_glob_characters", "[a-z]*?{x,y}.pcap"),
		named("name_like_a_parent", "..pcap"),
		named("name_with_trailing_space", "a.pcap "),
		named("name_of_our_own", ".pcapmill-tmp-0000000000000000"),
	}
}
