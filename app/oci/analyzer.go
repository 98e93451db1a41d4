package oci

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/retry"
)

// invokeTime is the longest that OCI lets a synchronous invocation run (300 s),
// and some for its cold start.
const invokeTime = 330 * time.Second

// AnalyzeFunction is the analyze function as gallery.Analyzer.
type AnalyzeFunction struct {
	client      functions.FunctionsInvokeClient
	functionID  string
	compartment string
	bucket      *Bucket
}

var _ gallery.Analyzer = (*AnalyzeFunction)(nil)

// NewAnalyzeFunction returns the function with the given OCID behind its invoke
// endpoint (https://…), for objects of the bucket, which lies in the compartment.
func NewAnalyzeFunction(provider common.ConfigurationProvider, functionID, endpoint, compartment string, bucket *Bucket) (*AnalyzeFunction, error) {
	client, err := functions.NewFunctionsInvokeClientWithConfigurationProvider(provider, endpoint)
	if err != nil {
		return nil, fmt.Errorf("make the Functions client: %w", err)
	}
	prepare(&client.BaseClient, invokeTime)
	return &AnalyzeFunction{client: client, functionID: functionID, compartment: compartment, bucket: bucket}, nil
}

// Analyze implements gallery.Analyzer: it invokes the function with an event
// like the one the bucket emits. The invocation may be repeated after a failure,
// because the function takes the same event twice as once.
func (a *AnalyzeFunction) Analyze(ctx context.Context, object gallery.Object) error {
	envelope, err := json.Marshal(event.Repeat(event.Object{
		Namespace: a.bucket.namespace, Bucket: a.bucket.name, Name: object.Name, ETag: object.ETag,
	}, a.compartment, time.Now()))
	if err != nil {
		return fmt.Errorf("encode the event: %w", err)
	}
	response, err := a.client.InvokeFunction(ctx, functions.InvokeFunctionRequest{
		FunctionId:         &a.functionID,
		InvokeFunctionBody: seekable(envelope),
		FnInvokeType:       functions.InvokeFunctionFnInvokeTypeSync,
		RequestMetadata:    common.RequestMetadata{RetryPolicy: &throttledOnly},
	})
	if err != nil {
		return fmt.Errorf("invoke the analyze function: %w", retry.OCI(err))
	}
	defer response.Content.Close()
	if response.RawResponse.StatusCode >= 300 {
		words, _ := io.ReadAll(io.LimitReader(response.Content, 2048))
		return fmt.Errorf("the analyze function answered %s: %s", response.RawResponse.Status, strings.TrimSpace(string(words)))
	}
	_, _ = io.Copy(io.Discard, response.Content)
	return nil
}

// throttledOnly repeats what Functions did not accept. What the function itself
// failed at, it has repeated already within its own time limit.
var throttledOnly = retryWhile(func(response common.OCIOperationResponse) bool {
	failure, ok := common.IsServiceError(response.Error)
	return ok && (failure.GetHTTPStatusCode() == 429 || failure.GetHTTPStatusCode() == 503)
})
