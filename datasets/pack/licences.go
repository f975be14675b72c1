package pack

import "strings"

// licence is one that datasets are published under.
type licence struct {
	spdx string // identifier of the SPDX list, as CITATION.cff takes it
	hub  string // identifier of the Hugging Face Hub
	url  string
}

// licences are those whose identifiers are known here. Others are taken as they are given, with
// license_url.
var licences = []licence{
	{"CC0-1.0", "cc0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"},
	{"CC-BY-4.0", "cc-by-4.0", "https://creativecommons.org/licenses/by/4.0/"},
	{"CC-BY-SA-4.0", "cc-by-sa-4.0", "https://creativecommons.org/licenses/by-sa/4.0/"},
	{"CC-BY-NC-4.0", "cc-by-nc-4.0", "https://creativecommons.org/licenses/by-nc/4.0/"},
	{"CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/"},
	{"CC-BY-ND-4.0", "cc-by-nd-4.0", "https://creativecommons.org/licenses/by-nd/4.0/"},
	{"CC-BY-NC-ND-4.0", "cc-by-nc-nd-4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/"},
	{"CC-BY-3.0", "cc-by-3.0", "https://creativecommons.org/licenses/by/3.0/"},
	{"ODbL-1.0", "odbl", "https://opendatacommons.org/licenses/odbl/1-0/"},
	{"ODC-By-1.0", "odc-by", "https://opendatacommons.org/licenses/by/1-0/"},
	{"PDDL-1.0", "pddl", "https://opendatacommons.org/licenses/pddl/1-0/"},
	{"CDLA-Permissive-1.0", "cdla-permissive-1.0", "https://cdla.dev/permissive-1-0/"},
	{"CDLA-Sharing-1.0", "cdla-sharing-1.0", "https://cdla.dev/sharing-1-0/"},
	{"MIT", "mit", "https://opensource.org/license/mit"},
	{"Apache-2.0", "apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0"},
	{"BSD-3-Clause", "bsd-3-clause", "https://opensource.org/license/bsd-3-clause"},
	{"GPL-3.0-or-later", "gpl-3.0", "https://www.gnu.org/licenses/gpl-3.0.html"},
	{"GPL-3.0-only", "gpl-3.0", "https://www.gnu.org/licenses/gpl-3.0.html"},
	{"Unlicense", "unlicense", "https://unlicense.org/"},
}

// licenceNamed returns the licence of an SPDX identifier, in letters of any case.
func licenceNamed(name string) (licence, bool) {
	for _, l := range licences {
		if strings.EqualFold(l.spdx, name) {
			return l, true
		}
	}
	return licence{}, false
}
