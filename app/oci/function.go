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

// Function is a function that works on objects of a bucket: as gallery.Analyzer
// and as gallery.Transcoder.
type Function struct {
	client      functions.FunctionsInvokeClient
	functionID  string
	compartment string
	bucket      *Bucket
}

var (
	_ gallery.Analyzer   = (*Function)(nil)
	_ gallery.Transcoder = (*Function)(nil)
)

// NewFunction returns the function with the given OCID behind its invoke
// endpoint (https://…), for objects of the bucket, which lies in the compartment.
func NewFunction(provider common.ConfigurationProvider, functionID, endpoint, compartment string, bucket *Bucket) (*Function, error) {
	client, err := functions.NewFunctionsInvokeClientWithConfigurationProvider(provider, endpoint)
	if err != nil {
		return nil, fmt.Errorf("make the Functions client: %w", err)
	}
	prepare(&client.BaseClient, invokeTime)
	return &Function{client: client, functionID: functionID, compartment: compartment, bucket: bucket}, nil
}

// Analyze implements gallery.Analyzer.
func (f *Function) Analyze(ctx context.Context, object gallery.Object) error {
	return f.invoke(ctx, "analyze", object)
}

// Transcode implements gallery.Transcoder.
func (f *Function) Transcode(ctx context.Context, object gallery.Object) error {
	return f.invoke(ctx, "transcode", object)
}

// invoke sends an event like the one the bucket emits. The invocation may be
// repeated after a failure, because the functions take the same event twice as
// once.
func (f *Function) invoke(ctx context.Context, name string, object gallery.Object) error {
	envelope, err := json.Marshal(event.Repeat(event.Object{
		Namespace: f.bucket.namespace, Bucket: f.bucket.name, Name: object.Name, ETag: object.ETag,
	}, f.compartment, time.Now()))
	if err != nil {
		return fmt.Errorf("encode the event: %w", err)
	}
	response, err := f.client.InvokeFunction(ctx, functions.InvokeFunctionRequest{
		FunctionId:         &f.functionID,
		InvokeFunctionBody: seekable(envelope),
		FnInvokeType:       functions.InvokeFunctionFnInvokeTypeSync,
		RequestMetadata:    common.RequestMetadata{RetryPolicy: &throttledOnly},
	})
	if err != nil {
		return fmt.Errorf("invoke the %s function: %w", name, retry.OCI(err))
	}
	defer response.Content.Close()
	if response.RawResponse.StatusCode >= 300 {
		words, _ := io.ReadAll(io.LimitReader(response.Content, 2048))
		return fmt.Errorf("the %s function answered %s: %s", name, response.RawResponse.Status, strings.TrimSpace(string(words)))
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
