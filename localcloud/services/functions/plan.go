package functions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

// plan is what a container of a function is started with, and how it is used.
type plan struct {
	functionID, applicationID string
	name                      string
	image, digest             string
	memoryMB                  int64
	env                       map[string]string
	subject                   runtime.Subject

	// revision stands for all of the above: a container of another revision is
	// not used any more.
	revision string

	timeout, detachedTimeout float64 // seconds
	// keep is how many containers are not stopped for being idle.
	keep int
}

// plan reads what a function is at this moment.
func (s *Service) plan(functionID string) (*plan, error) {
	function, found := s.Engine.Get(functionID)
	if !found || !strings.HasPrefix(functionID, "ocid1."+typeFunction+".") {
		return nil, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: function %s.", functionID)
	}
	application, _ := s.Engine.Get(function.Str("applicationId"))
	p := &plan{
		functionID: functionID, applicationID: application.Str("id"), name: function.Str("displayName"),
		image: function.Str("image"), digest: function.Str("imageDigest"),
		memoryMB: int64(function.Number("memoryInMBs")),
		env:      map[string]string{},
		subject: runtime.Subject{
			ID: functionID, ResourceType: typeFunction, CompartmentID: function.Str("compartmentId"), Region: regionOf(functionID),
		},
		timeout: function.Number("timeoutInSeconds"), detachedTimeout: function.Number("detachedModeTimeoutInSeconds"),
		keep: int(function.Object("provisionedConcurrencyConfig").Number("count")),
	}
	if p.detachedTimeout == 0 {
		p.detachedTimeout = defaultDetached
	}
	addConfig(p.env, application)
	addConfig(p.env, function) // wins over the application's
	maps.Copy(p.env, map[string]string{
		"FN_APP_ID": p.applicationID, "FN_APP_NAME": application.Str("displayName"),
		"FN_FN_ID": p.functionID, "FN_FN_NAME": p.name,
		"FN_MEMORY": strconv.FormatInt(p.memoryMB, 10), "FN_TMPSIZE": strconv.FormatInt(min(p.memoryMB/4, 512), 10),
		"FN_FORMAT": "http-stream", "FN_TYPE": "sync", "OCI_TRACING_ENABLED": "0",
	})
	content, err := json.Marshal([]any{p.image, p.digest, p.memoryMB, p.env, p.subject})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	p.revision = hex.EncodeToString(sum[:])
	return p, nil
}

func addConfig(env map[string]string, o kind.Object) {
	for key, value := range o.Object("config") {
		env[key], _ = value.(string)
	}
}

// regionOf reads the region in an OCID: ocid1.<type>.<realm>.<region>.<unique>.
func regionOf(id string) string {
	if parts := strings.Split(id, "."); len(parts) == 5 {
		return parts[3]
	}
	return iam.HomeRegion
}
