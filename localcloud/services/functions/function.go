package functions

import (
	"fmt"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// createFunctionDetails and updateFunctionDetails (their names show in errors) have the fields of every version of the API:
// the image stands at the top in 20181201 and within sourceDetails in 20260325.
type createFunctionDetails struct {
	DisplayName   *string `mandatory:"true" json:"displayName"`
	ApplicationID *string `mandatory:"true" json:"applicationId"`
	MemoryInMBs   *int64  `mandatory:"true" json:"memoryInMBs"`
	updateFields
}

type updateFunctionDetails struct {
	MemoryInMBs *int64 `json:"memoryInMBs"`
	updateFields
}

type updateFields struct {
	Image                        *string                   `json:"image"`
	ImageDigest                  *string                   `json:"imageDigest"`
	SourceDetails                map[string]any            `json:"sourceDetails"`
	Config                       map[string]string         `json:"config"`
	TimeoutInSeconds             *int                      `json:"timeoutInSeconds"`
	DetachedModeTimeoutInSeconds *int                      `json:"detachedModeTimeoutInSeconds"`
	ProvisionedConcurrencyConfig map[string]any            `json:"provisionedConcurrencyConfig"`
	SuccessDestination           map[string]any            `json:"successDestination"`
	FailureDestination           map[string]any            `json:"failureDestination"`
	TraceConfig                  map[string]any            `json:"traceConfig"`
	FreeformTags                 map[string]string         `json:"freeformTags"`
	DefinedTags                  map[string]map[string]any `json:"definedTags"`
}

// Limits of a function (documentation: Changing Default Memory and Timeout
// Settings; API reference, CreateFunctionDetails). Times are in seconds.
const (
	defaultTimeout, minTimeout, maxTimeout            = 30, 5, 300
	defaultDetached, minDetachedTime, maxDetachedTime = 300, 5, 3600
)

var memorySteps = []float64{128, 256, 512, 1024, 2048, 3072}

// invokeDomain ends the host names at which functions are invoked.
const invokeDomain = "functions.oci.oraclecloud.com"

func (s *Service) functionKind() kind.Kind {
	return kind.Kind{
		Name: "Function", Type: typeFunction, Path: "/functions", Access: functionAccess,
		Create: createFunctionDetails{}, Update: updateFunctionDetails{},
		References: []string{"applicationId"},
		Unique:     []string{"applicationId", "displayName"},
		Limits:     []kind.Count{{Limit: limits.Functions}},
		Check:      s.checkFunction,
		Defaults: func(c *api.Call, o kind.Object) error {
			application, _ := s.Engine.Get(o.Str("applicationId"))
			o["compartmentId"] = application.Str("compartmentId")
			o["invokeEndpoint"] = fmt.Sprintf("https://%s.%s.%s", label(application.Str("id")), c.Region, invokeDomain)
			o.Default("timeoutInSeconds", defaultTimeout)
			o.Default("config", map[string]any{})
			o.Default("provisionedConcurrencyConfig", map[string]any{"strategy": "NONE"})
			o.Default("traceConfig", map[string]any{"isEnabled": false})
			return nil
		},
		Created: func(_ *api.Call, o kind.Object) error { s.prefetch(o); return nil },
		Updated: func(_ *api.Call, old, o kind.Object) error {
			s.pool.drain(old.Str("id"))
			s.prefetch(o)
			return nil
		},
		Deleted: func(o kind.Object) error {
			s.pool.drain(o.Str("id"))
			return s.Runtime.Remove(o.Str("id")) // its log
		},
	}
}

// label makes the first label of the invoke endpoint, one per application.
func label(applicationID string) string {
	unique := applicationID[strings.LastIndexByte(applicationID, '.')+1:]
	return unique[:min(11, len(unique))]
}

func (s *Service) checkFunction(c *api.Call, old, o kind.Object) error {
	if memory := o.Number("memoryInMBs"); !slices.Contains(memorySteps, memory) {
		return api.InvalidParameter("memoryInMBs must be one of %v, it is %v.", memorySteps, memory)
	}
	if err := within(o, "timeoutInSeconds", minTimeout, maxTimeout); err != nil {
		return err
	}
	if err := within(o, "detachedModeTimeoutInSeconds", minDetachedTime, maxDetachedTime); err != nil {
		return err
	}
	for _, name := range []string{"successDestination", "failureDestination"} {
		if destination := o.Object(name); destination != nil && destination.Str("kind") != "NONE" {
			return api.InvalidParameter("%s: the local cloud does not deliver results of detached invocations; leave it out.", name)
		}
	}
	if provisioned := o.Object("provisionedConcurrencyConfig"); provisioned != nil {
		switch strategy := provisioned.Str("strategy"); {
		case strategy == "NONE", strategy == "CONSTANT" && provisioned.Number("count") >= 1:
		default:
			return api.InvalidParameter("provisionedConcurrencyConfig must have strategy NONE, or CONSTANT with a count; it is %v.", provisioned)
		}
	}
	if err := checkConfig(o); err != nil {
		return err
	}
	return s.checkImage(c, old, o)
}

func within(o kind.Object, field string, least, most float64) error {
	if o[field] == nil {
		return nil
	}
	if n := o.Number(field); n < least || n > most {
		return api.InvalidParameter("%s must be from %g to %g, it is %v.", field, least, most, o[field])
	}
	return nil
}
