// Package registry is the local cloud's container registry (OCIR): the
// repositories of the Artifacts API, and a real OCI distribution registry
// behind OCIR's login. Images stay on disk over a restart.
//
// Differences from OCIR:
//
//   - A push to a repository that was not created is refused. OCIR would make
//     the repository in the tenancy's root compartment, where no policy of this
//     compartment applies: a mistake better found here.
//   - A token is good for every repository that its bearer may use, whatever
//     scope was asked for; rights are looked at on each request.
//   - Pull-through and multi-region repositories, signatures, retention and
//     vulnerability scanning are not served.
package registry

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	distribution "github.com/google/go-containerregistry/pkg/registry"
	"github.com/oracle/oci-go-sdk/v65/artifacts"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
	"oci-media-pipelines/localcloud/store"
)

// repositoryType is the resource type inside a repository's OCID.
const repositoryType = "containerrepo"

// Users knows the users' auth tokens.
type Users interface {
	// Login returns the user of a name if token is one of their auth tokens.
	Login(name, token string) (iam.Principal, bool)
}

// Service is the container registry.
type Service struct {
	artifacts, registry *api.Service

	engine  *kind.Engine
	store   *store.Store
	tenancy *iam.Tenancy
	users   Users
	auth    api.Authenticator
	guard   *api.Guard
	key     []byte // signs the registry's tokens
	dir     string // blobs, one folder for each repository
	uploads http.Handler
}

// New makes the service over the images that the store holds. Blobs of
// repositories that no longer exist are removed.
func New(engine *kind.Engine, s *store.Store, tenancy *iam.Tenancy, users Users, guard *api.Guard) (*Service, error) {
	dir, err := s.Dir("registry")
	if err != nil {
		return nil, fmt.Errorf("container registry: %w", err)
	}
	key, err := tokenKey(s)
	if err != nil {
		return nil, fmt.Errorf("container registry: %w", err)
	}
	r := &Service{
		artifacts: api.NewService("artifacts", "artifacts.{region}.oci.oraclecloud.com"),
		registry:  api.NewService("ocir", api.RegistryHosts...),
		engine:    engine, store: s, tenancy: tenancy, auth: api.Signatures{Keys: tenancy}, users: users, guard: guard, key: key, dir: dir,
	}
	r.uploads = distribution.New(distribution.WithBlobHandler(blobs{r}), distribution.Logger(log.New(io.Discard, "", 0)))
	if err := r.sweep(); err != nil {
		return nil, fmt.Errorf("container registry: %w", err)
	}
	engine.Register(r.artifacts, r.repositories())
	r.artifacts.Route("ListContainerImages", "GET /container/images", api.On(api.InCompartment, r.listImages), repositoryInspect)
	r.artifacts.Route("GetContainerImage", "GET /container/images/{id}", r.onImage(r.getImage), repositoryRead)
	r.artifacts.Route("DeleteContainerImage", "DELETE /container/images/{id}", r.onImage(r.deleteImage), repositoryManage)
	r.registry.RouteOpen("GetToken", "GET /docker/token", r.refusing(r.login))
	r.registry.RouteOpen("Pull", "GET /v2/{path...}", r.refusing(r.pull), repositoryRead)
	r.registry.RouteOpen("StartUpload", "POST /v2/{path...}", r.refusing(r.push), repositoryUpdate)
	r.registry.RouteOpen("UploadBlob", "PATCH /v2/{path...}", r.refusing(r.push), repositoryUpdate)
	r.registry.RouteOpen("Push", "PUT /v2/{path...}", r.refusing(r.push), repositoryUpdate)
	r.registry.RouteOpen("DeleteManifest", "DELETE /v2/{path...}", r.refusing(r.push), repositoryUpdate, repositoryManage)
	return r, nil
}

// APIs returns the Artifacts API and the registry itself.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.artifacts, s.registry} }

// repositories describes the resource ContainerRepository.
func (s *Service) repositories() kind.Kind {
	return kind.Kind{
		Name: "ContainerRepository", Plural: "ContainerRepositories", Type: repositoryType, Path: "/container/repositories", Access: repositoryAccess,
		Active: "AVAILABLE", ListCollection: true,
		Create: artifacts.CreateContainerRepositoryDetails{}, Update: artifacts.UpdateContainerRepositoryDetails{},
		Hidden: []string{"region"}, Limits: []kind.Count{{Limit: limits.Repositories}},
		Parameters: map[string]string{"repositoryId": "id"},
		Check: func(c *api.Call, old, o kind.Object) error {
			if kind := o.Str("repositoryType"); kind != "" && kind != "STANDARD" {
				return api.NotImplemented("The local cloud serves repositories of type STANDARD only, not %s.", kind)
			}
			if o.Bool("isTopLevel") {
				return api.NotImplemented("The local cloud does not serve top-level repositories.")
			}
			if name := o.Str("displayName"); !validName.MatchString(name) || len(name) > maxName {
				return api.InvalidParameter("displayName %q is not a repository name: lower-case letters and digits, with single . _ - / between them.", name)
			}
			// A name is unique within its namespace and region.
			if _, taken := s.find(c.Region, s.tenancy.Namespace+"/"+o.Str("displayName")); taken && old == nil {
				return api.Conflict("Conflict", "Repository %s already exists in namespace %s.", o.Str("displayName"), s.tenancy.Namespace)
			}
			return nil
		},
		Defaults: func(c *api.Call, o kind.Object) error {
			o["region"] = c.Region
			o["namespace"] = s.tenancy.Namespace
			o["createdBy"] = c.Principal.ID
			o.Default("isImmutable", false)
			o.Default("isPublic", false)
			o.Default("repositoryType", "STANDARD")
			o.Default("isTopLevel", false)
			o.Default("systemTags", map[string]any{})
			for _, count := range []string{"imageCount", "layerCount", "layersSizeInBytes", "billableSizeInGBs"} {
				o[count] = 0
			}
			return nil
		},
		Deleted: func(o kind.Object) error { return s.forget(o.Str("id")) },
	}
}

// find returns the repository with a path "<namespace>/<name>" in a region.
func (s *Service) find(region, path string) (kind.Object, bool) {
	namespace, name, _ := strings.Cut(path, "/")
	if namespace != s.tenancy.Namespace {
		return nil, false
	}
	found := s.engine.List(repositoryType, func(o kind.Object) bool {
		return o.Str("displayName") == name && o.Str("region") == region
	})
	if len(found) == 0 {
		return nil, false
	}
	return found[0], true
}

// forget removes all images of a repository, and its blobs.
func (s *Service) forget(repositoryID string) error {
	err := s.store.Update(func(tx *store.Tx) error {
		return errors.Join(tx.DeletePrefix(imageTable, repositoryID+"/"), tx.DeletePrefix(versionTable, repositoryID+"/"))
	})
	if err != nil {
		return fmt.Errorf("remove the images of %s: %w", repositoryID, err)
	}
	if err := os.RemoveAll(s.folder(repositoryID)); err != nil {
		return fmt.Errorf("remove the blobs of %s: %w", repositoryID, err)
	}
	return nil
}

// sweep removes what a delete that was interrupted, or overtaken by an upload,
// left behind.
func (s *Service) sweep() error {
	folders, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if _, alive := s.engine.Get(folder.Name()); !alive {
			if err := s.forget(folder.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) folder(repositoryID string) string { return filepath.Join(s.dir, repositoryID) }

// regionOf returns the region that a registry host stands for: the long form
// names it, the short one gives its key.
func regionOf(c *api.Call) string {
	if c.Region != "" {
		return c.Region
	}
	region, _ := api.RegistryRegion(c.Host)
	return region
}
