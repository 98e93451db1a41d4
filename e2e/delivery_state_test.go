package e2e

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/iam"
)

// pulumiCommand is Pulumi's own command line, logged in nowhere, with a project that has no
// resources.
type pulumiCommand struct {
	testing.TB
	home, project string
	env           []string
}

// run returns what the command said: its errors if it failed.
func (p pulumiCommand) run(arguments ...string) (string, error) {
	p.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.Context()), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "pulumi", append(arguments, "--non-interactive", "--cwd", p.project)...)
	command.Env = slices.Concat(os.Environ(), []string{"PULUMI_HOME=" + p.home, "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_BACKEND_URL="}, p.env)
	var said, failed strings.Builder
	command.Stdout, command.Stderr = &said, &failed
	if err := command.Run(); err != nil {
		return failed.String(), err
	}
	return said.String(), nil
}

func (p pulumiCommand) must(arguments ...string) string {
	p.Helper()
	said, err := p.run(arguments...)
	if err != nil {
		p.Fatalf("pulumi %s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
	return said
}

// TestDeliveryStateInABucket keeps a stack's state in a bucket, through Object
// Storage's Amazon S3 Compatibility API and a user's customer secret key.
func TestDeliveryStateInABucket(t *testing.T) {
	enter(t, world.cloud)
	ctx := context.Background()
	people, objects := administrator(t, identity.NewIdentityClientWithConfigurationProvider), administrator(t, objectstorage.NewObjectStorageClientWithConfigurationProvider)
	user, namespace, compartment, name := iam.UserID, iam.Namespace, iam.CompartmentID, fresh("state")
	key, err := people.CreateCustomerSecretKey(ctx, identity.CreateCustomerSecretKeyRequest{UserId: &user,
		CreateCustomerSecretKeyDetails: identity.CreateCustomerSecretKeyDetails{DisplayName: &name}})
	must(t, err)
	t.Cleanup(func() {
		_, err := people.DeleteCustomerSecretKey(ctx, identity.DeleteCustomerSecretKeyRequest{UserId: &user, CustomerSecretKeyId: key.Id})
		must(t, err)
	})
	_, err = objects.CreateBucket(ctx, objectstorage.CreateBucketRequest{NamespaceName: &namespace, CreateBucketDetails: objectstorage.CreateBucketDetails{Name: &name, CompartmentId: &compartment}})
	must(t, err)
	listed := func() []string {
		answer, err := objects.ListObjects(ctx, objectstorage.ListObjectsRequest{NamespaceName: &namespace, BucketName: &name})
		must(t, err)
		var names []string
		for _, o := range answer.Objects {
			names = append(names, *o.Name)
		}
		return names
	}
	t.Cleanup(func() { deleteBucket(t, name) })

	project := t.TempDir()
	must(t, os.WriteFile(filepath.Join(project, "Pulumi.yaml"), []byte("name: state\nruntime: go\n"), 0o600))
	backend := "s3://" + name + "?" + url.Values{
		"endpoint": {"https://" + namespace + ".compat.objectstorage." + iam.HomeRegion + ".oraclecloud.com"},
		"region":   {iam.HomeRegion}, "s3ForcePathStyle": {"true"},
	}.Encode()
	as := func(secret string) pulumiCommand {
		return pulumiCommand{t, t.TempDir(), project, []string{"AWS_ACCESS_KEY_ID=" + *key.Id, "AWS_SECRET_ACCESS_KEY=" + secret, "PULUMI_CONFIG_PASSPHRASE=of the stack"}}
	}
	stranger := as("another secret")
	if said, err := stranger.run("login", backend); err == nil || !strings.Contains(said, "SignatureDoesNotMatch") {
		t.Errorf("with another secret, login says %v: %s", err, said)
	}
	first := as(*key.Key)
	first.must("login", backend)
	first.must("stack", "init", "dev")
	first.must("config", "set", "--secret", "password", "of the database", "--stack", "dev")
	exported := filepath.Join(t.TempDir(), "state.json")
	first.must("stack", "export", "--stack", "dev", "--file", exported)

	// Another machine finds it, goes on from what was exported, and leaves nothing.
	second := as(*key.Key)
	second.must("login", backend)
	if said := second.must("stack", "ls", "--all"); !strings.Contains(said, "dev") {
		t.Errorf("the other machine finds %s", said)
	}
	second.must("stack", "import", "--stack", "dev", "--file", exported)
	if said := second.must("config", "get", "password", "--stack", "dev"); strings.TrimSpace(said) != "of the database" {
		t.Errorf("the other machine reads %q", said)
	}
	if names := listed(); !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, ".pulumi/stacks/state/dev.json") }) {
		t.Errorf("the bucket holds %v", names)
	}
	second.must("stack", "rm", "dev", "--yes")
	if names := listed(); slices.ContainsFunc(names, func(name string) bool {
		return strings.HasPrefix(name, ".pulumi/stacks/state/dev.json") && !strings.HasSuffix(name, ".bak")
	}) {
		t.Errorf("after the stack was removed, the bucket holds %v", names)
	}
}

// deleteBucket deletes a bucket with all that is in it.
func deleteBucket(t testing.TB, name string) {
	t.Helper()
	ctx, client, namespace := context.Background(), administrator(t, objectstorage.NewObjectStorageClientWithConfigurationProvider), iam.Namespace
	for more := true; more; {
		page, err := client.ListObjectVersions(ctx, objectstorage.ListObjectVersionsRequest{NamespaceName: &namespace, BucketName: &name})
		must(t, err)
		for _, o := range page.Items {
			_, err := client.DeleteObject(ctx, objectstorage.DeleteObjectRequest{NamespaceName: &namespace, BucketName: &name, ObjectName: o.Name, VersionId: o.VersionId})
			must(t, err)
		}
		more = page.OpcNextPage != nil
	}
	_, err := client.DeleteBucket(ctx, objectstorage.DeleteBucketRequest{NamespaceName: &namespace, BucketName: &name})
	must(t, err)
}
