package identity_test

import (
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/profile"
)

func TestANewAuthTokenLogsInAfterAWhile(t *testing.T) {
	f := start(t)
	p := f.cloud.Realistic(0.01)
	made, err := f.client.CreateAuthToken(f.ctx, sdk.CreateAuthTokenRequest{
		UserId: str(iam.UserID), CreateAuthTokenDetails: sdk.CreateAuthTokenDetails{Description: str("push")}})
	f.ok(err)
	user, err := f.client.GetUser(f.ctx, sdk.GetUserRequest{UserId: str(iam.UserID)})
	f.ok(err)
	works := made.TimeCreated.Add(p.Takes("credential", profile.Act))
	gatewaytest.NotBefore(t, works, "the token logs in", func() bool {
		_, ok := f.service.Login(*user.Name, *made.Token)
		return ok
	})
}
