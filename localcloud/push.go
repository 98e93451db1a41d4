package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/endpoint"
)

// repositoryOutput is the stack's output that names its code repository.
const repositoryOutput = "deliveryRepositoryUrl"

type pushCmd struct {
	outputsCmd
	Refspec string `arg:"" optional:"" help:"What to push, as for git push." default:"HEAD:refs/heads/main"`
}

// Run pushes commits of the working directory to the stack's code repository. What a person in a
// tenancy does once by hand, it does each time: it gets the administrator an auth token
// to log in with, and takes it back.
func (p *pushCmd) Run(ctx context.Context, g *globals) error {
	outputs, e, err := p.read(ctx, g)
	if err != nil {
		return err
	}
	url, _ := outputs[repositoryOutput].Value.(string)
	if url == "" {
		return fmt.Errorf("stack %s has no code repository: set delivery.enabled to true in Pulumi.%s.yaml and run up", p.Stack, p.Stack)
	}
	return pushTo(ctx, e, url, p.Refspec)
}

func pushTo(ctx context.Context, e endpoint.Endpoint, url, refspec string) (err error) {
	credentials, err := common.ConfigurationProviderFromFile(e.ConfigFile, "")
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	people, err := identity.NewIdentityClientWithConfigurationProvider(credentials)
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	user, err := people.GetUser(ctx, identity.GetUserRequest{UserId: &e.UserID})
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	tenancy, err := people.GetTenancy(ctx, identity.GetTenancyRequest{TenancyId: &e.TenancyID})
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	token, err := people.CreateAuthToken(ctx, identity.CreateAuthTokenRequest{
		UserId: &e.UserID, CreateAuthTokenDetails: identity.CreateAuthTokenDetails{Description: common.String("localcloud push")},
	})
	if err != nil {
		return fmt.Errorf("push: getting an auth token, of which a user may have two: %w", err)
	}
	defer func() {
		_, gone := people.DeleteAuthToken(context.WithoutCancel(ctx), identity.DeleteAuthTokenRequest{UserId: &e.UserID, AuthTokenId: token.Id})
		err = errors.Join(err, gone)
	}()
	login := base64.StdEncoding.EncodeToString([]byte(*tenancy.Name + "/" + *user.Name + ":" + *token.Token))
	git := exec.CommandContext(ctx, "git", "push", url, refspec)
	git.Stdout, git.Stderr = os.Stdout, os.Stderr
	// In the environment, for arguments are seen by everybody on the machine.
	git.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=http."+url+".extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+login)
	for name, value := range e.Environment() {
		git.Env = append(git.Env, name+"="+value)
	}
	if err := git.Run(); err != nil {
		return fmt.Errorf("git push %s %s: %w", url, refspec, err)
	}
	fmt.Println("Pushed. What it starts is in the logs: localcloud logs -f")
	return nil
}
