package docker

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"text/template"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Image is what docker image inspect tells of an image:
// https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageInspect
type Image struct {
	Id           string
	RepoTags     []string
	RepoDigests  []string
	Created      string
	Config       v1.Config
	Architecture string
	Os           string
	Size         int64
	RootFS       struct {
		Type   string
		Layers []string
	}
}

func (c *invocation) inspect(arguments []string) error {
	set := flags()
	var format string
	set.StringVar(&format, "f", "", "")
	set.StringVar(&format, "format", "", "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if set.NArg() == 0 {
		return errors.New("want the names of images")
	}
	all, err := c.store.list()
	if err != nil {
		return err
	}
	described := []Image{}
	for _, name := range set.Args() {
		found, err := find(all, name)
		if err != nil {
			return err
		}
		image, err := describe(found, all)
		if err != nil {
			return err
		}
		described = append(described, image)
	}
	if format == "" {
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "    ")
		return encoder.Encode(described)
	}
	parsed, err := template.New("format").Funcs(template.FuncMap{"json": func(value any) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	}}).Parse(format)
	if err != nil {
		return err
	}
	for _, image := range described {
		if err := parsed.Execute(c.out, image); err != nil {
			return err
		}
		fmt.Fprintln(c.out)
	}
	return nil
}

// describe tells of an image; all has its other names.
func describe(e entry, all []entry) (Image, error) {
	manifest, err := e.image.Manifest()
	if err != nil {
		return Image{}, err
	}
	config, err := e.image.ConfigFile()
	if err != nil {
		return Image{}, err
	}
	image := Image{
		Id: e.id.String(), RepoTags: []string{}, RepoDigests: []string{}, Created: config.Created.Format(time.RFC3339),
		Config: config.Config, Architecture: config.Architecture, Os: config.OS, Size: manifest.Config.Size,
	}
	for _, other := range all {
		if other.id != e.id || other.name == "" {
			continue
		}
		image.RepoTags = append(image.RepoTags, familiar(other.name))
		repository, _, _ := cutTag(familiar(other.name))
		if digest := repository + "@" + other.descriptor.Digest.String(); !slices.Contains(image.RepoDigests, digest) {
			image.RepoDigests = append(image.RepoDigests, digest)
		}
	}
	for _, layer := range manifest.Layers {
		image.Size += layer.Size
	}
	image.RootFS.Type = "layers"
	for _, layer := range config.RootFS.DiffIDs {
		image.RootFS.Layers = append(image.RootFS.Layers, layer.String())
	}
	return image, nil
}
