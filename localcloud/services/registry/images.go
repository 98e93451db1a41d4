package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// imageID derives the OCID of an image from its place, so that it need not be
// stored.
func imageID(repository kind.Object, digest string) string {
	sum := sha256.Sum256([]byte(repository.Str("id") + "/" + digest))
	unique := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
	return fmt.Sprintf("ocid1.containerimage.oc1.%s.%s", repository.Str("region"), unique)
}

// listed is an image with what the Artifacts API tells about it.
type listed struct {
	stored
	repository kind.Object
	versions   []map[string]any // newest first
}

// images returns all images of a repository, with their tags.
func (s *Service) images(repository kind.Object) ([]listed, error) {
	id := repository.Str("id")
	versions := map[string][]map[string]any{}
	err := s.store.Scan(versionTable, id+"/", func(key string, raw json.RawMessage) error {
		var v version
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		tag := map[string]any{"version": strings.TrimPrefix(key, id+"/"), "createdBy": v.CreatedBy, "timeCreated": kind.Timestamp(v.Created)}
		versions[v.Digest] = append([]map[string]any{tag}, versions[v.Digest]...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []listed
	err = s.store.Scan(imageTable, id+"/", func(_ string, raw json.RawMessage) error {
		var image stored
		if err := json.Unmarshal(raw, &image); err != nil {
			return err
		}
		all = append(all, listed{image, repository, versions[image.Digest]})
		return nil
	})
	return all, err
}

func (l listed) layers() ([]v1.Descriptor, error) {
	if !l.MediaType.IsImage() {
		return nil, nil
	}
	manifest, err := v1.ParseManifest(bytes.NewReader(l.Manifest))
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", l.Digest, err)
	}
	return manifest.Layers, nil
}

// summary is the members of ContainerImageSummary.
func (l listed) summary() kind.Object {
	name := l.repository.Str("displayName")
	o := kind.Object{
		"id": imageID(l.repository, l.Digest), "compartmentId": l.repository["compartmentId"], "digest": l.Digest,
		"repositoryId": l.repository["id"], "repositoryName": name, "lifecycleState": "AVAILABLE",
		"timeCreated": kind.Timestamp(l.Created), "displayName": name + ":unknown@" + l.Digest,
		"freeformTags": map[string]any{}, "definedTags": map[string]any{}, "systemTags": map[string]any{},
	}
	if len(l.versions) > 0 {
		o["version"] = l.versions[0]["version"]
		o["displayName"] = fmt.Sprintf("%s:%s", name, o["version"])
	}
	return o
}

// model is the members of ContainerImage.
func (l listed) model() (kind.Object, error) {
	descriptors, err := l.layers()
	if err != nil {
		return nil, err
	}
	layers, size := []map[string]any{}, int64(0)
	for _, layer := range descriptors {
		size += layer.Size
		layers = append(layers, map[string]any{"digest": layer.Digest.String(), "sizeInBytes": layer.Size, "timeCreated": kind.Timestamp(l.Created)})
	}
	o := l.summary()
	o["createdBy"], o["layers"], o["layersSizeInBytes"] = l.CreatedBy, layers, size
	o["manifestSizeInBytes"], o["pullCount"] = len(l.Manifest), l.Pulls
	o["versions"] = append([]map[string]any{}, l.versions...)
	if !l.LastPulled.IsZero() {
		o["timeLastPulled"] = kind.Timestamp(l.LastPulled)
	}
	return o, nil
}

// filters are the query parameters of ListContainerImages and the members that
// they are compared with.
var filters = map[string]string{
	"compartmentId": "compartmentId", "displayName": "displayName", "imageId": "id", "repositoryId": "repositoryId",
	"repositoryName": "repositoryName", "version": "version", "imageDigest": "digest", "lifecycleState": "lifecycleState",
}

func (s *Service) listImages(c *api.Call) (*api.Response, error) {
	if c.Query("compartmentId") == "" {
		return nil, api.MissingParameter("compartmentId is required.")
	}
	var found []kind.Object
	err := s.eachImage(c.Region, func(l listed) error {
		o := l.summary()
		for parameter, member := range filters {
			if want := c.Query(parameter); want != "" && o.Str(member) != want {
				return nil
			}
		}
		if want := c.Query("isVersioned"); want != "" && want != fmt.Sprint(len(l.versions) > 0) {
			return nil
		}
		found = append(found, o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return kind.Page(c, found, nil, true)
}

func (s *Service) eachImage(region string, visit func(listed) error) error {
	for _, repository := range s.engine.List(repositoryType, func(o kind.Object) bool { return o.Str("region") == region }) {
		all, err := s.images(repository)
		if err != nil {
			return err
		}
		for _, image := range all {
			if err := visit(image); err != nil {
				return err
			}
		}
	}
	return nil
}

// errStop ends eachImage early.
var errStop = errors.New("stop")

func (s *Service) imageByID(c *api.Call) (listed, error) {
	var found listed
	err := s.eachImage(c.Region, func(l listed) error {
		if imageID(l.repository, l.Digest) == c.Param("id") {
			found = l
			return errStop
		}
		return nil
	})
	switch {
	case errors.Is(err, errStop):
		return found, nil
	case err != nil:
		return listed{}, err
	}
	return listed{}, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: ContainerImage %s.", c.Param("id"))
}

func (s *Service) getImage(c *api.Call) (*api.Response, error) {
	image, err := s.imageByID(c)
	if err != nil {
		return nil, err
	}
	o, err := image.model()
	if err != nil {
		return nil, err
	}
	return api.OK(o), nil
}

func (s *Service) deleteImage(c *api.Call) (*api.Response, error) {
	image, err := s.imageByID(c)
	if err != nil {
		return nil, err
	}
	id := image.repository.Str("id")
	if err := s.store.Update(func(tx *store.Tx) error { return drop(tx, id, image.Digest) }); err != nil {
		return nil, err
	}
	if err := s.count(id, time.Time{}); err != nil {
		return nil, err
	}
	return api.NoContent(), nil
}

// count brings a repository's own figures up to date after a push or a delete.
// A repository that was deleted meanwhile takes the push with it.
func (s *Service) count(repositoryID string, pushed time.Time) error {
	alive, err := s.engine.Change(repositoryID, func(o kind.Object) error {
		all, err := s.images(o)
		if err != nil {
			return err
		}
		sizes, total := map[v1.Hash]int64{}, int64(0)
		for _, image := range all {
			layers, err := image.layers()
			if err != nil {
				return err
			}
			for _, layer := range layers {
				sizes[layer.Digest] = layer.Size
			}
		}
		for _, size := range sizes {
			total += size
		}
		o["imageCount"], o["layerCount"], o["layersSizeInBytes"] = len(all), len(sizes), total
		o["billableSizeInGBs"] = total / 1e9
		if !pushed.IsZero() {
			o["timeLastPushed"] = kind.Timestamp(pushed)
		}
		return nil
	})
	if err == nil && !alive {
		return s.forget(repositoryID)
	}
	return err
}
