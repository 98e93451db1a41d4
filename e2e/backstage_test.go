package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/events"
	"github.com/oracle/oci-go-sdk/v65/functions"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/secrets"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/settings"
	"oci-media-pipelines/localcloud/services/logging"
)

// compartment is where the local stack's configuration deploys to.
const compartment = "ocid1.compartment.oc1..aaaaaaaalocalcloud"

// jobCompartment is where the local stack's configuration puts its jobs.
const jobCompartment = "ocid1.compartment.oc1..aaaaaaaalocalcloudjobs"

// backstage is the shared stack as the tenancy's administrator sees it, past the
// app: through OCI's SDK and the database's REST interface.
type backstage struct {
	testing.TB
	namespace, bucket string
	ordsURL           string
	functionID        string
	objects           objectstorage.ObjectStorageClient
	rules             events.EventsClient
	functions         functions.FunctionsInvokeClient
	documents         *ords.Collection
}

func goBackstage(t testing.TB) backstage {
	t.Helper()
	_, outputs := sharedApp(t)
	credentials, err := common.ConfigurationProviderFromFile(world.cloud.ConfigFile, "")
	must(t, err)
	b := backstage{
		TB: t, namespace: output(t, outputs, "bucketNamespace"), bucket: output(t, outputs, "bucketName"),
		ordsURL: output(t, outputs, "ordsUrl"), functionID: output(t, outputs, "functionId"),
	}
	b.objects, err = objectstorage.NewObjectStorageClientWithConfigurationProvider(credentials)
	must(t, err)
	b.rules, err = events.NewEventsClientWithConfigurationProvider(credentials)
	must(t, err)
	b.functions, err = functions.NewFunctionsInvokeClientWithConfigurationProvider(credentials, output(t, outputs, "functionInvokeEndpoint"))
	must(t, err)
	vault, err := secrets.NewSecretsClientWithConfigurationProvider(credentials)
	must(t, err)
	database, err := ords.New(ords.Config{
		URL: b.ordsURL, User: "ADMIN", Password: autonomous.Password(vault, output(t, outputs, "databasePasswordSecretId"), nil),
		HTTP: seat(t, outputs),
	})
	must(t, err)
	b.documents = database.Collection(settings.DefaultCollection)
	return b
}

// put stores an object, over an earlier one if there is, and returns its ETag.
func (b backstage) put(name string, content []byte) (etag string) {
	b.Helper()
	response, err := b.objects.PutObject(b.Context(), objectstorage.PutObjectRequest{
		NamespaceName: &b.namespace, BucketName: &b.bucket, ObjectName: &name,
		PutObjectBody: io.NopCloser(bytes.NewReader(content)), ContentLength: new(int64(len(content))),
	})
	must(b, err)
	return *response.ETag
}

// etag returns the current ETag of an object, "" if there is no such object.
func (b backstage) etag(name string) string {
	b.Helper()
	response, err := b.objects.HeadObject(b.Context(), objectstorage.HeadObjectRequest{
		NamespaceName: &b.namespace, BucketName: &b.bucket, ObjectName: &name,
	})
	var refused common.ServiceError
	if errors.As(err, &refused) && refused.GetHTTPStatusCode() == http.StatusNotFound {
		return ""
	}
	must(b, err)
	return *response.ETag
}

// documentsAbout returns what the database holds about an object, whatever its
// version.
func (b backstage) documentsAbout(name string) []analysis.Document {
	b.Helper()
	// The client waits for a database as long as it is let.
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	var docs []analysis.Document
	for stored, err := range b.documents.Query(ctx, ords.Query{Filter: map[string]any{"image_name": name}}) {
		must(b, err)
		var doc analysis.Document
		must(b, stored.Decode(&doc))
		if stored.Key != doc.Key() {
			b.Errorf("the document about %q is kept under %s, want %s", name, stored.Key, doc.Key())
		}
		docs = append(docs, doc)
	}
	return docs
}

// contents lists all that uploads leave behind: object versions, uploads that
// were never finished, and documents.
func (b backstage) contents() []string {
	b.Helper()
	var all []string
	versions := objectstorage.ListObjectVersionsRequest{NamespaceName: &b.namespace, BucketName: &b.bucket}
	for more := true; more; {
		page, err := b.objects.ListObjectVersions(b.Context(), versions)
		must(b, err)
		for _, v := range page.Items {
			all = append(all, "version "+*v.VersionId+" of "+*v.Name)
		}
		versions.Page, more = page.OpcNextPage, page.OpcNextPage != nil
	}
	uploads, err := b.objects.ListMultipartUploads(b.Context(), objectstorage.ListMultipartUploadsRequest{NamespaceName: &b.namespace, BucketName: &b.bucket})
	must(b, err)
	for _, u := range uploads.Items {
		all = append(all, "upload of "+*u.Object)
	}
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	for doc, err := range b.documents.List(ctx) {
		must(b, err)
		all = append(all, "document "+doc.Key)
	}
	slices.Sort(all)
	return all
}

// written is an event about an object version in the stack's bucket.
func (b backstage) written(name, etag string) event.Event {
	return event.Repeat(event.Object{Namespace: b.namespace, Bucket: b.bucket, Name: name, ETag: etag}, compartment, time.Now())
}

// answer is what the function says.
type answer struct{ Outcome, Object, Key, Reason string }

// invoke calls the function with an event and waits for its answer.
func (b backstage) invoke(ev event.Event) (answer, error) {
	envelope, err := json.Marshal(ev)
	if err != nil {
		return answer{}, err
	}
	response, err := b.functions.InvokeFunction(b.Context(), functions.InvokeFunctionRequest{
		FunctionId: &b.functionID, InvokeFunctionBody: io.NopCloser(bytes.NewReader(envelope)),
	})
	if err != nil {
		return answer{}, err
	}
	defer response.Content.Close()
	var a answer
	return a, json.NewDecoder(response.Content).Decode(&a)
}

// functionLog returns what functions wrote into their logs.
func functionLog(t testing.TB) []string {
	t.Helper()
	return functionLogSince(t, time.Time{})
}

func functionLogSince(t testing.TB, since time.Time) []string {
	t.Helper()
	var lines []logging.Line
	must(t, world.cloud.Control(context.Background(), http.MethodGet, "/logs", &lines))
	var messages []string
	for _, line := range lines {
		if line.Category == "invoke" && line.Time.After(since) {
			messages = append(messages, line.Message)
		}
	}
	return messages
}

// outcomes tells how the invocations about an object ended, as the function's
// log has it.
func outcomes(t testing.TB, name string) []string {
	t.Helper()
	var ended []string
	for _, message := range functionLog(t) {
		_, record, _ := strings.Cut(message, ": ")
		var said struct{ Msg, Object, Outcome string }
		if json.Unmarshal([]byte(record), &said) != nil || said.Object != name {
			continue
		}
		switch said.Msg {
		case "invocation done":
			ended = append(ended, said.Outcome)
		case "invocation failed":
			ended = append(ended, "failed")
		}
	}
	return ended
}
