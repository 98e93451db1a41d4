package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/transcoding"
)

// instanceType is the type of a container instance in its OCID.
const instanceType = "computecontainerinstance"

// deletionTime bounds the attempts to delete the container instance.
const deletionTime = time.Minute

// instanceID returns the OCID of the container instance that this is: the subject of its resource principal's token,
// or else what the document says, or "".
func instanceID(principal common.ConfigurationProvider, doc transcoding.Job) string {
	if claims, ok := principal.(auth.ClaimHolder); ok {
		if subject, err := claims.GetClaim("sub"); err == nil {
			if id, ok := subject.(string); ok && strings.HasPrefix(id, "ocid1."+instanceType+".") {
				return id
			}
		}
	}
	return doc.ContainerInstanceID
}

// instances is what is needed of containerinstances.ContainerInstanceClient.
type instances interface {
	DeleteContainerInstance(context.Context, containerinstances.DeleteContainerInstanceRequest) (containerinstances.DeleteContainerInstanceResponse, error)
}

// deleteInstance deletes the container instance that this is: OCI keeps one whose containers have ended, and charges
// for it.
func deleteInstance(ctx context.Context, client instances, id string, log *slog.Logger) error {
	if id == "" {
		return fmt.Errorf("delete container instance: its OCID is unknown: neither the resource principal's token nor the document names it")
	}
	ctx, cancel := context.WithTimeout(ctx, deletionTime)
	defer cancel()
	loop := retry.Loop{Step: "delete container instance", Log: log}
	err := loop.Do(ctx, func(ctx context.Context) error {
		_, err := client.DeleteContainerInstance(ctx, containerinstances.DeleteContainerInstanceRequest{
			ContainerInstanceId: &id,
			RequestMetadata:     common.RequestMetadata{RetryPolicy: new(common.NoRetryPolicy())},
		})
		if failure, ok := common.IsServiceError(err); ok && failure.GetHTTPStatusCode() == http.StatusConflict {
			return err // it is still being created, or deleted by somebody else
		}
		return retry.OCI(err)
	})
	if err != nil {
		return fmt.Errorf("delete container instance %s: %w", id, err)
	}
	return nil
}
