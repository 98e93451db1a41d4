package buildspec

import "gopkg.in/yaml.v3"

func (r *reader) inputArtifact(node *yaml.Node, path string, seen names) InputArtifact {
	m := r.mapping(node, path)
	if m == nil {
		return InputArtifact{}
	}
	a := InputArtifact{Name: m.wanted("name"), Type: m.one("type", "", GenericArtifact, StageArtifact, URLArtifact), Location: m.wanted("location")}
	r.unique(seen, max(m.lines["name"], m.line()), m.field("name"), a.Name)
	switch a.Type {
	case GenericArtifact:
		a.ArtifactID = m.text("artifactId")
		if a.ArtifactID == "" {
			a.RegistryID, a.Path, a.Version = m.text("registryId"), m.text("path"), m.text("version")
			if a.RegistryID == "" || a.Path == "" || a.Version == "" {
				r.say(m.line(), m.field("artifactId"), "is missing; want it, or registryId, path and version")
			}
			break
		}
		a.RegistryID, a.Path, a.Version = m.text("registryId"), m.text("path"), m.text("version")
	case URLArtifact:
		a.URL = m.wanted("url")
	case StageArtifact:
	default: // Which fields it may have is not known then.
		clear(m.left)
	}
	m.done()
	return a
}

func (r *reader) outputArtifact(node *yaml.Node, path string, seen names) OutputArtifact {
	m := r.mapping(node, path)
	if m == nil {
		return OutputArtifact{}
	}
	a := OutputArtifact{Name: m.wanted("name"), Type: m.one("type", "", Binary, DockerImage), Location: m.wanted("location")}
	r.unique(seen, max(m.lines["name"], m.line()), m.field("name"), a.Name)
	m.done()
	return a
}
