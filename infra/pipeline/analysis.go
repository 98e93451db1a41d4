package pipeline

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/events"
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/functions"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Analysis is the function that analyses images, and the rule that calls it for every
// image written to the bucket.
type Analysis struct {
	pulumi.ResourceState

	ApplicationID  pulumi.StringOutput
	FunctionID     pulumi.StringOutput
	InvokeEndpoint pulumi.StringOutput
}

func newAnalysis(s *stack, network *Network, registry *Registry, secrets *Secrets, access *Access, database *Database, storage *Storage) (*Analysis, error) {
	a := &Analysis{}
	child, err := s.component("Analysis", "analysis", a)
	if err != nil {
		return nil, err
	}
	application, err := functions.NewApplication(s.ctx, "functions", &functions.ApplicationArgs{
		CompartmentId:           s.compartment(),
		DisplayName:             pulumi.String(s.names.unique("functions", 255)),
		Shape:                   pulumi.String(s.settings.functionShape()),
		SubnetIds:               pulumi.StringArray{network.PrivateSubnetID},
		NetworkSecurityGroupIds: pulumi.StringArray{network.Groups[tierFunction]},
		FreeformTags:            s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	config := workloadSettings(s, secrets, database, storage.BucketName)
	config["VISION_FEATURES"] = pulumi.String(strings.Join(s.settings.VisionFeatures, ","))
	function, err := functions.NewFunction(s.ctx, "analyze", &functions.FunctionArgs{
		ApplicationId: application.ID(),
		DisplayName:   pulumi.String(s.names.display("analyze", 255)),
		// The tag alone would not be resolved again, the digest alone is refused.
		Image:            access.settled(s, registry.Analyze.Reference, policyPlatform),
		ImageDigest:      registry.Analyze.Digest,
		MemoryInMbs:      pulumi.String(strconv.Itoa(s.settings.FunctionMemoryMb)),
		TimeoutInSeconds: pulumi.Int(s.settings.FunctionTimeoutSeconds),
		Config:           config,
		FreeformTags:     s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	a.ApplicationID = application.ID().ToStringOutput()
	a.FunctionID = function.ID().ToStringOutput()
	a.InvokeEndpoint = function.InvokeEndpoint

	_, err = events.NewRule(s.ctx, "image-written", &events.RuleArgs{
		CompartmentId: s.compartment(),
		DisplayName:   pulumi.String(s.names.display("image-written", 255)),
		Description:   pulumi.String("An image was uploaded or replaced: analyse it"),
		IsEnabled:     pulumi.Bool(true),
		Condition:     storage.BucketName.ApplyT(objectWritten).(pulumi.StringOutput),
		Actions: events.RuleActionsArgs{Actions: events.RuleActionsActionArray{events.RuleActionsActionArgs{
			ActionType: pulumi.String("FAAS"),
			// The first event must find a function that may do its work.
			FunctionId:  access.settled(s, a.FunctionID, policyFunction),
			IsEnabled:   pulumi.Bool(true),
			Description: pulumi.String("analyze"),
		}}},
		FreeformTags: s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	return a, s.ctx.RegisterResourceOutputs(a, pulumi.Map{
		"applicationId":  a.ApplicationID,
		"functionId":     a.FunctionID,
		"invokeEndpoint": a.InvokeEndpoint,
	})
}

// objectWritten is the condition of a bucket's events rule. Writing over an existing name is
// an update to OCI, not a creation, so both count.
func objectWritten(bucket string) (string, error) {
	condition, err := json.Marshal(map[string]any{
		"eventType": []string{
			"com.oraclecloud.objectstorage.createobject",
			"com.oraclecloud.objectstorage.updateobject",
		},
		"data": map[string]any{"additionalDetails": map[string]any{"bucketName": bucket}},
	})
	if err != nil {
		return "", fmt.Errorf("writing the condition of the events rule: %w", err)
	}
	return string(condition), nil
}

// workloadSettings is what every workload needs to know, with the bucket that it reads. The password is not
// among it; they read it from the vault.
func workloadSettings(s *stack, secrets *Secrets, database *Database, bucket pulumi.StringOutput) pulumi.StringMap {
	return pulumi.StringMap{
		"COMPARTMENT_ID":        s.compartment(),
		"BUCKET_NAMESPACE":      pulumi.String(s.namespace),
		"BUCKET_NAME":           bucket,
		"ORDS_URL":              database.OrdsURL,
		"DB_USER":               pulumi.String(databaseUser),
		"DB_PASSWORD_SECRET_ID": secrets.DatabasePasswordID,
	}
}
