package pipeline

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/events"
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/functions"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Names of the applications that functions are in. Each of the dynamic groups that tell
// functions apart is of one compartment, so each function has an application of its own.
const (
	analyzeApplication   = "functions"
	transcodeApplication = "transcode-functions"
)

// function makes a function of an image, once the platform may pull it.
func (s *stack) function(name string, application *functions.Application, image PublishedImage, config pulumi.StringMap, access *Access, child pulumi.ResourceOption) (*functions.Function, error) {
	return functions.NewFunction(s.ctx, name, &functions.FunctionArgs{
		ApplicationId: application.ID(),
		DisplayName:   pulumi.String(s.names.display(name, 255)),
		// The tag alone would not be resolved again, the digest alone is refused.
		Image:            access.settled(s, image.Reference, policyPlatform),
		ImageDigest:      image.Digest,
		MemoryInMbs:      pulumi.String(strconv.Itoa(s.settings.FunctionMemoryMb)),
		TimeoutInSeconds: pulumi.Int(s.settings.FunctionTimeoutSeconds),
		Config:           config,
		FreeformTags:     s.tags,
	}, child)
}

// onObjectWritten makes the rule that calls a function for every object written to a
// bucket.
func (s *stack) onObjectWritten(name, description string, bucket, function pulumi.StringOutput, child pulumi.ResourceOption) error {
	_, err := events.NewRule(s.ctx, name, &events.RuleArgs{
		CompartmentId: s.compartment(),
		DisplayName:   pulumi.String(s.names.display(name, 255)),
		Description:   pulumi.String(description),
		IsEnabled:     pulumi.Bool(true),
		Condition:     bucket.ApplyT(objectWritten).(pulumi.StringOutput),
		Actions: events.RuleActionsArgs{Actions: events.RuleActionsActionArray{events.RuleActionsActionArgs{
			ActionType:  pulumi.String("FAAS"),
			FunctionId:  function,
			IsEnabled:   pulumi.Bool(true),
			Description: pulumi.String(description),
		}}},
		FreeformTags: s.tags,
	}, child)
	return err
}

// objectWritten is the condition of a bucket's events rule. Writing over an existing name
// is an update to OCI, not a creation, so both count.
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

// workloadSettings is what every workload needs to know, with the bucket that it reads.
// The password is not among it; they read it from the vault.
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
