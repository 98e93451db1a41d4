package database_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdkcore "github.com/oracle/oci-go-sdk/v65/core"
	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/core"
	"oci-media-pipelines/localcloud/services/database"
)

const password = "Corr3ctHorseBattery"

// vault keeps secrets' contents by OCID.
type vault map[string]string

func (v vault) Content(id string, _ int64) ([]byte, error) {
	content, ok := v[id]
	if !ok {
		return nil, api.NotAuthorizedOrNotFound("Secret %s was not found.", id)
	}
	return []byte(content), nil
}

// rig is a cloud with networking and databases, and clients of both.
type rig struct {
	*gatewaytest.Cloud
	client  sdk.DatabaseClient
	network sdkcore.VirtualNetworkClient
	vault   vault
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{Cloud: gatewaytest.New(t), vault: vault{}}
	networking := core.New(r.Engine)
	r.Add(networking.APIs()...)
	r.Add(database.New(r.Engine, r.Store, networking.Network(), r.vault).APIs()...)
	var err error
	if r.client, err = sdk.NewDatabaseClientWithConfigurationProvider(r.Credentials()); err != nil {
		t.Fatal(err)
	}
	r.Use(&r.client.BaseClient)
	if r.network, err = sdkcore.NewVirtualNetworkClientWithConfigurationProvider(r.Credentials()); err != nil {
		t.Fatal(err)
	}
	r.Use(&r.network.BaseClient)
	return r
}

// details are those of the pipeline's database.
func details() sdk.CreateAutonomousDatabaseDetails {
	return sdk.CreateAutonomousDatabaseDetails{
		CompartmentId: common.String(iam.CompartmentID), DbName: common.String("Images"), AdminPassword: common.String(password),
		DbWorkload:   sdk.CreateAutonomousDatabaseBaseDbWorkloadAjd,
		LicenseModel: sdk.CreateAutonomousDatabaseBaseLicenseModelLicenseIncluded,
		ComputeModel: sdk.CreateAutonomousDatabaseBaseComputeModelEcpu, ComputeCount: common.Float32(2),
		DataStorageSizeInGBs: common.Int(20), IsAutoScalingEnabled: common.Bool(false),
	}
}

// create makes a database and waits until it is provisioned.
func (r *rig) create(t *testing.T, d sdk.CreateAutonomousDatabaseBase) sdk.AutonomousDatabase {
	t.Helper()
	created, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: d})
	if err != nil {
		t.Fatal(err)
	}
	if created.LifecycleState != sdk.AutonomousDatabaseLifecycleStateProvisioning || created.OpcWorkRequestId == nil {
		t.Fatalf("created %v", created)
	}
	r.settle(t)
	return r.get(t, created.Id)
}

// settle waits until nothing is being provisioned or terminated.
func (r *rig) settle(t *testing.T) {
	t.Helper()
	if err := r.Engine.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) get(t *testing.T, id *string) sdk.AutonomousDatabase {
	t.Helper()
	got, err := r.client.GetAutonomousDatabase(t.Context(), sdk.GetAutonomousDatabaseRequest{AutonomousDatabaseId: id})
	if err != nil {
		t.Fatal(err)
	}
	return got.AutonomousDatabase
}

func (r *rig) update(ctx context.Context, id *string, d sdk.UpdateAutonomousDatabaseDetails) (sdk.UpdateAutonomousDatabaseResponse, error) {
	return r.client.UpdateAutonomousDatabase(ctx, sdk.UpdateAutonomousDatabaseRequest{AutonomousDatabaseId: id, UpdateAutonomousDatabaseDetails: d})
}

func wantError(t *testing.T, err error, status int, words string) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) {
		t.Fatalf("error is %v, want a service error %d", err, status)
	}
	if failure.GetHTTPStatusCode() != status || !strings.Contains(failure.GetMessage(), words) {
		t.Fatalf("error is %d %s, want %d with %q", failure.GetHTTPStatusCode(), failure.GetMessage(), status, words)
	}
}

// schema is the REST-enabled schema of a user.
type schema struct {
	t              *testing.T
	http           *http.Client
	base           string
	user, password string
}

func (r *rig) admin(t *testing.T, db sdk.AutonomousDatabase) schema {
	return schema{t, r.Client, *db.ConnectionUrls.OrdsUrl + "admin/", "ADMIN", password}
}

// reply is an answer of ORDS.
type reply struct {
	status int
	header http.Header
	body   string
}

// call sends a request to a path below the schema.
func (s schema) call(method, path, body string, header ...string) reply {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.user != "" {
		request.SetBasicAuth(s.user, s.password)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := s.http.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, strings.TrimSpace(string(raw))}
}

// want calls and checks the status.
func (s schema) want(status int, method, path, body string, header ...string) reply {
	s.t.Helper()
	got := s.call(method, path, body, header...)
	if got.status != status {
		s.t.Fatalf("%s %s: %d %s, want %d", method, path, got.status, got.body, status)
	}
	return got
}

// page is SODA's envelope.
type page struct {
	Items []struct {
		ID, ETag, Created, LastModified, Name string
		Value                                 map[string]any
		Links                                 []struct{ Rel, Href string }
	}
	HasMore       bool
	Count, Offset int
	Limit         int
	TotalResults  int
	ItemsDeleted  int
	ItemsUpdated  int
}

func (r reply) page(t *testing.T) page {
	t.Helper()
	var p page
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return p
}

// ids lists the keys of a page.
func (p page) ids() string {
	var ids []string
	for _, item := range p.Items {
		ids = append(ids, item.ID)
	}
	return strings.Join(ids, " ")
}
