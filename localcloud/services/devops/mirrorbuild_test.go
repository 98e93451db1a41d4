package devops_test

import (
	"encoding/base64"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/vault"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// accessToken keeps a token in a vault of its own.
func (s *site) accessToken(text string) string {
	s.t.Helper()
	ctx := s.t.Context()
	vaults := connect(s, keymanagement.NewKmsVaultClientWithConfigurationProvider, func(c *keymanagement.KmsVaultClient) *common.BaseClient { return &c.BaseClient })
	place, err := vaults.CreateVault(ctx, keymanagement.CreateVaultRequest{CreateVaultDetails: keymanagement.CreateVaultDetails{
		CompartmentId: new(compartment), DisplayName: new("tokens"), VaultType: keymanagement.CreateVaultDetailsVaultTypeDefault}})
	must(s.t, err)
	keys := connect(s, func(p common.ConfigurationProvider) (keymanagement.KmsManagementClient, error) {
		return keymanagement.NewKmsManagementClientWithConfigurationProvider(p, *place.ManagementEndpoint)
	}, func(c *keymanagement.KmsManagementClient) *common.BaseClient { return &c.BaseClient })
	key, err := keys.CreateKey(ctx, keymanagement.CreateKeyRequest{CreateKeyDetails: keymanagement.CreateKeyDetails{CompartmentId: new(compartment), DisplayName: new("tokens"),
		KeyShape: &keymanagement.KeyShape{Algorithm: keymanagement.KeyShapeAlgorithmAes, Length: new(32)}}})
	must(s.t, err)
	secrets := connect(s, vault.NewVaultsClientWithConfigurationProvider, func(c *vault.VaultsClient) *common.BaseClient { return &c.BaseClient })
	made, err := secrets.CreateSecret(ctx, vault.CreateSecretRequest{CreateSecretDetails: vault.CreateSecretDetails{CompartmentId: new(compartment), VaultId: place.Id, KeyId: key.Id,
		SecretName: new("token"), SecretContent: vault.Base64SecretContentDetails{Content: new(base64.StdEncoding.EncodeToString([]byte(text)))}}})
	must(s.t, err)
	return *made.Id
}

// A mirror is fetched only by who may read its token, and what it brings is built like
// a push.
func TestAMirrorIsBuilt(t *testing.T) {
	s := newSite(t)
	upstream := filepath.Join(t.TempDir(), "upstream")
	s.git(t.TempDir(), "init", "--quiet", "--initial-branch=main", upstream)
	commit := func(message string) string {
		t.Helper()
		s.git(upstream, "commit", "--quiet", "--allow-empty", "-m", message)
		return strings.TrimSpace(s.git(upstream, "rev-parse", "HEAD"))
	}
	first := commit("first")
	token := s.accessToken("glpat")
	connection, err := s.client.CreateConnection(t.Context(), devops.CreateConnectionRequest{CreateConnectionDetails: devops.CreateGitlabAccessTokenConnectionDetails{ProjectId: &s.project, AccessToken: &token}})
	must(t, err)
	mirror, err := s.client.CreateRepository(t.Context(), devops.CreateRepositoryRequest{CreateRepositoryDetails: devops.CreateRepositoryDetails{
		ProjectId: &s.project, Name: new("mirror"), RepositoryType: devops.RepositoryRepositoryTypeMirrored,
		MirrorRepositoryConfig: &devops.MirrorRepositoryConfig{ConnectorId: connection.GetId(), RepositoryUrl: &upstream,
			TriggerSchedule: &devops.TriggerSchedule{ScheduleType: devops.TriggerScheduleScheduleTypeNone}}}})
	must(t, err)
	// mirrored waits until the newest mirroring has ended so.
	mirrored := func(want devops.RepositoryMirrorRecordMirrorStatusEnum) {
		t.Helper()
		gatewaytest.Eventually(t, "the mirroring has "+string(want), func() bool {
			record, err := s.client.GetMirrorRecord(t.Context(), devops.GetMirrorRecordRequest{RepositoryId: mirror.Id, MirrorRecordType: devops.GetMirrorRecordMirrorRecordTypeCurrent})
			must(t, err)
			return record.MirrorStatus == want
		})
	}
	again := func() {
		t.Helper()
		_, err := s.client.MirrorRepository(t.Context(), devops.MirrorRepositoryRequest{RepositoryId: mirror.Id})
		must(t, err)
	}
	mirrored(devops.RepositoryMirrorRecordMirrorStatusFailed)
	gatewaytest.Eventually(t, "the project's log tells the statement that is missing", func() bool {
		return slices.ContainsFunc(s.lines(), func(line string) bool {
			return strings.Contains(line, "The last mirroring failed") && strings.Contains(line, "to read secret-bundles in compartment id "+compartment)
		})
	})
	people := connect(s, identity.NewIdentityClientWithConfigurationProvider, func(c *identity.IdentityClient) *common.BaseClient { return &c.BaseClient })
	s.allow(people, "tokens", "allow dynamic-group sources to read secret-bundles in compartment id "+compartment)
	again()
	mirrored(devops.RepositoryMirrorRecordMirrorStatusPassed)

	pipeline := s.buildPipeline(nil)
	s.buildStage(pipeline, func(d *devops.CreateBuildStageDetails) {
		d.BuildSourceCollection = &devops.BuildSourceCollection{Items: []devops.BuildSource{devops.DevopsCodeRepositoryBuildSource{
			Name: new("source"), RepositoryUrl: mirror.HttpUrl, Branch: new("main"), RepositoryId: mirror.Id}}}
	}, pipeline)
	_, err = s.client.CreateTrigger(t.Context(), devops.CreateTriggerRequest{CreateTriggerDetails: devops.CreateDevopsCodeRepositoryTriggerDetails{
		ProjectId: &s.project, RepositoryId: mirror.Id, Actions: []devops.TriggerAction{devops.TriggerBuildPipelineAction{
			BuildPipelineId: &pipeline, Filter: devops.DevopsCodeRepositoryFilter{Events: []devops.DevopsCodeRepositoryFilterEventsEnum{devops.DevopsCodeRepositoryFilterEventsPush}}}}}})
	must(t, err)
	second := commit("second")
	again()
	var built []string
	gatewaytest.Eventually(t, "what the mirror brought is built", func() bool {
		list, err := s.client.ListBuildRuns(t.Context(), devops.ListBuildRunsRequest{BuildPipelineId: &pipeline})
		must(t, err)
		built = nil
		for _, run := range list.Items {
			built = append(built, *run.CommitInfo.CommitHash)
		}
		return len(built) > 0 && list.Items[0].LifecycleState != devops.BuildRunLifecycleStateInProgress
	})
	if !slices.Equal(built, []string{second}) {
		t.Errorf("built %v, want %s and not %s", built, second, first)
	}
}
