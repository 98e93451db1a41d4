package identity

import "oci-media-pipelines/localcloud/kind"

// source is the page that says which permissions the operations here need.
const source = "Details for IAM with Identity Domains: Permissions Required for Each API Operation"

// access is that to a noun such as GROUP, which is listed and got with one
// permission. variables begin with prefix: .id, which does not apply to a create,
// and .name.
func access(noun, read, prefix string) kind.Access {
	a := kind.CRUD(source, noun)
	a.List, a.Get = []string{read}, []string{read}
	a.Target = func(o kind.Object) map[string]string {
		variables := map[string]string{prefix + ".name": o.Str("name")}
		if id := o.Str("id"); id != "" {
			variables[prefix+".id"] = id
		}
		return variables
	}
	return a
}
