package devops

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/ons"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

// A call that waits for its answer ends at once with its context, and is not repeated.
func TestACallEndsWithItsContext(t *testing.T) {
	tenancy, err := iam.OpenTenancy(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := alone(t)
	s.Tenancy = tenancy
	s.Identity = runtime.IdentityFunc(func(_ context.Context, subject runtime.Subject) (string, []byte, error) {
		return tenancy.Session(subject.ID, subject.ResourceType, subject.CompartmentID)
	})
	dialled := make(chan struct{}, attempts)
	s.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		dialled <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}}}
	as := s.principalOf(kind.Object{"id": kind.NewID(typeTrigger, "us-ashburn-1"), "compartmentId": iam.CompartmentID})
	client, err := ons.NewNotificationDataPlaneClientWithConfigurationProvider(as)
	if err != nil {
		t.Fatal(err)
	}
	s.prepare(&client.BaseClient)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := client.PublishMessage(whole(ctx), ons.PublishMessageRequest{TopicId: common.String("t"), MessageDetails: ons.MessageDetails{Body: common.String("b")}})
		ended <- err
	}()
	<-dialled
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
	if len(dialled) > 0 {
		t.Errorf("the call was repeated %d times", len(dialled))
	}
}
