package logging_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/logging"
	"github.com/oracle/oci-go-sdk/v65/loggingsearch"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/logging"
)

const application = "ocid1.fnapp.oc1.iad.app"

// rig is a cloud with Logging, its clients and a log group.
type rig struct {
	service  *logging.Service
	client   sdk.LoggingManagementClient
	searcher loggingsearch.LogSearchClient
	group    *string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	cloud := gatewaytest.New(t)
	service, err := logging.New(cloud.Engine, cloud.Store)
	if err != nil {
		t.Fatal(err)
	}
	cloud.Add(service.APIs()...)
	r := &rig{service: service}
	if r.client, err = sdk.NewLoggingManagementClientWithConfigurationProvider(cloud.Credentials()); err != nil {
		t.Fatal(err)
	}
	cloud.Use(&r.client.BaseClient)
	if r.searcher, err = loggingsearch.NewLogSearchClientWithConfigurationProvider(cloud.Credentials()); err != nil {
		t.Fatal(err)
	}
	cloud.Use(&r.searcher.BaseClient)
	created, err := r.client.CreateLogGroup(t.Context(), sdk.CreateLogGroupRequest{CreateLogGroupDetails: sdk.CreateLogGroupDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("pipeline")}})
	if err != nil {
		t.Fatal(err)
	}
	r.group = r.made(t, created.OpcWorkRequestId)
	return r
}

// made returns what a work request made.
func (r *rig) made(t *testing.T, workRequest *string) *string {
	t.Helper()
	got, err := r.client.GetWorkRequest(t.Context(), sdk.GetWorkRequestRequest{WorkRequestId: workRequest})
	if err != nil || got.Status != sdk.OperationStatusSucceeded || len(got.Resources) != 1 {
		t.Fatalf("work request %v, %v", got, err)
	}
	return got.Resources[0].Identifier
}

// details are those of a function's invoke log.
func details() sdk.CreateLogDetails {
	return sdk.CreateLogDetails{DisplayName: common.String("invoke"), LogType: sdk.CreateLogDetailsLogTypeService,
		Configuration: &sdk.Configuration{Source: sdk.OciService{
			Service: common.String("functions"), Resource: common.String(application), Category: common.String("invoke")}}}
}

func (r *rig) create(t *testing.T, d sdk.CreateLogDetails) (*string, error) {
	t.Helper()
	created, err := r.client.CreateLog(t.Context(), sdk.CreateLogRequest{LogGroupId: r.group, CreateLogDetails: d})
	if err != nil {
		return nil, err
	}
	return r.made(t, created.OpcWorkRequestId), nil
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status {
		t.Fatalf("error is %v, want %d", err, status)
	}
}

func TestLogs(t *testing.T) {
	r := newRig(t)
	id, err := r.create(t, details())
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.client.GetLog(t.Context(), sdk.GetLogRequest{LogGroupId: r.group, LogId: id})
	if err != nil || *got.CompartmentId != iam.CompartmentID || !*got.IsEnabled || *got.RetentionDuration != 30 ||
		got.LifecycleState != sdk.LogLifecycleStateActive || *got.LogGroupId != *r.group {
		t.Fatalf("log %v, %v", got, err)
	}
	if source, ok := got.Configuration.Source.(sdk.OciService); !ok || *source.Resource != application {
		t.Errorf("source %v", got.Configuration.Source)
	}
	list, err := r.client.ListLogs(t.Context(), sdk.ListLogsRequest{LogGroupId: r.group, DisplayName: common.String("invoke")})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("list %v, %v", list.Items, err)
	}
	_, err = r.client.DeleteLogGroup(t.Context(), sdk.DeleteLogGroupRequest{LogGroupId: r.group})
	wantStatus(t, err, 409)
	if _, err = r.client.DeleteLog(t.Context(), sdk.DeleteLogRequest{LogGroupId: r.group, LogId: id}); err != nil {
		t.Fatal(err)
	}
	if _, err = r.client.DeleteLogGroup(t.Context(), sdk.DeleteLogGroupRequest{LogGroupId: r.group}); err != nil {
		t.Fatal(err)
	}
	_, err = r.client.GetLogGroup(t.Context(), sdk.GetLogGroupRequest{LogGroupId: r.group})
	wantStatus(t, err, 404)
}

func TestCreateLogRefuses(t *testing.T) {
	r := newRig(t)
	if _, err := r.create(t, details()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*sdk.CreateLogDetails)
		status int
	}{
		"a name that is taken":     {func(*sdk.CreateLogDetails) {}, 409},
		"45 days":                  {func(d *sdk.CreateLogDetails) { d.RetentionDuration = common.Int(45) }, 400},
		"210 days":                 {func(d *sdk.CreateLogDetails) { d.RetentionDuration = common.Int(210) }, 400},
		"a service without source": {func(d *sdk.CreateLogDetails) { d.Configuration = nil }, 400},
	} {
		t.Run(name, func(t *testing.T) {
			d := details()
			if c.status != 409 {
				d.DisplayName = common.String("other")
			}
			c.change(&d)
			_, err := r.create(t, d)
			wantStatus(t, err, c.status)
		})
	}
	_, err := r.client.CreateLog(t.Context(), sdk.CreateLogRequest{LogGroupId: common.String("ocid1.loggroup.oc1.iad.unknown"), CreateLogDetails: details()})
	wantStatus(t, err, 404)
}

func TestLinesGoToTheLogsThatWatch(t *testing.T) {
	r := newRig(t)
	id, err := r.create(t, details())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []struct{ resource, category, message string }{
		{application, "invoke", "one"}, {application, "invoke", "two\nlines"},
		{application, "other", "of another category"}, {"ocid1.fnapp.oc1.iad.other", "invoke", "of another application"},
	} {
		if err := r.service.Write(line.resource, line.category, line.message); err != nil {
			t.Fatal(err)
		}
	}
	lines := func() string {
		t.Helper()
		got, err := r.service.Read(*id)
		if err != nil {
			t.Fatal(err)
		}
		var messages []string
		for _, line := range got {
			messages = append(messages, line.Message)
		}
		return strings.Join(messages, "|")
	}
	if got := lines(); got != "one|two\nlines" {
		t.Errorf("lines %q", got)
	}
	if _, err = r.client.UpdateLog(t.Context(), sdk.UpdateLogRequest{LogGroupId: r.group, LogId: id, UpdateLogDetails: sdk.UpdateLogDetails{IsEnabled: common.Bool(false)}}); err != nil {
		t.Fatal(err)
	}
	if err = r.service.Write(application, "invoke", "while disabled"); err != nil {
		t.Fatal(err)
	}
	if got := lines(); got != "one|two\nlines" {
		t.Errorf("lines of a disabled log %q", got)
	}
	if _, err = r.client.DeleteLog(t.Context(), sdk.DeleteLogRequest{LogGroupId: r.group, LogId: id}); err != nil {
		t.Fatal(err)
	}
	if got := lines(); got != "" {
		t.Errorf("lines of a deleted log %q", got)
	}
}
