package monitoring_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/monitoring"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/monitoring"
)

const (
	topicID   = "ocid1.onstopic.oc1.iad.topic"
	namespace = "oci_faas"
)

// publisher remembers what was published.
type publisher struct {
	mu     sync.Mutex
	titles []string
}

func (p *publisher) Publish(topic, title, _ string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if topic != topicID {
		return errors.New("unknown topic " + topic)
	}
	p.titles = append(p.titles, title)
	return nil
}

func (p *publisher) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := strings.Join(p.titles, "|")
	p.titles = nil
	return taken
}

// rig is a cloud with Monitoring, and its client.
type rig struct {
	service   *monitoring.Service
	client    sdk.MonitoringClient
	published *publisher
}

func newRig(t *testing.T) *rig {
	t.Helper()
	cloud := gatewaytest.New(t)
	r := &rig{published: &publisher{}}
	r.service = monitoring.New(cloud.Engine, r.published)
	cloud.Add(r.service.APIs()...)
	var err error
	if r.client, err = sdk.NewMonitoringClientWithConfigurationProvider(cloud.Credentials()); err != nil {
		t.Fatal(err)
	}
	cloud.Use(&r.client.BaseClient)
	return r
}

func (r *rig) create(t *testing.T, name, query string) (sdk.CreateAlarmResponse, error) {
	t.Helper()
	return r.client.CreateAlarm(t.Context(), sdk.CreateAlarmRequest{CreateAlarmDetails: sdk.CreateAlarmDetails{
		DisplayName: common.String(name), CompartmentId: common.String(iam.CompartmentID), MetricCompartmentId: common.String(iam.CompartmentID),
		Namespace: common.String(namespace), Query: common.String(query), Severity: sdk.AlarmSeverityCritical,
		Destinations: []string{topicID}, IsEnabled: common.Bool(true)}})
}

func (r *rig) status(t *testing.T) sdk.AlarmStatusSummaryStatusEnum {
	t.Helper()
	list, err := r.client.ListAlarmsStatus(t.Context(), sdk.ListAlarmsStatusRequest{CompartmentId: common.String(iam.CompartmentID)})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("status %v, %v", list.Items, err)
	}
	return list.Items[0].Status
}

func TestAlarm(t *testing.T) {
	r := newRig(t)
	alarm, err := r.create(t, "errors", `FunctionInvocationCount[1m]{resourceId = "fn1"}.sum() > 2`)
	if err != nil || *alarm.PendingDuration != "PT1M" || alarm.LifecycleState != sdk.AlarmLifecycleStateActive {
		t.Fatalf("created %v, %v", alarm, err)
	}
	mine, other := map[string]string{"resourceId": "fn1"}, map[string]string{"resourceId": "fn2"}
	r.service.Count(namespace, "FunctionInvocationCount", 2, mine)
	r.service.Count(namespace, "FunctionInvocationCount", 9, other)
	r.service.Count(namespace, "OtherCount", 9, mine)
	r.service.Count("oci_other", "FunctionInvocationCount", 9, mine)
	if got := r.published.take(); got != "" || r.status(t) != sdk.AlarmStatusSummaryStatusOk {
		t.Errorf("too early: %q", got)
	}
	r.service.Count(namespace, "FunctionInvocationCount", 1, mine)
	r.service.Count(namespace, "FunctionInvocationCount", 1, mine)
	if got := r.published.take(); got != "FIRING: errors" || r.status(t) != sdk.AlarmStatusSummaryStatusFiring {
		t.Errorf("published %q", got)
	}
	if _, err = r.client.UpdateAlarm(t.Context(), sdk.UpdateAlarmRequest{AlarmId: alarm.Id, UpdateAlarmDetails: sdk.UpdateAlarmDetails{
		Query: common.String(`FunctionInvocationCount[1m]{resourceId = "fn1"}.sum() > 100`)}}); err != nil {
		t.Fatal(err)
	}
	if got := r.status(t); got != sdk.AlarmStatusSummaryStatusOk || r.published.take() != "OK: errors" {
		t.Errorf("status %s", got)
	}
	if _, err = r.client.UpdateAlarm(t.Context(), sdk.UpdateAlarmRequest{AlarmId: alarm.Id, UpdateAlarmDetails: sdk.UpdateAlarmDetails{IsEnabled: common.Bool(false)}}); err != nil {
		t.Fatal(err)
	}
	r.service.Count(namespace, "FunctionInvocationCount", 1000, mine)
	if got := r.published.take(); got != "" {
		t.Errorf("a disabled alarm published %q", got)
	}
	if _, err = r.client.DeleteAlarm(t.Context(), sdk.DeleteAlarmRequest{AlarmId: alarm.Id}); err != nil {
		t.Fatal(err)
	}
}

func TestQueries(t *testing.T) {
	for query, fires := range map[string]bool{
		`M[1m].sum() > 5`:                    true,
		`M[1m].sum() > 6`:                    false,
		`M[1m].sum() >= 6`:                   true,
		`M[1h].count() == 3`:                 true,
		`M[1h].count() != 3`:                 false,
		`M[5m].mean() < 2.5`:                 true,
		`M[1d].mean() <= 1.9`:                false,
		`M[1m]{kind = "a"}.sum() == 3`:       true,
		`M[1m]{kind="a", n="x"}.count() > 0`: false,
		` M[1m]{}.sum() > -1 `:               true,
		`Other[1m].sum() > 0`:                false,
		`M.with.dots[1m].count() > 0`:        false,
	} {
		t.Run(query, func(t *testing.T) {
			r := newRig(t)
			if _, err := r.create(t, "q", query); err != nil {
				t.Fatal(err)
			}
			r.service.Count(namespace, "M", 1, map[string]string{"kind": "a"})
			r.service.Count(namespace, "M", 2, map[string]string{"kind": "a"})
			r.service.Count(namespace, "M", 3, map[string]string{"kind": "b"})
			if got := r.status(t); (got == sdk.AlarmStatusSummaryStatusFiring) != fires {
				t.Errorf("status %s, want firing %v", got, fires)
			}
		})
	}
}

func TestCreateAlarmRefusesQueries(t *testing.T) {
	r := newRig(t)
	for _, query := range []string{`M`, `M[1m].sum()`, `M[1m].median() > 1`, `M[x].sum() > 1`, `M[1m]{kind}.sum() > 1`, `M[1m].sum() > 1.2.3`, `M[1m].sum() > 1 && N[1m].sum() > 1`,
		`M[0m].sum() > 1`, `M[2d].sum() > 1`, `M[25h].sum() > 1`, `M[99999999999999999999m].sum() > 1`} {
		_, err := r.create(t, "q", query)
		var failure common.ServiceError
		if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != 400 || !strings.Contains(failure.GetMessage(), "query") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestAlarmFiresOnceAndRecovers(t *testing.T) {
	r := newRig(t)
	if _, err := r.create(t, "errors", `Errors[1m].sum() > 0`); err != nil {
		t.Fatal(err)
	}
	if _, err := r.create(t, "silent", `Nothing[1m].sum() < 5`); err != nil { // without data it does not fire
		t.Fatal(err)
	}
	now := time.Now()
	for range 3 {
		r.service.Count(namespace, "Errors", 1, nil)
		r.service.Evaluate(now)
	}
	if got := r.published.take(); got != "FIRING: errors" {
		t.Errorf("published %q", got)
	}
	r.service.Evaluate(now.Add(3 * time.Minute))
	r.service.Evaluate(now.Add(4 * time.Minute))
	if got := r.published.take(); got != "OK: errors" {
		t.Errorf("published %q", got)
	}
}
